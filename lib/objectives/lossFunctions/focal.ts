/** Cross-entropies that look at hard samples, or away from wrong labels. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  checkBoolean,
  checkList,
  checkNumber,
  checkWhole,
  rejectUnknownOptions,
} from "../../checks";
import { invalidArgument } from "../../errors";
import { tf } from "../../tfjs";
import { binaryElements, smoothing } from "../crossentropy";
import { type KerasLoss, type LossOptions, lossOptions, makeLoss } from "../loss";
import type { CrossentropyOptions } from "./crossentropies";

/** Options of `losses.binaryFocalCrossentropy`. */
export interface BinaryFocalOptions extends CrossentropyOptions {
  /** Whether labels of 1 weigh `alpha`, and those of 0 the rest. @default false */
  applyClassBalancing?: boolean;
  /** The weight of labels of 1. @default 0.25 */
  alpha?: number;
  /** How much less what is easy counts; 0 is a cross-entropy. @default 2 */
  gamma?: number;
  /** Which axis a mean is taken over. @default -1 */
  axis?: number;
}

/** Options of `losses.categoricalFocalCrossentropy`. */
export interface CategoricalFocalOptions extends CrossentropyOptions {
  /** The weight of all classes, or one for each. @default 0.25 */
  alpha?: number | readonly number[];
  /** How much less what is easy counts; 0 is a cross-entropy. @default 2 */
  gamma?: number;
  /** The axis of the classes. @default -1 */
  axis?: number;
}

/** Options of `losses.categoricalGeneralizedCrossEntropy`. */
export interface GeneralizedCrossEntropyOptions extends LossOptions {
  /** Between a cross-entropy (towards 0) and an absolute error (towards 1). @default 0.5 */
  q?: number;
}

const epsilon = 1e-7;
const known = {
  alpha: true,
  gamma: true,
  axis: true,
  fromLogits: true,
  labelSmoothing: true,
  ...lossOptions,
} as const;
const isWeight = (item: unknown) => typeof item === "number" && item >= 0 && item < Infinity;

/**
 * The binary cross-entropy with less weight for what is easy: for few objects before much background.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * const loss = losses.binaryFocalCrossentropy({ applyClassBalancing: true, fromLogits: true });
 * model.compile({ optimizer: "adam", loss });
 * @see https://keras.io/api/losses/probabilistic_losses/#binaryfocalcrossentropy-class
 */
export const binaryFocalCrossentropy = (options: BinaryFocalOptions = {}): KerasLoss => {
  const all = { ...known, applyClassBalancing: true } as const;
  rejectUnknownOptions(options, all, "losses.binaryFocalCrossentropy");
  const { applyClassBalancing = false, alpha = 0.25, gamma = 2, axis = -1 } = options;
  const { fromLogits, labelSmoothing } = smoothing(options);
  checkBoolean("applyClassBalancing", applyClassBalancing);
  checkNumber("alpha", alpha, { low: 0, high: 1 });
  checkNumber("gamma", gamma, { low: 0 });
  checkWhole("axis", axis, { low: -8, high: 8 });
  const losses = (yTrue: Tensor, yPred: Tensor) => {
    const y = tf.add(tf.mul(yTrue, 1 - labelSmoothing), 0.5 * labelSmoothing);
    const p = fromLogits ? tf.sigmoid(yPred) : yPred;
    const entropy = binaryElements(y, p, fromLogits ? { logits: yPred } : {});
    const right = tf.add(tf.mul(y, p), tf.mul(tf.sub(1, y), tf.sub(1, p)));
    let values = tf.mul(tf.pow(tf.sub(1, right), gamma), entropy);
    if (applyClassBalancing) {
      values = tf.mul(tf.add(tf.mul(y, alpha), tf.mul(tf.sub(1, y), 1 - alpha)), values);
    }
    return tf.mean(values, axis);
  };
  return makeLoss("binaryFocalCrossentropy", {
    given: options,
    options: { applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing, axis },
    losses,
  });
};

/**
 * The categorical cross-entropy with less weight for what is easy, such as background pixels.
 *
 * @returns A function of one-hot labels and outputs, `[batch, …, classes]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const loss = losses.categoricalFocalCrossentropy({ alpha: [0.1, 0.45, 0.45] });
 * model.compile({ optimizer: "adam", loss });
 * @see https://keras.io/api/losses/probabilistic_losses/#categoricalfocalcrossentropy-class
 */
export const categoricalFocalCrossentropy = (options: CategoricalFocalOptions = {}): KerasLoss => {
  rejectUnknownOptions(options, known, "losses.categoricalFocalCrossentropy");
  const { alpha = 0.25, gamma = 2, axis = -1 } = options;
  const { fromLogits, labelSmoothing } = smoothing(options);
  if (typeof alpha === "number") checkNumber("alpha", alpha, { low: 0 });
  else checkList("alpha", alpha, { what: "numbers of at least 0", fits: isWeight });
  checkNumber("gamma", gamma, { low: 0 });
  checkWhole("axis", axis, { low: -8, high: 8 });
  const losses = (yTrue: Tensor, yPred: Tensor) => {
    const classes = yTrue.shape.at(-1)!;
    if (typeof alpha !== "number" && alpha.length !== classes) {
      throw invalidArgument("alpha", { expected: `${classes} numbers`, received: alpha });
    }
    const y = tf.add(tf.mul(yTrue, 1 - labelSmoothing), labelSmoothing / classes);
    const given = fromLogits ? softmax(yPred, axis) : yPred;
    const p = tf.clipByValue(tf.div(given, tf.sum(given, axis, true)), epsilon, 1 - epsilon);
    const entropy = tf.mul(tf.neg(y), tf.log(p));
    const weight = typeof alpha === "number" ? alpha : tf.tensor1d([...alpha]);
    return tf.sum(tf.mul(tf.mul(tf.pow(tf.sub(1, p), gamma), weight), entropy), axis);
  };
  return makeLoss("categoricalFocalCrossentropy", {
    given: options,
    options: { alpha, gamma, fromLogits, labelSmoothing, axis },
    losses,
  });
};

/** tfjs has it for the last axis only. */
function softmax(x: Tensor, axis: number): Tensor {
  const powers = tf.exp(tf.sub(x, tf.max(x, axis, true)));
  return tf.div(powers, tf.sum(powers, axis, true));
}

/**
 * A loss for labels some of which are wrong.
 *
 * As in Keras, labels of `[batch, 1]` are compared with the outputs of all samples, which is hardly what is meant: give
 * `[batch]`.
 *
 * @returns A function of labels `[batch]` int32 and probabilities `[batch, classes]` float32; it gives `[batch]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * model.compile({ optimizer: "adam", loss: losses.categoricalGeneralizedCrossEntropy({ q: 0.7 }) });
 * @see https://arxiv.org/abs/1805.07836
 */
export const categoricalGeneralizedCrossEntropy = (
  options: GeneralizedCrossEntropyOptions = {},
): KerasLoss => {
  const name = "categoricalGeneralizedCrossEntropy";
  rejectUnknownOptions(options, { q: true, ...lossOptions }, `losses.${name}`);
  const { q = 0.5 } = options;
  checkNumber("q", q, { above: 0, below: 1 });
  const losses = (yTrue: Tensor, yPred: Tensor) => {
    const chosen = tf.oneHot(tf.cast(yTrue, "int32"), yPred.shape.at(-1)!);
    const p = tf.sum(tf.mul(yPred, tf.cast(chosen, "float32")), -1);
    return tf.div(tf.sub(1, tf.pow(p, q)), q);
  };
  return makeLoss(name, { given: options, options: { q }, losses, labels: "numbers" });
};
