/** Training, measuring and predicting as Keras does. */
export type { BatchDataset, DatasetElement, Tensors, TrainingData } from "./batches";
export type {
  BackupAndRestoreOptions,
  CsvLoggerOptions,
  EarlyStoppingOptions,
  LearningRateSchedulerOptions,
  ModelCheckpointOptions,
  ReduceLROnPlateauOptions,
  Schedule,
  SwapEMAWeightsOptions,
  TensorBoardOptions,
  TerminateOnNaNOptions,
} from "./callbacks";
export {
  Callback,
  type CallbackLike,
  type CallbackParams,
  callbacks,
  type Logs,
} from "./callbacks";
export { type Classification, type ClassifyOptions, classify } from "./classify";
export { type EvaluateOptions, type Evaluation, evaluate } from "./evaluate";
export { type ExtractedFeatures, type ExtractFeaturesOptions, extractFeatures } from "./features";
export { type FitOptions, fit } from "./fit";
export { History } from "./history";
export { InterruptedError } from "./interruption";
export { type Predictable, type PredictOptions, predict } from "./predict";
