/** Keras' metrics with their settings. */
export { type AucMetric, type AucOptions, auc } from "../auc";
export type { KerasMetric, MetricOptions } from "../metric";
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
