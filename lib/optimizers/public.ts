/** Keras' optimizers, usable in `model.compile` and by themselves. */
export { Adadelta, type AdadeltaOptions } from "./adadelta";
export { Adafactor, type AdafactorOptions } from "./adafactor";
export { Adagrad, type AdagradOptions } from "./adagrad";
export { Adam, type AdamOptions, AdamW, type MomentsOptions } from "./adam";
export { Adamax } from "./adamax";
export type { OptimizerConfig, SerializedOptimizer } from "./config";
export type { DecayedWeight, WeightDecayExclusions } from "./decay";
export { Ftrl, type FtrlOptions } from "./ftrl";
export { Lamb } from "./lamb";
export { Lion, type LionOptions } from "./lion";
export { LossScaleOptimizer, type LossScaleOptimizerOptions } from "./lossScale";
export { Muon, type MuonOptions } from "./muon";
export { Nadam } from "./nadam";
export { KerasOptimizer } from "./optimizer";
export type { OptimizerOptions } from "./options";
export {
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamW,
  ftrl,
  get,
  lamb,
  lion,
  lossScaleOptimizer,
  muon,
  nadam,
  rmsprop,
  scheduleFreeAdamW,
  sgd,
} from "./registry";
export { RMSprop, type RMSpropOptions } from "./rmsprop";
export { ScheduleFreeAdamW, type ScheduleFreeAdamWOptions } from "./scheduleFreeAdamW";
/** Learning rates that follow the number of steps. */
export * as schedules from "./schedules";
export { serialize } from "./serialize";
export { SGD, type SGDOptions } from "./sgd";
export type { NamedTensor, StepState, VariableSlots } from "./state";
