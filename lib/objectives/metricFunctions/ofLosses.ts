/** Losses as metrics: means over whole epochs. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { rejectUnknownOptions } from "../../checks";
import { tf } from "../../tfjs";
import { makeNamedLoss } from "../lossNames";
import { type KerasMetric, type MetricOptions, makeMean } from "../metric";

type PlainLoss =
  | "meanSquaredError"
  | "meanAbsoluteError"
  | "meanAbsolutePercentageError"
  | "meanSquaredLogarithmicError"
  | "hinge"
  | "squaredHinge"
  | "categoricalHinge"
  | "klDivergence"
  | "poisson";

function ofLoss(
  kind: string,
  given: MetricOptions,
  loss: PlainLoss | "logCosh" = kind as PlainLoss,
): KerasMetric {
  rejectUnknownOptions(given, { name: true }, `metrics.${kind}`);
  const values = makeNamedLoss(loss, {});
  // The labels of another loss may be whole numbers.
  return makeMean(kind, given, {
    values: (yTrue: Tensor, yPred: Tensor) => values(tf.cast(yTrue, "float32"), yPred),
  });
}

/**
 * The mean of squared errors.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.meanSquaredError();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/regression_metrics/#meansquarederror-class
 */
export const meanSquaredError = (options: MetricOptions = {}): KerasMetric =>
  ofLoss("meanSquaredError", options);

/**
 * The mean of absolute errors.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.meanAbsoluteError();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/regression_metrics/#meanabsoluteerror-class
 */
export const meanAbsoluteError = (options: MetricOptions = {}): KerasMetric =>
  ofLoss("meanAbsoluteError", options);

/**
 * The mean of absolute errors in per cent of the labels.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.meanAbsolutePercentageError();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/regression_metrics/#meanabsolutepercentageerror-class
 */
export const meanAbsolutePercentageError = (options: MetricOptions = {}): KerasMetric =>
  ofLoss("meanAbsolutePercentageError", options);

/**
 * The mean of squared errors of logarithms.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.meanSquaredLogarithmicError();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/regression_metrics/#meansquaredlogarithmicerror-class
 */
export const meanSquaredLogarithmicError = (options: MetricOptions = {}): KerasMetric =>
  ofLoss("meanSquaredLogarithmicError", options);

/**
 * How far outputs are from the right side of a margin; labels are -1 and 1, or 0 and 1.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.hinge();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/hinge_metrics/#hinge-class
 */
export const hinge = (options: MetricOptions = {}): KerasMetric => ofLoss("hinge", options);

/**
 * The square of how far outputs are from the right side of a margin.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.squaredHinge();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/hinge_metrics/#squaredhinge-class
 */
export const squaredHinge = (options: MetricOptions = {}): KerasMetric =>
  ofLoss("squaredHinge", options);

/**
 * How far the right class is from a margin before the strongest other one; labels are one-hot.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.categoricalHinge();
 * model.compile({ optimizer: "adam", loss: "categoricalHinge", metrics: [measured] });
 * @see https://keras.io/api/metrics/hinge_metrics/#categoricalhinge-class
 */
export const categoricalHinge = (options: MetricOptions = {}): KerasMetric =>
  ofLoss("categoricalHinge", options);

/**
 * How far one distribution is from another (Kullback and Leibler).
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softmax", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.klDivergence();
 * model.compile({ optimizer: "adam", loss: "kl_divergence", metrics: [measured] });
 * @see https://keras.io/api/metrics/probabilistic_metrics/#kldivergence-class
 */
export const klDivergence = (options: MetricOptions = {}): KerasMetric =>
  ofLoss("klDivergence", options);

/**
 * For counts, whose outputs are the means of Poisson's distribution.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.poisson();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/probabilistic_metrics/#poisson-class
 */
export const poisson = (options: MetricOptions = {}): KerasMetric => ofLoss("poisson", options);

/**
 * The logarithm of the hyperbolic cosine of errors. Keras calls it `logcosh` in its logs.
 *
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { metrics, tf } from "convnets";
 * const head = tf.layers.dense({ units: 3, activation: "softplus", inputShape: [8] });
 * const model = tf.sequential({ layers: [head] });
 * const measured = metrics.logCoshError();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/regression_metrics/#logcosherror-class
 */
export const logCoshError = (options: MetricOptions = {}): KerasMetric =>
  ofLoss("logCoshError", options, "logCosh");
