/** From a file on the network to batches of tensors. */
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
