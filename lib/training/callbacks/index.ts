/** Callbacks: what may happen between steps and epochs. */
export type { BackupAndRestoreOptions } from "./backup";
export { Callback, type CallbackLike, type CallbackParams, type Logs } from "./callback";
export { callbacks } from "./callbacks";
export type { CsvLoggerOptions } from "./csvLogger";
export type { EarlyStoppingOptions } from "./earlyStopping";
export type {
  LearningRateSchedulerOptions,
  ReduceLROnPlateauOptions,
  Schedule,
} from "./learningRates";
export { CallbackList } from "./list";
export type { ModelCheckpointOptions } from "./modelCheckpoint";
export type { EpochRecord, FeedState, KeptRun, Position, TrainingSession } from "./session";
export type { SwapEMAWeightsOptions } from "./swapEMAWeights";
export type { TensorBoardOptions } from "./tensorBoard";
export type { TerminateOnNaNOptions } from "./terminateOnNaN";
