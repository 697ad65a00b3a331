/** A model's steps: compiled to TensorFlow graphs, or run eagerly. */
export { type CompiledFunction, type CompiledOptions, compiled } from "./compiledFunction";
export { exportSavedModel } from "./exportSavedModel";
export { createRunner } from "./runner";
export type {
  Batch,
  BatchShare,
  ModelRunner,
  ReadWeights,
  RunnerOptions,
  StepRunner,
} from "./step";
