/** Errors of the file system that name the file and say what to do. */
import { ConvnetsError } from "../errors";

const hints: Record<string, string> = {
  ENOSPC: "Free some space, or choose a place on another disk.",
  EDQUOT: "Free some space, or choose a place on another disk.",
  EFBIG: "Choose a place on a disk that takes larger files.",
  EROFS: "That disk can only be read: choose another place.",
  EACCES: "Choose a place that you may write to, or change its permissions.",
  EPERM: "Choose a place that you may write to, or change its permissions.",
  EIO: "The disk is failing or is gone: choose a place on another one.",
};

const reasons: Record<string, string> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk's quota is used up",
};

/**
 * What to throw for a failure with a file: an error of the system becomes one that names the file; others stay.
 *
 * @param file The file as the user knows it, not a temporary name of it.
 * @param options.doing Completes "could not be".
 */
export function fileFault(
  file: string,
  { cause, doing }: { cause: unknown; doing: "read" | "written" },
): unknown {
  const { code, message } = (cause ?? {}) as NodeJS.ErrnoException;
  if (!(cause instanceof Error) || !/^E[A-Z0-9]+$/.test(code ?? "")) return cause;
  // Node's text names paths, here temporary ones: `ENOSPC: no space left on device, write`.
  const said = reasons[code!] ?? /^E\w+: ([^,]+)/.exec(message ?? "")?.[1] ?? message;
  return new ConvnetsError(`${file} could not be ${doing}: ${said} (${code})`, {
    hint: hints[code!],
    cause,
  });
}

/** Whether an error of the system is the disk's or its permissions' fault, not that of the work. */
export function isOfDisk(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code !== undefined && Object.hasOwn(hints, code);
}
