/** Means over samples. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole, rejectUnknownOptions } from "../../checks";
import { DType, runKernel, tf } from "../../tfjs";
import { type KerasMetric, type MetricOptions, makeMean, makeMetric, meanOf } from "../metric";

/** Options of `metrics.topKCategoricalAccuracy` and `metrics.sparseTopKCategoricalAccuracy`. */
export interface TopKOptions extends MetricOptions {
  /** Among how many of the largest outputs the right class must be. @default 5 */
  k?: number;
}

/** Whether each label's output is among the k largest; of equal ones, all are. */
function isAmong(labels: Tensor, yPred: Tensor, k: number): Tensor {
  const rows = tf.reshape(yPred, [-1, yPred.shape.at(-1)!]);
  const numbers = tf.reshape(tf.cast(labels, "int32"), [-1]);
  const inputs = [rows, numbers, tf.scalar(k, "int32")];
  const [found] = runKernel("InTopKV2", inputs, { attrs: { T: { type: DType.int32 } } });
  return tf.reshape(found!, yPred.shape.slice(0, -1));
}

function topK(
  kind: string,
  options: TopKOptions,
  labelsOf: (yTrue: Tensor) => Tensor,
): KerasMetric {
  rejectUnknownOptions(options, { k: true, name: true }, `metrics.${kind}`);
  const { k = 5 } = options;
  checkWhole("k", k, { low: 1 });
  const values = (yTrue: Tensor, yPred: Tensor) => isAmong(labelsOf(yTrue), yPred, k);
  return makeMean(kind, options, { options: { k }, values });
}

/**
 * How often the class of a one-hot label is among the k largest outputs.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.topKCategoricalAccuracy({ k: 2 });
 * model.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/accuracy_metrics/#topkcategoricalaccuracy-class
 */
export const topKCategoricalAccuracy = (options: TopKOptions = {}): KerasMetric =>
  topK("topKCategoricalAccuracy", options, (yTrue) => tf.argMax(yTrue, -1));

/**
 * How often a class number is that of one of the k largest outputs.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.sparseTopKCategoricalAccuracy({ k: 2 });
 * model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/accuracy_metrics/#sparsetopkcategoricalaccuracy-class
 */
export const sparseTopKCategoricalAccuracy = (options: TopKOptions = {}): KerasMetric =>
  topK("sparseTopKCategoricalAccuracy", options, (yTrue) => yTrue);

/**
 * The root of the mean of squared errors, of all samples of an epoch.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.rootMeanSquaredError();
 * model.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/regression_metrics/#rootmeansquarederror-class
 */
export const rootMeanSquaredError = (options: MetricOptions = {}): KerasMetric => {
  rejectUnknownOptions(options, { name: true }, "metrics.rootMeanSquaredError");
  const squares = (yTrue: Tensor, yPred: Tensor) => tf.mean(tf.square(tf.sub(yPred, yTrue)), -1);
  return makeMetric("rootMeanSquaredError", options, {
    options: {},
    metric: (output) => {
      const mean = meanOf(squares, output);
      return { ...mean, result: (numbers) => Math.sqrt(mean.result(numbers)) };
    },
  });
};
