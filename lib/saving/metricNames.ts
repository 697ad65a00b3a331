/** Metrics by their names on both sides; what logs call them stays. */

import { describeValue } from "../errors";
import type { Json } from "../json";
import {
  auc,
  isAuc,
  isKerasMetric,
  isNamedMetric,
  isRenamed,
  Metric,
  makeNamedMetric,
  metricOf,
  namedMetrics,
  renamedMetric,
} from "../objectives";
import { type LossOrMetric, metricNamed, tf } from "../tfjs";
import { isAucClass, readAuc, writeAuc } from "./auc";
import { classNameFor, named } from "./describedNames";
import { field, ModelFileError } from "./json";
import {
  isMetricClass,
  metricClassOf,
  readMetricClass,
  readMetricOf,
  writeMetricClass,
} from "./kerasMetrics";
import { toSnakeCase } from "./names";
import { describeOwn, ownFunctionOf, titleOfOwn } from "./ownFunctions";
import { describeOwnObjective, readOwnMetric } from "./ownObjectives";

/** Our names of metrics that Keras takes under others, too; the first is its own. */
const spellings: Record<string, string[]> = {
  binaryCrossentropy: ["binary_crossentropy", "bce", "BCE"],
  mse: ["mean_squared_error", "mse", "MSE"],
  mae: ["mean_absolute_error", "mae", "MAE"],
  mape: ["mean_absolute_percentage_error", "mape", "MAPE"],
  meanSquaredLogarithmicError: ["mean_squared_logarithmic_error", "msle", "MSLE"],
};

/** Metrics that Keras means otherwise by their names alone: these make a list of numbers. */
const listsInKeras = ["f1Score", "fBetaScore"];

/** What labels a metric is for, as the beginning of Keras' names. */
export type LabelKind = "binary" | "categorical" | "sparse_categorical";

/** Our names that stand for several metrics, of which the shapes choose one → how Keras' names of these end. */
const chosenByShape: Record<string, string> = {
  accuracy: "accuracy",
  acc: "accuracy",
  crossentropy: "crossentropy",
  ce: "crossentropy",
};

const supported = [...Object.keys(chosenByShape), "AUC", ...namedMetrics.map(toSnakeCase)];

/**
 * Keras' metric, a name or an object, → what tfjs' `compile` takes, under the name that Keras' logs have.
 *
 * @param labels What a metric that is chosen by shapes is for.
 */
export function readMetric(value: Json, labels: LabelKind): string | LossOrMetric {
  const ofOwnClass = readOwnMetric(value);
  if (ofOwnClass !== undefined) return ofOwnClass;
  if (isAucClass(value)) return readAuc(value);
  if (isMetricClass(value)) return readMetricClass(value);
  const { name, config } = named(value);
  const given = field(config, "name");
  const own = ownFunctionOf(name);
  if (own !== undefined) {
    const metric = own as LossOrMetric;
    const wanted = typeof given === "string" ? given : titleOfOwn(own);
    return wanted === metric.name ? metric : renamedMetric(metric, wanted);
  }
  const title = typeof given === "string" ? given : name;
  const found = ours(name);
  if (found === undefined) {
    throw new ModelFileError(
      `is compiled with the metric ${describeValue(name)}. Supported: ${supported.join(", ")}`,
    );
  }
  const { fn: _, name: __, dtype: ___, ...settings } = config;
  if (listsInKeras.includes(found)) {
    return makeNamedMetric(found, { name: title, average: null });
  }
  if (Object.values(settings).some((setting) => setting !== null)) {
    return readMetricOf(found, { config: { ...settings, name: title }, className: name });
  }
  const meant = ours(title);
  return meant === found || isChosen(meant, labels, found) ? title : renamedMetric(found, title);
}

/** Our name for any spelling of a metric that Keras has, too. */
function ours(name: string): string | undefined {
  try {
    const found = metricNamed(name);
    const isKeras = Object.hasOwn(chosenByShape, found) || found === "auc" || isNamedMetric(found);
    return isKeras ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a name stands for several metrics, and such labels choose this one; of three sigmoids they don't. */
function isChosen(name: string | undefined, labels: LabelKind, metric: string): boolean {
  const end = name === undefined ? undefined : chosenByShape[name];
  return end !== undefined && toSnakeCase(metric) === `${labels}_${end}`;
}

/**
 * What tfjs' `compile` took as metric → Keras'.
 *
 * @param labels What a metric that is chosen by shapes is for, where Keras must be told.
 */
export function writeMetric(metric: unknown, labels: LabelKind): Json {
  if (metric instanceof Metric) return describeOwnObjective(metric);
  if (isAuc(metric)) return writeAuc(metric);
  if (isKerasMetric(metric)) return writeMetricClass(metric);
  const inner = isRenamed(metric) ? metric.metric : metric;
  const fn = typeof inner === "function" ? describeOwn(inner) : undefined;
  if (fn !== undefined) {
    if (!isRenamed(metric) || metric.name === titleOfOwn(inner as LossOrMetric)) return fn;
    const config = { name: metric.name, dtype: "float32", fn };
    return {
      ...{ module: "keras.metrics", class_name: "MeanMetricWrapper", config },
      registered_name: null,
    };
  }
  const name = ours(nameOf(inner));
  if (name === undefined) {
    throw new ModelFileError(
      `the metric ${describeValue(metric)} can't be written. Supported: ${supported.join(", ")}`,
    );
  }
  const title = metricOf(metric, { shape: [null, 1], masked: false }).name;
  if (isKerasName(title, name)) return title;
  if (name === "auc") return writeAuc(auc({ name: title }));
  const own = chosenByShape[name];
  if (own === undefined) return writeMetricClass(makeNamedMetric(name, { name: title }));
  const className = classNameFor(`${labels}_${own}`);
  const config = { name: title };
  return { module: "keras.metrics", class_name: className, config, registered_name: null };
}

/** The name of a metric or of tfjs' function for it; empty for a function of the user's own. */
function nameOf(metric: unknown): string {
  if (typeof metric === "string") return metric;
  return Object.entries(tf.metrics).find(([, known]) => known === metric)?.[0] ?? "";
}

/** Whether Keras' `compile` takes a name for a metric; it goes by that name in its logs then. */
function isKerasName(title: string, name: string): boolean {
  if (chosenByShape[name] === "accuracy") return title.toLowerCase() === name;
  if (chosenByShape[name] !== undefined || listsInKeras.includes(name)) return false;
  if (name === "auc") return title === "auc" || title === "AUC";
  const [own, ...others] = spellings[name] ?? [toSnakeCase(name)];
  const className = spellings[name] ? classNameFor(own!) : metricClassOf(name);
  return title === own || others.includes(title) || title === className;
}
