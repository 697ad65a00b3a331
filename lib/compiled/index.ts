/** A model's steps: compiled to TensorFlow graphs, or run eagerly. */
export { type CompiledFunction, type CompiledOptions, compiled } from "./compiledFunction";
export { exportSavedModel } from "./exportSavedModel";
export { usesXla } from "./jit";
export { createRunner } from "./runner";
export { partOf, rowsOf, type Share, shareInfo } from "./shares";
export type {
  Batch,
  ModelRunner,
  ReadWeights,
  RunnerOptions,
  StepRunner,
} from "./step";
