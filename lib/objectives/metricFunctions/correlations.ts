/** How alike outputs and labels are, as vectors. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole, rejectUnknownOptions } from "../../checks";
import { tf } from "../../tfjs";
import { cosineSimilarity as cosineLoss } from "../lossFunctions";
import { type KerasMetric, type MetricOptions, makeMean } from "../metric";

/** Options of metrics of vectors. */
export interface AxisOptions extends MetricOptions {
  /** The axis of a vector. @default -1 */
  axis?: number;
}

/**
 * The cosine of the angle between two vectors: 1 where they point the same way, and not -1 as of the loss.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.cosineSimilarity();
 * model.compile({ optimizer: "adam", loss: "cosineSimilarity", metrics: [measured] });
 * @see https://keras.io/api/metrics/regression_metrics/#cosinesimilarity-class
 */
export const cosineSimilarity = (options: AxisOptions = {}): KerasMetric => {
  const { axis = -1 } = options;
  rejectUnknownOptions(options, { axis: true, name: true }, "metrics.cosineSimilarity");
  const loss = cosineLoss({ axis });
  const values = (yTrue: Tensor, yPred: Tensor) => tf.neg(loss(tf.cast(yTrue, "float32"), yPred));
  return makeMean("cosineSimilarity", options, { options: { axis }, values, ownCount: axis === 0 });
};

/** A correlation of each vector with its label. */
function correlation(
  kind: string,
  options: AxisOptions,
  valuesOf: (yTrue: Tensor, yPred: Tensor, axis: number) => Tensor,
): KerasMetric {
  rejectUnknownOptions(options, { axis: true, name: true }, `metrics.${kind}`);
  const { axis = -1 } = options;
  checkWhole("axis", axis, { low: -8, high: 8 });
  const values = (yTrue: Tensor, yPred: Tensor) => valuesOf(tf.cast(yTrue, "float32"), yPred, axis);
  return makeMean(kind, options, { options: { axis }, values, ownCount: axis === 0 });
}

function centred(x: Tensor, axis: number): Tensor {
  return tf.sub(x, tf.mean(x, axis, true));
}

/**
 * How far outputs grow with labels along an axis (Pearson), from -1 to 1; NaN of numbers that are all the same.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.pearsonCorrelation();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export const pearsonCorrelation = (options: AxisOptions = {}): KerasMetric =>
  correlation("pearsonCorrelation", options, (yTrue, yPred, axis) => {
    const scaled = (x: Tensor) => {
      const apart = centred(x, axis);
      return tf.div(apart, tf.sqrt(tf.mean(tf.square(centred(apart, axis)), axis, true)));
    };
    return tf.mean(tf.mul(scaled(yTrue), scaled(yPred)), axis);
  });

/**
 * How far outputs agree with labels along an axis (Lin), from -1 to 1.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.concordanceCorrelation();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export const concordanceCorrelation = (options: AxisOptions = {}): KerasMetric =>
  correlation("concordanceCorrelation", options, (yTrue, yPred, axis) => {
    const mean = (x: Tensor) => tf.mean(x, axis, true);
    const variance = (x: Tensor) => mean(tf.square(centred(centred(x, axis), axis)));
    // As in Keras, where labels are centred by the mean of the outputs.
    const common = tf.mul(tf.sub(yTrue, mean(yPred)), tf.sub(yPred, mean(yPred)));
    const shift = tf.square(tf.sub(mean(yTrue), mean(yPred)));
    const norm = tf.add(tf.add(variance(yTrue), variance(yPred)), shift);
    return tf.mean(tf.div(tf.mul(2, common), tf.add(norm, 1e-7)), axis);
  });
