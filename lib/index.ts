/** The public surface of `convnets`; re-exports only. */
import "./native"; // before all else: Node's other threads have arenas of their own once they allocate

export { WeightsUnavailableError } from "./applications";

/** Networks of Keras' applications, with trained weights. */

export * as applications from "./applications/public";
export {
  type CompiledFunction,
  type CompiledOptions,
  compiled,
  exportSavedModel,
} from "./compiled";
export {
  ArchiveError,
  ChecksumError,
  type CompetitionOptions,
  cache,
  cardinality,
  DataFileError,
  type DigitSet,
  type DogsVsCatsOptions,
  DownloadError,
  type DownloadFileOptions,
  type DownloadOptions,
  type DriveDownloadOptions,
  datasets,
  downloadFile,
  fromTensorSlices,
  gdown,
  type ImageBatch,
  ImageDataset,
  type ImageDatasetOptions,
  type Interpolation,
  imageDatasetFromDirectory,
  kaggle,
  type LoadImageOptions,
  loadImage,
  type MnistOptions,
  makeSubset,
  type PictureCounts,
  type PictureSource,
  type PreparedPictures,
  type ShapesOptions,
  type SubsetOptions,
  type SubsetResult,
  shapes,
  type UnzipOptions,
  type UnzipResult,
  unzip,
} from "./data";
export {
  type ClusterOptions,
  type ClusterTask,
  Mirrored,
  type MirroredOptions,
  MultiWorkerMirrored,
  type MultiWorkerOptions,
  mirrored,
  multiWorkerMirrored,
  WorkerLostError,
} from "./distributed";
export { type Choice, type EngineDescription, engine, setSeed } from "./engine";
export { ConvnetsError, EnvironmentError, InvalidArgumentError } from "./errors";
export {
  type FilterPatternsOptions,
  filterPatterns,
  type GradCamOptions,
  gradCam,
} from "./explain";
export { GraphError, NotCompilableError } from "./graph";

export { regularizers } from "./layers";
/** Keras' preprocessing, augmentation and dropout layers, on TensorFlow's own kernels. */
export * as layers from "./layers/public";
export {
  type Display,
  type DisplayOptions,
  displayBundle,
  isNotebook,
  type LiveLine,
  type MimeBundle,
  onInterrupt,
  openDisplay,
  openLiveLine,
} from "./notebook";
export * from "./objectives/public";
export { getLearningRate, setLearningRate } from "./optimizers";
/** Keras' optimizers, usable in `model.compile` and by themselves. */
export * as optimizers from "./optimizers/public";
export { type ShowImageOptions, show, showImage, showImages } from "./plot";
/** Figures and pictures: data in, something to look at out. */
export * as plot from "./plot/public";
export {
  type LoadModelOptions,
  type LoadWeightsOptions,
  loadModel,
  loadWeights,
  ModelFileError,
  OperandsError,
  type OwnFunction,
  type OwnLayerClass,
  type OwnLossClass,
  type OwnMetricClass,
  registerKerasFunction,
  registerKerasLayer,
  registerKerasLoss,
  registerKerasMetric,
  type SaveModelOptions,
  saveModel,
  saveWeights,
} from "./saving";
export { type SummaryOptions, summary } from "./summary";
export { clearSession, tf } from "./tfjs";
export {
  type BackupAndRestoreOptions,
  type BatchDataset,
  Callback,
  type CallbackLike,
  type CallbackParams,
  type Classification,
  type ClassifyOptions,
  type CsvLoggerOptions,
  callbacks,
  classify,
  type DatasetElement,
  type EarlyStoppingOptions,
  type EvaluateOptions,
  type Evaluation,
  type ExtractedFeatures,
  type ExtractFeaturesOptions,
  evaluate,
  extractFeatures,
  type FitOptions,
  fit,
  History,
  InterruptedError,
  type LearningRateSchedulerOptions,
  type Logs,
  type ModelCheckpointOptions,
  type Predictable,
  type PredictOptions,
  predict,
  type ReduceLROnPlateauOptions,
  type Schedule,
  type SwapEMAWeightsOptions,
  type TensorBoardOptions,
  type Tensors,
  type TerminateOnNaNOptions,
  type TrainingData,
} from "./training";
