/** Keras' callbacks by name. */
import { backupAndRestore } from "./backup";
import { csvLogger } from "./csvLogger";
import { earlyStopping } from "./earlyStopping";
import { learningRateScheduler, reduceLROnPlateau } from "./learningRates";
import { modelCheckpoint } from "./modelCheckpoint";
import { swapEMAWeights } from "./swapEMAWeights";
import { tensorBoard } from "./tensorBoard";
import { terminateOnNaN } from "./terminateOnNaN";

/** Keras' callbacks, with its options in camelCase. @namespace */
export const callbacks = {
  backupAndRestore,
  csvLogger,
  earlyStopping,
  learningRateScheduler,
  modelCheckpoint,
  reduceLROnPlateau,
  swapEMAWeights,
  tensorBoard,
  terminateOnNaN,
};
