/** Keras' files, both ways. */

export { writeFileAtomically } from "./atomicFile";
export { ModelFileError } from "./json";
export {
  type LoadModelOptions,
  type LoadWeightsOptions,
  loadModel,
  loadWeights,
} from "./loadModel";
export { type SaveModelOptions, saveModel, saveWeights } from "./saveModel";
