/** What a model minimises and measures: losses, metrics, and which way is better. */
export { type AucMetric, type AucOptions, auc, isAuc } from "./auc";
export { type Direction, directionOf } from "./directions";
export { type KerasLoss, type Normalizer, normalizerOf, reduced } from "./loss";
export { Loss } from "./lossClass";
export { lossNames, lossOf, makeNamedLoss } from "./lossNames";
export { isKerasMetric, type KerasMetric } from "./metric";
export { Metric } from "./metricClass";
export { isNamedMetric, makeNamedMetric, namedMetrics } from "./metricNames";
export { isKnownMetric, isRenamed, metricOf, renamedMetric } from "./metrics";
export {
  inOrder,
  type Objective,
  type OutputObjective,
  objectiveOf,
  RunningMetrics,
} from "./objective";
