import { invalidArgument, rejectUnknownOptions } from "../../errors";

/** What every download understands. */
export interface DownloadOptions {
  /**
   * Where the file goes: a file, or a folder (an existing one, or a text that ends with `/`), where it gets the name
   * that the server gives it.
   *
   * @default the working directory
   */
  output?: string;
  /** Prints nothing. @default false */
  quiet?: boolean;
  /**
   * Uses what is there: continues `output.part` after checking that it is the beginning of the same file (ETag,
   * Last-Modified, length), and leaves a whole file alone (right hash; without a hash: right length and not older than
   * the server's). `false` starts anew and keeps no part file.
   *
   * @default true
   */
  resume?: boolean;
  /** Expected SHA-256, 64 hexadecimal digits. A file with another one is never saved. @default not checked */
  sha256?: string;
  /** Expected MD5, 32 hexadecimal digits. A file with another one is never saved. @default not checked */
  md5?: string;
  /**
   * Longest silence, in milliseconds: for the answer to begin, and then between two looks at the stream.
   *
   * @default 30_000
   */
  timeoutMs?: number;
  /** A stream slower than this over `timeoutMs` counts as stalled; 0 asks for one byte only. @default 1024 */
  minBytesPerSecond?: number;
  /** How often to try again, in a row and without getting further, after a fault that may pass. @default 5 */
  retries?: number;
  /** Wait before the first repetition, in milliseconds; it doubles each time, up to 30 s. @default 500 */
  retryDelayMs?: number;
  /** Stops the download; the promise rejects with the signal's reason. @default none */
  signal?: AbortSignal;
}

/** `DownloadOptions` with every default in its place. */
export type DownloadSettings = Required<Omit<DownloadOptions, "sha256" | "md5" | "signal">> & {
  hashes: { algorithm: "sha256" | "md5"; expected: string }[];
  signal: AbortSignal | undefined;
};

export const DOWNLOAD_OPTION_NAMES = [
  "output",
  "quiet",
  "resume",
  "sha256",
  "md5",
  "timeoutMs",
  "minBytesPerSecond",
  "retries",
  "retryDelayMs",
  "signal",
] as const satisfies readonly (keyof DownloadOptions)[];

/**
 * Checks the options and fills in the defaults.
 *
 * @param extraNames What the calling function knows beyond `DownloadOptions`.
 * @throws InvalidArgumentError on an unknown name or a value that makes no sense.
 */
export function checkDownloadOptions(
  options: DownloadOptions,
  where: string,
  extraNames: readonly string[] = [],
): DownloadSettings {
  rejectUnknownOptions(options, [...extraNames, ...DOWNLOAD_OPTION_NAMES], where);
  const settings: DownloadSettings = {
    output: options.output ?? "./",
    quiet: options.quiet ?? false,
    resume: options.resume ?? true,
    timeoutMs: options.timeoutMs ?? 30_000,
    minBytesPerSecond: options.minBytesPerSecond ?? 1024,
    retries: options.retries ?? 5,
    retryDelayMs: options.retryDelayMs ?? 500,
    hashes: [],
    signal: options.signal,
  };
  if (typeof settings.output !== "string" || settings.output === "") {
    throw invalidArgument("output", { expected: "a path", received: options.output });
  }
  if (!(settings.timeoutMs > 0 && settings.timeoutMs < 2 ** 31)) {
    throw invalidArgument("timeoutMs", {
      expected: "a positive number of milliseconds",
      received: options.timeoutMs,
    });
  }
  for (const name of ["minBytesPerSecond", "retryDelayMs"] as const) {
    if (!(settings[name] >= 0)) {
      throw invalidArgument(name, { expected: "0 or more", received: options[name] });
    }
  }
  if (!Number.isInteger(settings.retries) || settings.retries < 0) {
    throw invalidArgument("retries", {
      expected: "a whole number, 0 or more",
      received: options.retries,
    });
  }
  for (const [algorithm, digits] of [
    ["sha256", 64],
    ["md5", 32],
  ] as const) {
    const expected = options[algorithm];
    if (expected === undefined) continue;
    if (!new RegExp(`^[0-9a-f]{${digits}}$`, "i").test(expected)) {
      throw invalidArgument(algorithm, {
        expected: `${digits} hexadecimal digits`,
        received: expected,
      });
    }
    settings.hashes.push({ algorithm, expected: expected.toLowerCase() });
  }
  return settings;
}
