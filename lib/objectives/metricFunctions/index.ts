/** Keras' metrics with their settings. */
export { type AucMetric, type AucOptions, auc } from "../auc";
export type { KerasMetric, MetricOptions } from "../metric";
export {
  accuracy,
  type BinaryAccuracyOptions,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
} from "./accuracies";
export {
  type CountOptions,
  falseNegatives,
  falsePositives,
  type PrecisionOptions,
  precision,
  recall,
  trueNegatives,
  truePositives,
} from "./confusion";
export {
  type AxisOptions,
  concordanceCorrelation,
  cosineSimilarity,
  pearsonCorrelation,
} from "./correlations";
export {
  binaryCrossentropy,
  categoricalCrossentropy,
  type MeasuredCrossentropyOptions,
  type MeasuredSparseCrossentropyOptions,
  sparseCategoricalCrossentropy,
} from "./crossentropies";
export { type F1ScoreOptions, type FBetaScoreOptions, f1Score, fBetaScore } from "./fScore";
export {
  type BinaryIoUOptions,
  binaryIoU,
  type IoUOptions,
  ioU,
  type MeanIoUOptions,
  meanIoU,
  type OneHotIoUOptions,
  type OneHotMeanIoUOptions,
  oneHotIoU,
  oneHotMeanIoU,
} from "./iou";
export {
  rootMeanSquaredError,
  sparseTopKCategoricalAccuracy,
  type TopKOptions,
  topKCategoricalAccuracy,
} from "./means";
export {
  categoricalHinge,
  hinge,
  klDivergence,
  logCoshError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
  squaredHinge,
} from "./ofLosses";
export {
  type PrecisionAtRecallOptions,
  precisionAtRecall,
  type RecallAtPrecisionOptions,
  recallAtPrecision,
  type SensitivityAtSpecificityOptions,
  type SpecificityAtSensitivityOptions,
  sensitivityAtSpecificity,
  specificityAtSensitivity,
} from "./operatingPoints";
export { type R2ScoreOptions, r2Score } from "./r2Score";
