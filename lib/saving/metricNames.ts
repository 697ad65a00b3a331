/** Metrics by their names on both sides. */

import { describeValue } from "../errors";
import { isObject, type Json } from "../json";
import { isAuc, isRenamed, renamedMetric } from "../objectives";
import { tf } from "../tfjs";
import { isAucClass, readAuc, writeAuc } from "./auc";
import { checkDefaults, classNameFor, named, same } from "./describedNames";
import { field, ModelFileError } from "./json";

type MetricFunction = (typeof tf.metrics)["meanSquaredError"];

/** tfjs' metric: a name that `compile` knows, or a function where it knows none; Keras' names follow. */
const metrics: [metric: string | MetricFunction, name: string, ...others: string[]][] = [
  ["accuracy", "accuracy"],
  ["acc", "acc"],
  ["crossentropy", "crossentropy", "ce"],
  ["binaryAccuracy", "binary_accuracy"],
  ["categoricalAccuracy", "categorical_accuracy"],
  [tf.metrics.sparseCategoricalAccuracy, "sparse_categorical_accuracy"],
  ["precision", "precision"],
  ["auc", "auc"],
  ["AUC", "AUC"],
  [tf.metrics.recall as MetricFunction, "recall"],
  ["categoricalCrossentropy", "categorical_crossentropy"],
  ["sparseCategoricalCrossentropy", "sparse_categorical_crossentropy"],
  [tf.metrics.binaryCrossentropy, "binary_crossentropy"],
  ["mse", "mse"],
  ["mae", "mae"],
  ["mape", "mape"],
  [tf.metrics.meanSquaredError, "mean_squared_error"],
  [tf.metrics.meanAbsoluteError, "mean_absolute_error"],
  [tf.metrics.meanAbsolutePercentageError, "mean_absolute_percentage_error"],
];

/** Spellings of tfjs' metrics that Keras has another name for. */
const metricAliases: Record<string, string> = { MSE: "mse", MAE: "mae", MAPE: "mape" };

/** What Keras' short names stand for; which one of several, shows in the shapes. */
const shortNames: Record<string, string[]> = {
  accuracy: ["binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"],
  acc: ["binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"],
  crossentropy: [
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
  ],
  mse: ["mean_squared_error"],
  mae: ["mean_absolute_error"],
  mape: ["mean_absolute_percentage_error"],
};

/**
 * Keras' metric, a name or an object, → what tfjs' `compile` takes.
 *
 * A metric with a name of the user's own keeps it.
 */
export function readMetric(value: Json): string | MetricFunction {
  if (isAucClass(value)) return readAuc(value);
  const { name, config } = named(value);
  const title = field(config, "name");
  const isShort =
    typeof title === "string" &&
    Object.hasOwn(shortNames, title) &&
    shortNames[title]!.includes(name);
  const found = isAccuracyClass(value) ? undefined : find(isShort ? title : name);
  if (found === undefined) {
    throw new ModelFileError(
      `is compiled with the metric ${describeValue(name)}. Supported: ${metrics.map(([, first]) => first).join(", ")}`,
    );
  }
  checkDefaults(config, `the metric ${name}`);
  const [metric, ...names] = found;
  const isOwn = typeof title === "string" && !names.some((known) => same(known, title));
  return isOwn ? renamedMetric(metric, title) : metric;
}

function find(name: string) {
  return (
    metrics.find(([, ...names]) => names.includes(name)) ??
    metrics.find(([, ...names]) => names.some((known) => same(known, name))) ??
    metrics.find(([metric]) => typeof metric === "function" && same(metric.name, name))
  );
}

/** Keras' class `Accuracy` asks for equal numbers; it isn't what the name `accuracy` stands for. */
function isAccuracyClass(value: Json): boolean {
  return isObject(value) && field(value, "class_name") === "Accuracy";
}

/** What tfjs' `compile` took as metric → Keras' name. */
export function writeMetric(metric: unknown): Json {
  if (isAuc(metric)) return writeAuc(metric);
  if (isRenamed(metric)) {
    const className = classNameFor(writeMetric(metric.metric) as string);
    const config = { name: metric.name };
    return { module: "keras.metrics", class_name: className, config, registered_name: null };
  }
  const plain = typeof metric === "string" ? (metricAliases[metric] ?? metric) : metric;
  const found =
    metrics.find(([known]) => known === plain) ??
    metrics.find(([known, first]) => {
      const name = typeof plain === "function" ? plain.name : plain;
      return typeof name === "string" && (same(first, name) || known === name);
    });
  if (found !== undefined) return found[1];
  throw new ModelFileError(
    `the metric ${describeValue(metric)} can't be written. Supported: ${metrics.map(([, first]) => first).join(", ")}`,
  );
}
