/** Losses and metrics by their names on both sides. */

import { describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { type CrossentropyLoss, type CrossentropyName, losses as settable } from "../objectives";
import { tf } from "../tfjs";
import { field, ModelFileError } from "./json";

/** tfjs' loss → Keras' name, then the other spellings that files have. */
const losses: Record<string, [name: string, ...others: string[]]> = {
  meanSquaredError: ["mean_squared_error", "mse"],
  meanAbsoluteError: ["mean_absolute_error", "mae"],
  meanAbsolutePercentageError: ["mean_absolute_percentage_error", "mape"],
  meanSquaredLogarithmicError: ["mean_squared_logarithmic_error", "msle"],
  squaredHinge: ["squared_hinge"],
  hinge: ["hinge"],
  categoricalHinge: ["categorical_hinge"],
  logcosh: ["log_cosh"],
  categoricalCrossentropy: ["categorical_crossentropy"],
  sparseCategoricalCrossentropy: ["sparse_categorical_crossentropy"],
  binaryCrossentropy: ["binary_crossentropy"],
  kullbackLeiblerDivergence: ["kl_divergence", "kullback_leibler_divergence", "kld"],
  poisson: ["poisson"],
};

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

/** Settings of Keras' loss and metric objects that change nothing, with the values that are accepted. */
const defaults: Record<string, Json[]> = {
  reduction: ["sum_over_batch_size", "auto"],
  axis: [-1],
  ignore_class: [null],
  threshold: [0.5],
  thresholds: [null],
  top_k: [null],
  class_id: [null],
  from_logits: [false],
  label_smoothing: [0],
};
const unimportant = ["name", "dtype", "fn"];

/** Keras' loss, a name or an object, → what tfjs' `compile` takes. */
export function readLoss(value: Json): string | CrossentropyLoss {
  const { name, config } = named(value);
  const found = Object.entries(losses).find(([, names]) => names.some((n) => same(n, name)));
  if (found === undefined) {
    throw new ModelFileError(
      `is compiled with the loss ${describeValue(name)}. Supported: ${Object.values(losses).flat().join(", ")}`,
    );
  }
  const [tfjs] = found;
  const fromLogits = field(config, "from_logits") === true;
  const labelSmoothing = Number(field(config, "label_smoothing") ?? 0);
  if (Object.hasOwn(settable, tfjs) && (fromLogits || labelSmoothing !== 0)) {
    const { from_logits: _, label_smoothing: __, ...rest } = config;
    checkDefaults(rest, `the loss ${name}`);
    const options = { fromLogits, ...(labelSmoothing === 0 ? {} : { labelSmoothing }) };
    return settable[tfjs as CrossentropyName](options);
  }
  checkDefaults(config, `the loss ${name}`);
  return tfjs;
}

/** The settings that a loss function carries, if any. */
function settingsOf(loss: unknown): CrossentropyLoss["crossentropy"] | undefined {
  return typeof loss === "function" && "crossentropy" in loss
    ? (loss as CrossentropyLoss).crossentropy
    : undefined;
}

/** What tfjs' `compile` took as loss → Keras'. */
export function writeLoss(loss: unknown): Json {
  const settings = settingsOf(loss);
  const name = settings?.name ?? loss;
  const names = typeof name === "string" && Object.hasOwn(losses, name) ? losses[name] : undefined;
  if (names === undefined) {
    throw new ModelFileError(
      `the loss ${describeValue(loss)} can't be written. Supported: ${Object.keys(losses).join(", ")}`,
    );
  }
  if (settings === undefined || !(settings.fromLogits || settings.labelSmoothing)) return names[0];
  const className = names[0].replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase());
  const config: JsonObject = { name: names[0], from_logits: settings.fromLogits };
  if (settings.name !== "sparseCategoricalCrossentropy") {
    config.label_smoothing = settings.labelSmoothing;
  }
  return { module: "keras.losses", class_name: className, config, registered_name: null };
}

/** Keras' metric, a name or an object, → what tfjs' `compile` takes. */
export function readMetric(value: Json): string | MetricFunction {
  const { name, config } = named(value);
  const found =
    metrics.find(([, ...names]) => names.includes(name)) ??
    metrics.find(([, ...names]) => names.some((known) => same(known, name))) ??
    metrics.find(([metric]) => typeof metric === "function" && same(metric.name, name));
  if (found === undefined) {
    throw new ModelFileError(
      `is compiled with the metric ${describeValue(name)}. Supported: ${metrics.map(([, first]) => first).join(", ")}`,
    );
  }
  checkDefaults(config, `the metric ${name}`);
  return found[0];
}

/** What tfjs' `compile` took as metric → Keras' name. */
export function writeMetric(metric: unknown): Json {
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

/** Files name `binary_crossentropy`, `BinaryCrossentropy`, or an object of that class. */
function named(value: Json): { name: string; config: JsonObject } {
  if (typeof value === "string") return { name: value, config: {} };
  const inner = isObject(value) ? field(value, "config") : undefined;
  if (typeof inner === "string") return { name: inner, config: {} }; // a function, by its name
  const name = isObject(value) ? field(value, "class_name") : undefined;
  if (typeof name !== "string") {
    throw new ModelFileError(
      `is compiled with ${describeValue(value)}, which is no loss or metric`,
    );
  }
  return { name, config: isObject(inner) ? inner : {} };
}

function checkDefaults(config: JsonObject, title: string): void {
  for (const [key, setting] of Object.entries(config)) {
    if (unimportant.includes(key) || setting === null) continue;
    const accepted = Object.hasOwn(defaults, key) ? defaults[key]! : [];
    if (accepted.includes(setting)) continue;
    throw new ModelFileError(
      `is compiled with ${title} and ${key}=${describeValue(setting)}, which is not supported`,
    );
  }
}

function same(one: string, other: string): boolean {
  const plain = (text: string) => text.replaceAll("_", "").toLowerCase();
  return plain(one) === plain(other);
}
