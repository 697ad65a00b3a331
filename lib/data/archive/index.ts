/** Zip archives. */
export { ArchiveError } from "./errors";
export { type UnzipOptions, type UnzipResult, unzip } from "./unzip";
