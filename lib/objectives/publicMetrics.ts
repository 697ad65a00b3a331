/** All that `metrics` has. */
export { meanMetricWrapper } from "./meanMetricWrapper";
export { Metric } from "./metricClass";
export * from "./metricFunctions";
export type { RenamedMetric } from "./metrics";
export type { MetricWeight, MetricWeightOptions } from "./metricWeight";
export { mean, type RunningNumbers, sum, type UpdateStateOptions } from "./runningNumbers";
