/** How often outputs say what labels do. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkNumber, rejectUnknownOptions } from "../../checks";
import { type LossOrMetric, tf } from "../../tfjs";
import { isRight, isRightClass, isRightNumber } from "../accuracies";
import { type KerasMetric, type MetricOptions, makeMean } from "../metric";

/** Options of `metrics.binaryAccuracy`. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** Above which output a label of 1 is meant. @default 0.5 */
  threshold?: number;
}

function plain(kind: string, given: MetricOptions, values: LossOrMetric): KerasMetric {
  rejectUnknownOptions(given, { name: true }, `metrics.${kind}`);
  return makeMean(kind, given, { values });
}

/**
 * How often outputs are equal to labels, number by number.
 *
 * The name `"accuracy"` in `compile` isn't this: as in Keras, it is that of the other accuracies that goes with the
 * shapes.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.accuracy();
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/accuracy_metrics/#accuracy-class
 */
export const accuracy = (options: MetricOptions = {}): KerasMetric =>
  plain("accuracy", options, (yTrue, yPred) =>
    tf.mean(tf.cast(tf.equal(tf.cast(yTrue, "float32"), yPred), "float32"), -1),
  );

/**
 * How often outputs above a threshold have labels of 1, and others labels of 0.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.binaryAccuracy({ threshold: 0.3 });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/accuracy_metrics/#binaryaccuracy-class
 */
export const binaryAccuracy = (options: BinaryAccuracyOptions = {}): KerasMetric => {
  rejectUnknownOptions(options, { threshold: true, name: true }, "metrics.binaryAccuracy");
  const { threshold = 0.5 } = options;
  checkNumber("threshold", threshold);
  const values = (yTrue: Tensor, yPred: Tensor) => isRight(yTrue, yPred, threshold);
  return makeMean("binaryAccuracy", options, { options: { threshold }, values });
};

/**
 * How often the largest output is that of a one-hot label's class.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.categoricalAccuracy();
 * model.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/accuracy_metrics/#categoricalaccuracy-class
 */
export const categoricalAccuracy = (options: MetricOptions = {}): KerasMetric =>
  plain("categoricalAccuracy", options, isRightClass);

/**
 * How often the largest output is that of a class number.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.sparseCategoricalAccuracy();
 * model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/accuracy_metrics/#sparsecategoricalaccuracy-class
 */
export const sparseCategoricalAccuracy = (options: MetricOptions = {}): KerasMetric =>
  plain("sparseCategoricalAccuracy", options, isRightNumber);
