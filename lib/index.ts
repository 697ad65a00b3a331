/** The public surface of `convnets`; re-exports only. */
export {
  cache,
  cardinality,
  DataFileError,
  type DigitSet,
  type DogsVsCatsOptions,
  datasets,
  fromTensorSlices,
  type ImageBatch,
  ImageDataset,
  type ImageDatasetOptions,
  type Interpolation,
  imageDatasetFromDirectory,
  type MnistOptions,
  type PictureCounts,
  type PreparedPictures,
  shapes,
} from "./data";
export { type EngineDescription, engine, setSeed, tf } from "./engine";
export {
  ConvnetsError,
  EnvironmentError,
  InvalidArgumentError,
} from "./errors";
export * as layers from "./layers";
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
  exportSavedModel,
  type FitOptions,
  fit,
  getLearningRate,
  History,
  InterruptedError,
  type Logs,
  losses,
  type PredictOptions,
  predict,
  type SummaryOptions,
  setLearningRate,
  summary,
  type Tensors,
  type TrainingData,
} from "./training";
export * as optimizers from "./training/optimizers";
