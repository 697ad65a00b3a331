/** Keras' losses with their settings, for `model.compile({ loss: losses.huber({ delta: 0.5 }) })`. */

export type { KerasLoss, LossOptions } from "../loss";
export { type CircleOptions, circle } from "./circle";
export {
  type BinaryCrossentropyOptions,
  binaryCrossentropy,
  type CrossentropyOptions,
  categoricalCrossentropy,
  type SparseCrossentropyOptions,
  sparseCategoricalCrossentropy,
} from "./crossentropies";
export { ctc } from "./ctc";
export {
  type BinaryFocalOptions,
  binaryFocalCrossentropy,
  type CategoricalFocalOptions,
  categoricalFocalCrossentropy,
  categoricalGeneralizedCrossEntropy,
  type GeneralizedCrossEntropyOptions,
} from "./focal";
export { categoricalHinge, hinge, squaredHinge } from "./hinge";
export { type DiceOptions, dice, type TverskyOptions, tversky } from "./overlap";
export {
  type CosineOptions,
  cosineSimilarity,
  type HuberOptions,
  huber,
  klDivergence,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
} from "./regression";
