/** The public surface of `convnets`; re-exports only. */
export { type EngineDescription, engine, setSeed, tf } from "./engine";
export {
  ConvnetsError,
  EnvironmentError,
  InvalidArgumentError,
} from "./errors";
export {
  type LoadModelOptions,
  type LoadWeightsOptions,
  loadModel,
  loadWeights,
  ModelFileError,
  type SaveModelOptions,
  saveModel,
  saveWeights,
} from "./saving";
