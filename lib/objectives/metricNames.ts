/** Metrics with settings, by name. */
import type { KerasMetric } from "./metric";
import * as all from "./metricFunctions";

const { auc: _, ...factoriesOnly } = all;
const factories: Readonly<Record<string, (options: never) => KerasMetric>> = factoriesOnly;

/** Names that `compile` takes → what `metrics` calls them. */
const others: Readonly<Record<string, string>> = {
  mse: "meanSquaredError",
  mae: "meanAbsoluteError",
  mape: "meanAbsolutePercentageError",
};

/** Metrics of which something has to be said. */
const needy = [
  ...["ioU", "meanIoU", "oneHotIoU", "oneHotMeanIoU", "precisionAtRecall", "recallAtPrecision"],
  ...["sensitivityAtSpecificity", "specificityAtSensitivity"],
];

/** The metrics that can be had by name, without settings. */
export const namedMetrics: readonly string[] = [
  ...Object.keys(factories).filter((name) => !needy.includes(name)),
  ...Object.keys(others),
].sort();

function factory(name: string): ((options: never) => KerasMetric) | undefined {
  const kind = Object.hasOwn(others, name) ? others[name]! : name;
  return Object.hasOwn(factories, kind) ? factories[kind] : undefined;
}

/** Whether a name is that of a metric with settings. */
export function isNamedMetric(name: string): boolean {
  return factory(name) !== undefined;
}

/** Makes a metric, with settings that a file has. */
export function makeNamedMetric(name: string, options: object): KerasMetric {
  return factory(name)!(options as never);
}
