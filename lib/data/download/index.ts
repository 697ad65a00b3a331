/** Files from the network: `downloadFile` for any address, `gdown` for Google Drive, `kaggle` for competitions. */
import { download } from "./drive";
import { downloadCompetition } from "./kaggle";

export { parseAddress } from "./address";
export { type DownloadFileOptions, downloadFile } from "./downloadFile";
export { type DriveDownloadOptions, whyDriveUnreachable } from "./drive";
export { ChecksumError, DownloadError, printableUrl } from "./errors";
export type { CompetitionOptions } from "./kaggle";
export type { DownloadOptions } from "./options";
/** Google Drive. @namespace */
export const gdown = { download } as const;
/** Kaggle. @namespace */
export const kaggle = { downloadCompetition } as const;
