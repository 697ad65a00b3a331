/** Training, measuring and describing models as Keras does. */
export type { BatchDataset, DatasetElement, Tensors, TrainingData } from "./batches";
export {
  type BackupAndRestoreOptions,
  Callback,
  type CallbackLike,
  type CallbackParams,
  type CsvLoggerOptions,
  callbacks,
  type EarlyStoppingOptions,
  type LearningRateSchedulerOptions,
  type Logs,
  type ModelCheckpointOptions,
  type ReduceLROnPlateauOptions,
  type Schedule,
  type TensorBoardOptions,
} from "./callbacks";
export { exportSavedModel } from "./compiled/exportSavedModel";
export { type EvaluateOptions, evaluate } from "./evaluate";
export {
  type ExtractedFeatures,
  type ExtractFeaturesOptions,
  extractFeatures,
} from "./features";
export { type FitOptions, fit } from "./fit";
export { History } from "./history";
export { InterruptedError } from "./interruption";
export { getLearningRate, setLearningRate } from "./learningRate";
export { type CrossentropyLoss, type CrossentropyOptions, losses } from "./losses";
export { type PredictOptions, predict } from "./predict";
export { type SummaryOptions, summary } from "./summary";
