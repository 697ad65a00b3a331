/** Cross-entropies as metrics: means over whole epochs. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { rejectUnknownOptions } from "../../checks";
import { tf } from "../../tfjs";
import { type Crossentropy, crossentropyLosses, smoothing } from "../crossentropy";
import { sparseCategoricalCrossentropy as sparseLoss } from "../lossFunctions";
import { type KerasMetric, type MetricOptions, makeMean } from "../metric";

/** Options of `metrics.binaryCrossentropy` and `metrics.categoricalCrossentropy`. */
export interface MeasuredCrossentropyOptions extends MetricOptions {
  /** The model's outputs are logits, not probabilities. @default false */
  fromLogits?: boolean;
  /** How far labels are pulled towards uniform, in [0, 1]. @default 0 */
  labelSmoothing?: number;
}

/** Options of `metrics.sparseCategoricalCrossentropy`. */
export interface MeasuredSparseCrossentropyOptions extends MetricOptions {
  /** The model's outputs are logits, not probabilities. @default false */
  fromLogits?: boolean;
  /** A class number whose samples count as 0, as in Keras. @default none */
  ignoreClass?: number | null;
}

function dense(
  name: "binaryCrossentropy" | "categoricalCrossentropy",
  given: MeasuredCrossentropyOptions,
): KerasMetric {
  const known = { fromLogits: true, labelSmoothing: true, name: true } as const;
  rejectUnknownOptions(given, known, `metrics.${name}`);
  const options = smoothing(given);
  const loss: Crossentropy = { name, ...options };
  const values = (yTrue: Tensor, yPred: Tensor) => crossentropyLosses(loss, yTrue, yPred);
  return makeMean(name, given, { options, values });
}

/**
 * The cross-entropy of labels 0 or 1.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "sigmoid", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.binaryCrossentropy({ labelSmoothing: 0.1 });
 * model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/probabilistic_metrics/#binarycrossentropy-class
 */
export const binaryCrossentropy = (options: MeasuredCrossentropyOptions = {}): KerasMetric =>
  dense("binaryCrossentropy", options);

/**
 * The cross-entropy of one-hot labels.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.categoricalCrossentropy({ labelSmoothing: 0.1 });
 * model.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/probabilistic_metrics/#categoricalcrossentropy-class
 */
export const categoricalCrossentropy = (options: MeasuredCrossentropyOptions = {}): KerasMetric =>
  dense("categoricalCrossentropy", options);

/**
 * The cross-entropy of class numbers.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.sparseCategoricalCrossentropy({ ignoreClass: 0 });
 * model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: [measured] });
 * @see https://keras.io/api/metrics/probabilistic_metrics/#sparsecategoricalcrossentropy-class
 */
export const sparseCategoricalCrossentropy = (
  options: MeasuredSparseCrossentropyOptions = {},
): KerasMetric => {
  const name = "sparseCategoricalCrossentropy";
  const known = { fromLogits: true, ignoreClass: true, name: true } as const;
  rejectUnknownOptions(options, known, `metrics.${name}`);
  const { fromLogits = false, ignoreClass = null } = options;
  const loss = sparseLoss({ fromLogits, ignoreClass });
  // The labels of another loss come as float32, and with an axis for themselves.
  const values = (yTrue: Tensor, yPred: Tensor) =>
    loss(tf.reshape(tf.cast(yTrue, "int32"), yPred.shape.slice(0, -1)), yPred);
  return makeMean(name, options, { options: { fromLogits, ignoreClass }, values });
};
