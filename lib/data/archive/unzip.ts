import path from "node:path";
import {
  checkBoolean,
  checkNumber,
  checkSignal,
  checkText,
  type KnownOptions,
  rejectUnknownOptions,
} from "../../checks";
import { ConvnetsError, invalidArgument } from "../../errors";
import { checkFolderPlace, fileFault } from "../../files";
import { type NameDecoder, nameDecoder } from "../../formats";
import { type LiveLine, onInterrupt, openLiveLine } from "../../notebook";
import { formatBytes, formatDuration } from "../../text";
import { inLanes } from "../lanes";
import { Meter, progressText } from "../progress";
import { type Archive, openArchive } from "./archive";
import { ArchiveError } from "./errors";
import { assertNoneThere, type Budget, type PlannedFile, plan } from "./plan";
import { Writer } from "./writer";

/** Options of `unzip`. */
export interface UnzipOptions {
  /** Folder to unpack into; made when missing. @default the working directory */
  into?: string;
  /** Prints nothing. @default false */
  quiet?: boolean;
  /**
   * Replaces files that are there already and differ; those with the archive's size and CRC are left alone. With
   * `false`, a file that is there is an error, before anything is written.
   *
   * @default true
   */
  overwrite?: boolean;
  /** Unpacks the zip archives inside too, each into the folder that it is in. @default false */
  nested?: boolean;
  /**
   * How names are written that the archive doesn't mark, as archives made on Windows don't: `"euc-kr"`, `"shift_jis"`,
   * `"gbk"` or any other label of the Encoding Standard, or Python's name of such a code page (`"cp949"`).
   *
   * @default UTF-8 where the bytes are, else code page 437
   */
  encoding?: string;
  /** Most bytes that may be written, archives inside included. @default 20e9 */
  maxBytes?: number;
  /** Most bytes that may be written for each byte of the archive; text may need more. @default 100 */
  maxRatio?: number;
  /** Stops the work; the promise rejects with the signal's reason. @default none */
  signal?: AbortSignal;
}

/** What `unzip` did. */
export interface UnzipResult {
  /** Absolute path of the folder. */
  folder: string;
  /** Files written. */
  written: number;
  /** Files that were there already, with the same size and CRC. */
  skipped: number;
  /** Bytes written. */
  bytes: number;
}

const known: KnownOptions<UnzipOptions> = {
  into: true,
  quiet: true,
  overwrite: true,
  nested: true,
  encoding: true,
  maxBytes: true,
  maxRatio: true,
  signal: true,
};

/** Archives in archives in archives are no data set. */
const MAX_DEPTH = 4;

/** Files that are unpacked side by side. */
const LANES = 4;

/**
 * Unpacks a zip archive, Zip64 included. Asks nothing, and is safe to run twice.
 *
 * Every file appears under its name only when it is whole and its CRC is right.
 *
 * @param archive Path of the archive.
 * @returns Where the files are, and how many were written and left alone.
 * @throws ArchiveError when the archive is broken, or refused: paths that leave the folder, symbolic links, too large.
 * @example
 * import { unzip } from "convnets";
 * const { folder, written } = await unzip("data/train.zip", { into: "data/train" });
 * console.log(`${written} files in ${folder}`);
 */
