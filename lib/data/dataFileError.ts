import { ConvnetsError } from "../errors";

/** A data file that is there but can't be used: damaged, cut off, or of another kind. */
export class DataFileError extends ConvnetsError {
  constructor(
    /** Path, address or name of the file. */
    readonly file: string,
    reason: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(`${file} can't be used: ${reason}.`, options);
  }
}
