/** Names of what was given none, as Keras 3.15.1 counts them: `conv2d`, `conv2d_1`, `max_pooling2d`, … */

/** How many of each name there were. */
const counts = new Map<string, number>();

/** Classes that Keras exports under another name than the one they have in Python. */
const namesInPython: Record<string, string> = { GroupQueryAttention: "GroupedQueryAttention" };

/**
 * The name Keras derives from a class: `Conv2DTranspose` → `conv2d_transpose`, `ReLU` → `re_lu`.
 *
 * @see keras/src/utils/naming.py, to_snake_case
 */
export function classToSnakeCase(className: string): string {
  return (namesInPython[className] ?? className)
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** The name that Keras has for a class of tfjs or of this library. */
export function kerasClassName(className: string): string {
  return className === "Model" ? "Functional" : className;
}

/** The name of the next object of a class, without a number for the first. */
export function nextName(className: string): string {
  const plain = classToSnakeCase(kerasClassName(className));
  // tfjs begins the names of weights with that of the layer, and none with an underscore.
  const name = plain.startsWith("_") ? `private${plain}` : plain;
  const count = counts.get(name) ?? 0;
  counts.set(name, count + 1);
  return count === 0 ? name : `${name}_${count}`;
}

/**
 * Counts layers and models anew: the next dense layer is called `dense` again.
 *
 * What there is keeps its name, its weights and its memory; models are freed with `model.dispose()`.
 *
 * @example
 * import { clearSession, tf } from "convnets";
 * tf.layers.dense({ units: 1 });
 * clearSession();
 * console.log(tf.layers.dense({ units: 1 }).name); // dense
 * @see https://keras.io/api/utils/config_utils/#clearsession-function
 */
export function clearSession(): void {
  counts.clear();
}