export async function unzip(archive: string, options: UnzipOptions = {}): Promise<UnzipResult> {
  rejectUnknownOptions(options, known, "unzip");
  const { into = ".", quiet = false, overwrite = true, nested = false, signal } = options;
  const { maxBytes = 20e9, maxRatio = 100, encoding } = options;
  checkText("into", into, { what: "a folder's path" });
  checkFolderPlace("into", into);
  checkBoolean("quiet", quiet);
  checkBoolean("overwrite", overwrite, {
    hint: '`true` is what "skip" and "replace" were, `false` what "error" was.',
  });
  checkBoolean("nested", nested);
  checkText("encoding", encoding, { what: "an encoding's name" });
  const decodeName = encoding === undefined ? undefined : nameDecoder(encoding);
  if (encoding !== undefined && decodeName === undefined) {
    throw invalidArgument("encoding", {
      expected: 'a label of the Encoding Standard, such as "euc-kr" or "shift_jis"',
      received: encoding,
    });
  }
  checkNumber("maxBytes", maxBytes, { above: 0, high: Infinity });
  checkNumber("maxRatio", maxRatio, { above: 0, high: Infinity });
  checkSignal(signal);
  signal?.throwIfAborted();
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const offInterrupt = onInterrupt(() => {
    stop.abort(new ArchiveError(`Unzipping ${archive} was interrupted; run it again to go on`));
  });
  const budget: Budget = { maxBytes, maxRatio, archiveBytes: 0, plannedBytes: 0 };
  const extraction = new Extraction(
    { overwrite, nested, decodeName },
    stop.signal,
    budget,
    quiet ? undefined : openLiveLine(),
  );
  const meter = extraction.meter;
  try {
    await extraction.extract(archive, path.resolve(into), 1);
    const { written, skipped } = extraction;
    const there = skipped > 0 ? `, ${skipped} there already` : "";
    const amount = `${written} files (${formatBytes(extraction.bytes)}) in ${formatDuration(meter.elapsedSeconds)}`;
    extraction.line?.finish(`Unzipped ${path.basename(archive)}: ${amount}${there}`);
    return { folder: path.resolve(into), written, skipped, bytes: extraction.bytes };
  } catch (error) {
    extraction.line?.finish();
    throw fileFault(path.resolve(into), { cause: error, doing: "written" });
  } finally {
    offInterrupt();
    signal?.removeEventListener("abort", onAbort);
  }
}

class Extraction {
  written = 0;
  skipped = 0;
  bytes = 0;
  readonly meter = new Meter(0);

  constructor(
    private readonly options: {
      overwrite: boolean;
      nested: boolean;
      decodeName: NameDecoder | undefined;
    },
    private readonly signal: AbortSignal,
    private readonly budget: Budget,
    readonly line: LiveLine | undefined,
  ) {}

  async extract(file: string, into: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) {
      throw new ArchiveError(`${file} is refused: it is an archive in ${depth - 1} others`);
    }
    const archive = await openArchive(file, this.options);
    let files: PlannedFile[];
    try {
      this.budget.archiveBytes ||= archive.size;
      files = plan(archive, this.budget);
      if (!this.options.overwrite) await assertNoneThere(files, into);
      const writer = await Writer.open(into);
      try {
        await inLanes(files, LANES, (file) => this.extractOne(archive, file, writer));
      } finally {
        await writer.close();
      }
    } finally {
      await archive.close();
    }
    if (!this.options.nested) return;
    for (const { relative } of files) {
      if (!/\.zip$/i.test(relative)) continue;
      const inner = path.join(into, relative);
      await this.extract(inner, path.dirname(inner), depth + 1);
    }
  }

  private async extractOne(archive: Archive, file: PlannedFile, writer: Writer): Promise<void> {
    this.signal.throwIfAborted();
    if (await writer.isIdentical(file)) {
      this.skipped++;
      this.advance(file.entry.uncompressedSize);
      return;
    }
    try {
      const chunks = await archive.contents(file.entry);
      await writer.write(file, chunks, (count) => {
        this.signal.throwIfAborted();
        this.bytes += count;
        this.advance(count);
      });
    } catch (error) {
      if (this.signal.aborted) throw error;
      if (error instanceof ArchiveError) {
        throw new ArchiveError(`${archive.file}: ${error.message}`, { cause: error });
      }
      const target = path.join(writer.into, file.relative);
      const fault = fileFault(target, { cause: error, doing: "written" });
      const reason = fault instanceof Error ? fault.message : String(fault);
      throw new ArchiveError(`${archive.file}: "${file.relative}" cannot be unpacked: ${reason}`, {
        hint: fault instanceof ConvnetsError ? fault.hint : undefined,
        cause: error,
      });
    }
    this.written++;
  }

  private done = 0;

  private advance(count: number): void {
    this.done += count;
    this.meter.record(this.done);
    const files = `${this.written + this.skipped} files`;
    this.line?.update(`${progressText(this.done, this.budget.plannedBytes, this.meter)}, ${files}`);
  }
}
