import {
  checkBoolean,
  checkNumber,
  checkSignal,
  checkText,
  checkWhole,
  type KnownOptions,
  rejectUnknownOptions,
} from "../../checks";
import { invalidArgument } from "../../errors";

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
   * Uses what is there: continues `output.part` after checking that it is the beginning of the same file (address, and
   * ETag or Last-Modified, or else a hash), and leaves a whole file alone (right hash; without a hash: what an earlier
   * download from this address has written, of the server's length and Last-Modified). `false` starts anew and keeps no
   * part file.
   *
   * @default true
   */
  resume?: boolean;
  /**
   * Replaces a file of this name that didn't come from this address, or was changed since. Without it such a file is an
   * error, unless it holds the very bytes that come.
   *
   * @default false
   */
  overwrite?: boolean;
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

export const downloadOptions: KnownOptions<DownloadOptions> = {
  output: true,
  quiet: true,
  resume: true,
  overwrite: true,
  sha256: true,
  md5: true,
  timeoutMs: true,
  minBytesPerSecond: true,
  retries: true,
  retryDelayMs: true,
  signal: true,
};

/**
 * Checks the options and fills in the defaults.
 *
 * @param known What the calling function knows, `downloadOptions` and its own.
 * @throws InvalidArgumentError on an unknown name or a value that makes no sense.
 */
export function checkDownloadOptions<Options extends DownloadOptions>(
  options: Options,
  known: KnownOptions<Options>,
  where: string,
): DownloadSettings {
  rejectUnknownOptions(options, known, where);
  const settings: DownloadSettings = {
    output: options.output ?? "./",
    quiet: options.quiet ?? false,
    resume: options.resume ?? true,
    overwrite: options.overwrite ?? false,
    timeoutMs: options.timeoutMs ?? 30_000,
    minBytesPerSecond: options.minBytesPerSecond ?? 1024,
    retries: options.retries ?? 5,
    retryDelayMs: options.retryDelayMs ?? 500,
    hashes: [],
    signal: options.signal,
  };
  checkText("output", settings.output, { what: "a path" });
  checkBoolean("quiet", settings.quiet);
  checkBoolean("resume", settings.resume);
  checkBoolean("overwrite", settings.overwrite);
  checkNumber("timeoutMs", settings.timeoutMs, { above: 0, below: 2 ** 31 });
  checkNumber("minBytesPerSecond", settings.minBytesPerSecond, { low: 0 });
  checkNumber("retryDelayMs", settings.retryDelayMs, { low: 0 });
  checkWhole("retries", settings.retries, { low: 0 });
  checkSignal(options.signal);
  for (const [algorithm, digits] of [
    ["sha256", 64],
    ["md5", 32],
  ] as const) {
    const expected = options[algorithm];
    if (expected === undefined) continue;
    const isHex = new RegExp(`^[0-9a-f]{${digits}}$`, "i");
    if (typeof expected !== "string" || !isHex.test(expected)) {
      throw invalidArgument(algorithm, {
        expected: `${digits} hexadecimal digits`,
        received: expected,
      });
    }
    settings.hashes.push({ algorithm, expected: expected.toLowerCase() });
  }
  return settings;
}
