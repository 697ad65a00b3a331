/** Losses of numbers, and of probabilities as such. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkNumber, checkWhole, rejectUnknownOptions } from "../../checks";
import { type LossOrMetric, tf } from "../../tfjs";
import { type KerasLoss, type LossOptions, lossOptions, makeLoss } from "../loss";

/** Options of `losses.huber`. */
export interface HuberOptions extends LossOptions {
  /** Up to which error the square counts; beyond it grows evenly. @default 1 */
  delta?: number;
}

/** Options of `losses.cosineSimilarity`. */
export interface CosineOptions extends LossOptions {
  /** The axis of a vector. @default -1 */
  axis?: number;
}

const epsilon = 1e-7;

/** A loss without settings of its own. */
export function plainLoss(name: string, given: LossOptions, losses: LossOrMetric): KerasLoss {
  rejectUnknownOptions(given, { ...lossOptions }, `losses.${name}`);
  return makeLoss(name, { given, options: {}, losses });
}

/**
 * The mean of squared errors.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.meanSquaredError() });
 * @see https://keras.io/api/losses/regression_losses/#meansquarederror-class
 */
export const meanSquaredError = (options: LossOptions = {}): KerasLoss =>
  plainLoss("meanSquaredError", options, (yTrue, yPred) =>
    tf.mean(tf.square(tf.sub(yPred, yTrue)), -1),
  );

/**
 * The mean of absolute errors.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.meanAbsoluteError() });
 * @see https://keras.io/api/losses/regression_losses/#meanabsoluteerror-class
 */
export const meanAbsoluteError = (options: LossOptions = {}): KerasLoss =>
  plainLoss("meanAbsoluteError", options, (yTrue, yPred) =>
    tf.mean(tf.abs(tf.sub(yPred, yTrue)), -1),
  );

/**
 * The mean of absolute errors in per cent of the labels.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.meanAbsolutePercentageError() });
 * @see https://keras.io/api/losses/regression_losses/#meanabsolutepercentageerror-class
 */
export const meanAbsolutePercentageError = (options: LossOptions = {}): KerasLoss =>
  plainLoss("meanAbsolutePercentageError", options, (yTrue, yPred) => {
    const size = tf.maximum(tf.abs(yTrue), epsilon);
    return tf.mul(100, tf.mean(tf.abs(tf.div(tf.sub(yTrue, yPred), size)), -1));
  });

/**
 * The mean of squared errors of logarithms: for numbers of very different sizes.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.meanSquaredLogarithmicError() });
 * @see https://keras.io/api/losses/regression_losses/#meansquaredlogarithmicerror-class
 */
export const meanSquaredLogarithmicError = (options: LossOptions = {}): KerasLoss =>
  plainLoss("meanSquaredLogarithmicError", options, (yTrue, yPred) => {
    const logarithm = (x: Tensor) => tf.log(tf.add(1, tf.maximum(x, epsilon)));
    return tf.mean(tf.square(tf.sub(logarithm(yPred), logarithm(yTrue))), -1);
  });

/**
 * The square of small errors and the size of large ones: for labels with outliers.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.huber({ delta: 0.5 }) });
 * @see https://keras.io/api/losses/regression_losses/#huber-class
 */
export const huber = (options: HuberOptions = {}): KerasLoss => {
  rejectUnknownOptions(options, { delta: true, ...lossOptions }, "losses.huber");
  const { delta = 1 } = options;
  checkNumber("delta", delta, { above: 0 });
  const losses = (yTrue: Tensor, yPred: Tensor) => {
    const error = tf.sub(yPred, yTrue);
    const size = tf.abs(error);
    const far = tf.sub(tf.mul(delta, size), 0.5 * delta ** 2);
    return tf.mean(tf.where(tf.lessEqual(size, delta), tf.mul(0.5, tf.square(error)), far), -1);
  };
  return makeLoss("huber", { given: options, options: { delta }, losses });
};

/**
 * The logarithm of the hyperbolic cosine of errors: a smooth `huber`.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.logCosh() });
 * @see https://keras.io/api/losses/regression_losses/#logcosh-class
 */
export const logCosh = (options: LossOptions = {}): KerasLoss =>
  plainLoss("logCosh", options, (yTrue, yPred) => {
    const error = tf.sub(yPred, yTrue);
    return tf.mean(tf.sub(tf.add(error, tf.softplus(tf.mul(-2, error))), Math.log(2)), -1);
  });

/** The similarity of vectors along an axis. */
function similarity(yTrue: Tensor, yPred: Tensor, axis: number): Tensor {
  return tf.sum(tf.mul(normalized(yTrue, axis), normalized(yPred, axis)), axis);
}

function normalized(x: Tensor, axis: number): Tensor {
  const inverse = tf.rsqrt(tf.sum(tf.square(x), axis, true));
  return tf.mul(x, tf.minimum(inverse, 1 / epsilon));
}

/**
 * Minus the cosine of the angle between two vectors: -1 where they point the same way.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.cosineSimilarity() });
 * @see https://keras.io/api/losses/regression_losses/#cosinesimilarity-class
 */
export const cosineSimilarity = (options: CosineOptions = {}): KerasLoss => {
  rejectUnknownOptions(options, { axis: true, ...lossOptions }, "losses.cosineSimilarity");
  const { axis = -1 } = options;
  checkWhole("axis", axis, { low: -8, high: 8 });
  const losses = (yTrue: Tensor, yPred: Tensor) => tf.neg(similarity(yTrue, yPred, axis));
  return makeLoss("cosineSimilarity", { given: options, options: { axis }, losses });
};

/**
 * How far one distribution is from another (Kullback and Leibler).
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.klDivergence() });
 * @see https://keras.io/api/losses/probabilistic_losses/#kldivergence-class
 */
export const klDivergence = (options: LossOptions = {}): KerasLoss =>
  plainLoss("klDivergence", options, (yTrue, yPred) => {
    const clipped = (x: Tensor) => tf.clipByValue(x, epsilon, 1);
    const labels = clipped(yTrue);
    return tf.sum(tf.mul(labels, tf.log(tf.div(labels, clipped(yPred)))), -1);
  });

/**
 * For counts, whose outputs are the means of Poisson's distribution.
 *
 * @returns A function of labels and outputs, `[batch, …, units]` float32 each; it gives `[batch, …]` float32.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { losses, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: "adam", loss: losses.poisson() });
 * @see https://keras.io/api/losses/probabilistic_losses/#poisson-class
 */
export const poisson = (options: LossOptions = {}): KerasLoss =>
  plainLoss("poisson", options, (yTrue, yPred) =>
    tf.mean(tf.sub(yPred, tf.mul(yTrue, tf.log(tf.add(yPred, epsilon)))), -1),
  );
