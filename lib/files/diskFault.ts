import { EnvironmentError } from "../errors";

const elsewhere = "Choose a place on another disk.";
const full = "Free some space, or choose a place on another disk.";

/** Why a disk refuses a file, and what to do, by the code of the system's error. */
const faults: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOSPC: ["the disk is full", full],
  EDQUOT: ["your share of the disk is used up", full],
  EFBIG: ["it is larger than a file may be here", elsewhere],
  EROFS: ["the disk is read-only", elsewhere],
  EACCES: ["you may not write there", "Change the permissions, or choose another place."],
  EPERM: ["you may not write there", "Change the permissions, or choose another place."],
  EIO: ["the disk fails", "Is it still connected, and sound? Choose a place on another disk."],
  ENODEV: ["the disk is gone", elsewhere],
  ENXIO: ["the disk is gone", elsewhere],
  ESTALE: ["the disk is gone", elsewhere],
  ENOTCONN: ["the disk is gone", elsewhere],
};

/**
 * What to throw when a file can't be written: where the disk is to blame, an error that names the file and says what to
 * do, since the system's own error names neither; everything else as it is.
 *
 * @param error What was caught.
 * @param file The file as the user knows it.
 */
export function diskFault(error: unknown, file: string): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  const fault = code !== undefined && Object.hasOwn(faults, code) ? faults[code] : undefined;
  if (fault === undefined || error instanceof EnvironmentError) return error;
  const [reason, hint] = fault;
  return new EnvironmentError(`${file} can't be written: ${reason} (${code})`, {
    hint,
    cause: error,
  });
}
