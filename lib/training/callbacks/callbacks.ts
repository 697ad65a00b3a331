/** Keras' callbacks by name. */
import { backupAndRestore } from "./backup";
import { csvLogger } from "./csvLogger";
import { earlyStopping } from "./earlyStopping";
import { learningRateScheduler, reduceLROnPlateau } from "./learningRates";
import { modelCheckpoint } from "./modelCheckpoint";
import { tensorBoard } from "./tensorBoard";

/** Keras' callbacks, with its options in camelCase. @namespace */
export const callbacks = {
  backupAndRestore,
  csvLogger,
  earlyStopping,
  learningRateScheduler,
  modelCheckpoint,
  reduceLROnPlateau,
  tensorBoard,
};
