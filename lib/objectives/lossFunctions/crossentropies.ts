/** Cross-entropies, which look for the logits behind probabilities. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkWhole, rejectUnknownOptions } from "../../checks";
import { tf } from "../../tfjs";
import { type Crossentropy, crossentropyLosses, smoothing } from "../crossentropy";
import { type KerasLoss, type LossOptions, lossOptions, makeLoss } from "../loss";

/** Options of the cross-entropies. */
export interface CrossentropyOptions extends LossOptions {
  /** The model's outputs are logits, not probabilities. @default false */
  fromLogits?: boolean;
  /** How far labels are pulled towards uniform, in [0, 1]. @default 0 */
  labelSmoothing?: number;
}

/** Options of `losses.binaryCrossentropy`. */
export interface BinaryCrossentropyOptions extends CrossentropyOptions {
  /** Which axis a mean is taken over. @default -1 */
  axis?: number;
}

/** Options of `losses.sparseCategoricalCrossentropy`. */
export interface SparseCrossentropyOptions extends LossOptions {
  /** The model's outputs are logits, not probabilities. @default false */
  fromLogits?: boolean;
  /** A class number that doesn't count, such as that of unlabelled pixels; it may lie outside the classes. @default none */
  ignoreClass?: number | null;
}

const known = { fromLogits: true, labelSmoothing: true, ...lossOptions } as const;
const sparse = { fromLogits: true, ignoreClass: true, ...lossOptions } as const;

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
export const binaryCrossentropy = (options: BinaryCrossentropyOptions = {}): KerasLoss => {
  const name = "binaryCrossentropy";
  rejectUnknownOptions(options, { ...known, axis: true }, `losses.${name}`);
  const { axis = -1 } = options;
  checkWhole("axis", axis, { low: -8, high: 8 });
  const all = { ...smoothing(options), axis };
  const loss: Crossentropy = { name, ...all };
  const losses = (yTrue: Tensor, yPred: Tensor) => crossentropyLosses(loss, yTrue, yPred);
  return makeLoss(name, { given: options, options: all, losses });
};

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
export const categoricalCrossentropy = (options: CrossentropyOptions = {}): KerasLoss => {
  const name = "categoricalCrossentropy";
  rejectUnknownOptions(options, known, `losses.${name}`);
  const all = smoothing(options);
  const loss: Crossentropy = { name, ...all };
  const losses = (yTrue: Tensor, yPred: Tensor) => crossentropyLosses(loss, yTrue, yPred);
  return makeLoss(name, { given: options, options: all, losses });
};

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
