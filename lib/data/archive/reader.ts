/** Opens zip archives for reading many small files quickly. */
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { inflateRaw, type ZlibOptions } from "node:zlib";
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from "yauzl";
import { ArchiveError } from "./errors";

const inflate = promisify<Buffer, ZlibOptions, Buffer>(inflateRaw);

/** Bytes that are read at once: about fifty photographs with their headers. */
const WINDOW_BYTES = 1 << 20;

/**
 * Reads a file through one window, so that the thousands of small reads of an archive's directory and headers become
 * a few large ones.
 */
class WindowReader extends RandomAccessReader {
  private window = Buffer.alloc(0);
  private windowStart = 0;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
  ) {
    super();
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    // One after the other: two reads at once would take the window from each other.
    this.queue = this.queue
      .then(() => this.copy(buffer, offset, length, position))
      .then((bytesRead) => setImmediate(callback, null, bytesRead))
      .catch((error: Error) => setImmediate(callback, error));
  }

  private async copy(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<number> {
    if (length > WINDOW_BYTES) {
      return (await this.handle.read(buffer, offset, length, position)).bytesRead;
    }
    const isInside =
      position >= this.windowStart && position + length <= this.windowStart + this.window.length;
    if (!isInside) {
      const window = Buffer.allocUnsafe(WINDOW_BYTES);
      // Several files are read side by side, so the next read may be a little before this one.
      const slack = Math.min(WINDOW_BYTES / 4, WINDOW_BYTES - length, position);
      this.windowStart = position - slack;
      const { bytesRead } = await this.handle.read(window, 0, WINDOW_BYTES, this.windowStart);
      this.window = window.subarray(0, bytesRead);
    }
    const from = position - this.windowStart;
    return from < this.window.length ? this.window.copy(buffer, offset, from, from + length) : 0;
  }

  /** Fills `buffer` with the bytes at `position`. */
  async readExactly(buffer: Buffer, position: number): Promise<void> {
    const bytesRead = await new Promise<number>((resolve, reject) => {
      this.read(buffer, 0, buffer.length, position, (error, count = 0) =>
        error ? reject(error) : resolve(count),
      );
    });
    if (bytesRead < buffer.length) throw new Error("unexpected end of the archive");
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return createReadStream(this.file, { start, end: end - 1, highWaterMark: 1 << 18 });
  }

  override close(callback: (error: Error | null) => void): void {
    this.handle.close().then(() => callback(null), callback);
  }
}

/** The bytes of a small file in one piece, of a large one as a stream. */
export type Chunks = readonly [Buffer] | AsyncIterable<Buffer>;

/** An open archive. */
export interface Archive {
  file: string;
  /** Its own size in bytes. */
  size: number;
  entries: Entry[];
  /** The bytes of an entry, decompressed; no more than the archive says there are. */
  contents(entry: Entry): Promise<Chunks>;
  close(): Promise<void>;
}

/**
 * Opens a zip archive and reads its directory.
 *
 * @throws ArchiveError when it is not a whole zip archive.
 */
export async function openArchive(file: string): Promise<Archive> {
  const handle = await open(file, "r");
  const { size } = await handle.stat();
  const reader = new WindowReader(file, handle);
  let zip: ZipFile;
  try {
    zip = await fromRandomAccessReaderPromise(reader, size, { autoClose: false });
  } catch (error) {
    await handle.close();
    throw broken(file, error);
  }
  const close = async () => {
    if (!zip.isOpen) return;
    const closed = new Promise<void>((resolve) => zip.once("close", resolve));
    zip.close();
    await closed;
  };
  try {
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(entry);
    return { file, size, entries, close, contents: (entry) => contents(zip, reader, entry) };
  } catch (error) {
    await close();
    throw broken(file, error);
  }
}

/** Sizes up to which a file is read in one piece, not through a stream. */
const SMALL_COMPRESSED_BYTES = 256 << 10;
const SMALL_BYTES = 8 << 20;

async function contents(zip: ZipFile, reader: WindowReader, entry: Entry): Promise<Chunks> {
  if (entry.compressedSize > SMALL_COMPRESSED_BYTES || entry.uncompressedSize > SMALL_BYTES) {
    return zip.openReadStreamPromise(entry);
  }
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const compressed = Buffer.allocUnsafe(entry.compressedSize);
  await reader.readExactly(compressed, fileDataStart);
  if (entry.compressionMethod === 0) return [compressed];
  // One byte more than declared is enough to see that the archive lies.
  return [await inflate(compressed, { maxOutputLength: entry.uncompressedSize + 1 })];
}

function broken(file: string, cause: unknown): ArchiveError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ArchiveError(`${file} cannot be unzipped: ${reason}`, { cause });
}
