/** Cross-entropies, which look for the logits behind probabilities. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, checkWhole, rejectUnknownOptions } from "../../checks";
import { tf } from "../../tfjs";
import { type Crossentropy, crossentropyLosses } from "../crossentropy";
import { type KerasLoss, type LossOptions, makeLoss } from "../loss";

/** Options of the cross-entropies. */
export interface CrossentropyOptions extends LossOptions {
  /** The model's outputs are logits, not probabilities. @default false */
  fromLogits?: boolean;
  /** How far labels are pulled towards uniform, in [0, 1]. @default 0 */
  labelSmoothing?: number;
}

/** Options of `losses.sparseCategoricalCrossentropy`. */
export interface SparseCrossentropyOptions extends LossOptions {
  /** The model's outputs are logits, not probabilities. @default false */
  fromLogits?: boolean;
  /** A class number that doesn't count, such as that of unlabelled pixels; it may lie outside the classes. @default none */
  ignoreClass?: number | null;
}

const known = { fromLogits: true, labelSmoothing: true, reduction: true } as const;
const sparse = { fromLogits: true, ignoreClass: true, reduction: true } as const;

/** The options that are checked, with what is left out. */
export function smoothing(
  options: CrossentropyOptions,
): Pick<Crossentropy, "fromLogits" | "labelSmoothing"> {
  const { fromLogits: areLogits = false, labelSmoothing = 0 } = options;
  checkBoolean("fromLogits", areLogits);
  checkNumber("labelSmoothing", labelSmoothing, { low: 0, high: 1 });
  return { fromLogits: areLogits, labelSmoothing };
}

function dense(
  name: "binaryCrossentropy" | "categoricalCrossentropy",
  given: CrossentropyOptions,
): KerasLoss {
  rejectUnknownOptions(given, known, `losses.${name}`);
  const options = smoothing(given);
  const crossentropy: Crossentropy = { name, ...options };
  const losses = (yTrue: Tensor, yPred: Tensor) => crossentropyLosses(crossentropy, yTrue, yPred);
  return makeLoss(name, { given, options, losses });
}

/**
 * Labels 0 or 1, one sigmoid (or logit) each.
 *
 * @returns A function of labels and outputs, `[batch, units]` float32 each; it gives `[batch]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.binaryCrossentropy({ fromLogits: true }) });
 * @see https://keras.io/api/losses/probabilistic_losses/#binarycrossentropy-class
 */
export const binaryCrossentropy = (options: CrossentropyOptions = {}): KerasLoss =>
  dense("binaryCrossentropy", options);

/**
 * One-hot labels, softmax probabilities (or logits).
 *
 * @returns A function of labels and outputs, `[batch, classes]` float32 each; it gives `[batch]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 10, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.categoricalCrossentropy({ fromLogits: true }) });
 * @see https://keras.io/api/losses/probabilistic_losses/#categoricalcrossentropy-class
 */
export const categoricalCrossentropy = (options: CrossentropyOptions = {}): KerasLoss =>
  dense("categoricalCrossentropy", options);

/**
 * Integer labels, softmax probabilities (or logits).
 *
 * @returns A function of labels `[batch, …]` int32 and outputs `[batch, …, classes]` float32; it gives `[batch, …]`
 *   float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 10, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.sparseCategoricalCrossentropy({ ignoreClass: 255 }) });
 * @see https://keras.io/api/losses/probabilistic_losses/#sparsecategoricalcrossentropy-class
 */
export const sparseCategoricalCrossentropy = (
  options: SparseCrossentropyOptions = {},
): KerasLoss => {
  const name = "sparseCategoricalCrossentropy";
  rejectUnknownOptions(options, sparse, `losses.${name}`);
  const { fromLogits: areLogits = false, ignoreClass = null } = options;
  checkBoolean("fromLogits", areLogits);
  checkWhole("ignoreClass", ignoreClass ?? undefined);
  // Keras, which looks for logits on the very tensor, finds none on what it has masked.
  const isLiteral = ignoreClass !== null;
  const loss: Crossentropy = { name, labelSmoothing: 0, fromLogits: areLogits, isLiteral };
  const counted = (yTrue: Tensor) => tf.notEqual(yTrue, tf.scalar(ignoreClass!, "int32"));
  const losses = (yTrue: Tensor, yPred: Tensor) => {
    if (ignoreClass === null) return crossentropyLosses(loss, yTrue, yPred);
    const counts = counted(yTrue);
    const values = crossentropyLosses(loss, tf.mul(yTrue, tf.cast(counts, "int32")), yPred);
    return tf.where(tf.reshape(counts, values.shape), values, tf.zerosLike(values));
  };
  return makeLoss(name, {
    given: options,
    options: { fromLogits: areLogits, ignoreClass },
    losses,
    labels: "classes",
    ...(isLiteral ? { counted } : {}),
  });
};
