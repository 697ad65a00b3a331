/** From a file on the network to batches of tensors. */
export { ArchiveError, type UnzipOptions, type UnzipResult, unzip } from "./archive";
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
export { makeSubset, type SubsetOptions, type SubsetResult } from "./subset";
