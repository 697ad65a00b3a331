/** Metrics with settings, by name. */
import type { KerasMetric } from "./metric";
import * as all from "./metricFunctions";

const { auc: _, ...others } = all;
const factories: Readonly<Record<string, (options: never) => KerasMetric>> = others;

/** The metrics that can be had by name, without settings. */
export const namedMetrics: readonly string[] = Object.keys(factories)
  .filter((name) => !/iou$/i.test(name) || name === "binaryIoU")
  .sort();

/** Whether a name is that of a metric with settings. */
export function isNamedMetric(name: string): boolean {
  return Object.hasOwn(factories, name);
}

/** Makes a metric, with settings that a file has. */
export function makeNamedMetric(name: string, options: object): KerasMetric {
  return factories[name]!(options as never);
}
