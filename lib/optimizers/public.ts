/** Keras' optimizers, usable in `model.compile` and by themselves. */
export { Adadelta, type AdadeltaOptions } from "./adadelta";
export { Adagrad, type AdagradOptions } from "./adagrad";
export { Adam, type AdamOptions, AdamW, type MomentsOptions } from "./adam";
export { Adamax } from "./adamax";
export type { OptimizerConfig } from "./config";
export { Ftrl, type FtrlOptions } from "./ftrl";
export { Nadam } from "./nadam";
export { KerasOptimizer } from "./optimizer";
export type { OptimizerOptions } from "./options";
export {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamW,
  ftrl,
  get,
  nadam,
  rmsprop,
  type SerializedOptimizer,
  serialize,
  sgd,
} from "./registry";
export { RMSprop, type RMSpropOptions } from "./rmsprop";
/** Learning rates that follow the number of steps. */
export * as schedules from "./schedules";
export { SGD, type SGDOptions } from "./sgd";
export type { NamedTensor, StepState, VariableSlots } from "./state";
