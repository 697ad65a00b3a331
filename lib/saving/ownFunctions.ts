/** Functions of a user's own that Keras' files name: activations, losses, metrics. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkFunction } from "../checks";
import { InvalidArgumentError } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { registerUserClass, tf } from "../tfjs";
import { field } from "./json";
import { registeredNameParts } from "./ownLayers";

/** An activation of one tensor, or a loss or metric of labels and predictions. */
export type OwnFunction = ((x: Tensor) => Tensor) | ((yTrue: Tensor, yPred: Tensor) => Tensor);

const functions = new Map<string, OwnFunction>();
const names = new WeakMap<OwnFunction, string>();

/**
 * Makes a function of one's own known to `loadModel`, and to Keras what `saveModel` writes of it: an activation
 * `(x) => y`, or a loss or metric `(yTrue, yPred) => values`.
 *
 * In Python the function has `@keras.saving.register_keras_serializable(package="mine")`. A loss or metric gives a value
 * for each sample, or one for all; it is averaged as Keras does it.
 *
 * @param registeredName Package and function, such as `"mine>wave"`; of a function alone, Keras' package `Custom`.
 * @param fn The function; what it makes besides its result, it disposes. Layers take it as the activation
 * `registeredName`, `compile` as it is.
 * @throws InvalidArgumentError for another name than Python may have, or a function that is registered otherwise.
 * @example
 * import { loadModel, registerKerasFunction, tf } from "convnets";
 * registerKerasFunction("mine>wave", (x: tf.Tensor) => tf.sin(x));
 * registerKerasFunction("mine>cubed", (yTrue: tf.Tensor, yPred: tf.Tensor) =>
 *   tf.tidy(() => tf.mean(tf.pow(tf.abs(tf.sub(yTrue, yPred)), 3), -1)),
 * );
 * const model = await loadModel("model.keras");
 * @see https://keras.io/api/models/model_saving_apis/serialization_utils/
 */
export function registerKerasFunction(registeredName: string, fn: OwnFunction): void {
  const { inPackage, name } = registeredNameParts(registeredName, "mine>wave");
  checkFunction("fn", fn, { what: "a function of tensors", required: true });
  const full = `${inPackage}>${name}`;
  const before = names.get(fn);
  if (before !== undefined && before !== full) {
    throw new InvalidArgumentError(`This function is registered as "${before}" already`, {
      hint: "Keras' files have one name for it.",
    });
  }
  functions.set(full, fn);
  names.set(fn, full);
  const activation = class extends tf.serialization.Serializable {
    static className = full;

    apply(x: Tensor): Tensor {
      return (fn as (x: Tensor) => Tensor)(x);
    }

    override getConfig() {
      return {};
    }
  };
  registerUserClass(activation);
}

/** The function that a file names, and its name; undefined for any that isn't registered. */
export function ownFunctionOf(value: Json): OwnFunction | undefined {
  const name = isObject(value) ? field(value, "config") : value;
  return typeof name === "string" ? functions.get(name) : undefined;
}

/** The name of a registered function, with its package. */
export function ownNameOf(fn: OwnFunction): string {
  return names.get(fn)!;
}

/** What Keras' logs call it: its name without the package. */
export const titleOfOwn = (fn: OwnFunction): string => ownNameOf(fn).replace(/^.*>/, "");

/** Keras' description of a function, or of an activation by its name; undefined for any that isn't registered. */
export function describeOwn(value: unknown): JsonObject | undefined {
  const name = typeof value === "string" ? value : names.get(value as OwnFunction);
  if (name === undefined || !functions.has(name)) return undefined;
  return { module: "builtins", class_name: "function", config: name, registered_name: "function" };
}
