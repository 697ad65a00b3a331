/** The public surface of `convnets`; re-exports only. */
export { type EngineDescription, engine, setSeed, tf } from "./engine";
export {
  ConvnetsError,
  EnvironmentError,
  InvalidArgumentError,
} from "./errors";
export {
  type BatchDataset,
  Callback,
  type CallbackLike,
  type CallbackParams,
  type CrossentropyLoss,
  type CrossentropyOptions,
  type DatasetElement,
  type EvaluateOptions,
  evaluate,
  type FitOptions,
  fit,
  getLearningRate,
  History,
  InterruptedError,
  type Logs,
  losses,
  type PredictOptions,
  predict,
  setLearningRate,
  type Tensors,
  type TrainingData,
} from "./training";
