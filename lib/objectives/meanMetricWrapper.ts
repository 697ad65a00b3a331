/** Functions as metrics, under names of one's own. */
import { checkFunction, checkText, rejectUnknownOptions } from "../checks";
import type { LossOrMetric } from "../tfjs";
import type { MetricOptions } from "./metric";
import { type RenamedMetric, renamedMetric } from "./metrics";

/**
 * A function as a metric under a name of one's own; `compile` takes the function itself under its own name.
 *
 * @param fn Gives, of labels and outputs, a value for each sample: their mean over an epoch is the metric.
 * @param options What every metric takes.
 * @returns A function of labels and outputs; it gives a float32 scalar, the value of that batch.
 * @throws InvalidArgumentError for what is no function, and for an unknown option.
 * @example
 * import { metrics, tf } from "convnets";
 * const largest = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.max(tf.abs(tf.sub(yTrue, yPred)), -1);
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [8] })] });
 * const measured = metrics.meanMetricWrapper(largest, { name: "largestError" });
 * model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: [measured] });
 * @see https://keras.io/api/metrics/reduction_metrics/#meanmetricwrapper-class
 */
export function meanMetricWrapper(fn: LossOrMetric, options: MetricOptions = {}): RenamedMetric {
  rejectUnknownOptions(options, { name: true }, "metrics.meanMetricWrapper");
  checkFunction("fn", fn, { what: "a function of labels and outputs", required: true });
  const { name = fn.name || "mean_metric_wrapper" } = options;
  checkText("name", name, { what: "a name" });
  return renamedMetric(fn, name);
}
