/** Callbacks: what may happen between steps and epochs. */
import { backupAndRestore } from "./backup";
import { csvLogger } from "./csvLogger";
import { earlyStopping } from "./earlyStopping";
import { learningRateScheduler, reduceLROnPlateau } from "./learningRates";
import { modelCheckpoint } from "./modelCheckpoint";
import { tensorBoard } from "./tensorBoard";

export type { BackupAndRestoreOptions } from "./backup";
export { Callback, type CallbackLike, type CallbackParams, type Logs } from "./callback";
export type { CsvLoggerOptions } from "./csvLogger";
export type { EarlyStoppingOptions } from "./earlyStopping";
export type {
  LearningRateSchedulerOptions,
  ReduceLROnPlateauOptions,
  Schedule,
} from "./learningRates";
export type { ModelCheckpointOptions } from "./modelCheckpoint";
export type { TensorBoardOptions } from "./tensorBoard";

/** Keras' callbacks, with its options in camelCase. */
export const callbacks = {
  backupAndRestore,
  csvLogger,
  earlyStopping,
  learningRateScheduler,
  modelCheckpoint,
  reduceLROnPlateau,
  tensorBoard,
};
