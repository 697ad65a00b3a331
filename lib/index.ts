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
