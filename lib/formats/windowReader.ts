import { createReadStream } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import { RandomAccessReader } from "yauzl";
import { ConvnetsError } from "../errors";

/** Bytes that are read at once: about fifty photographs with their headers. */
const WINDOW_BYTES = 1 << 20;

/**
 * Reads a file through one window, so that the thousands of small reads of an archive's directory and headers become
 * a few large ones. Positions count from where the archive starts in its file; the file's handle stays the caller's.
 */
export class WindowReader extends RandomAccessReader {
  private window = Buffer.alloc(0);
  private windowStart = 0;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly file: string,
    private readonly archive: { handle: FileHandle; start: number },
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
      .then(() => this.copy(buffer, offset, length, this.archive.start + position))
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
      return (await this.archive.handle.read(buffer, offset, length, position)).bytesRead;
    }
    const isInside =
      position >= this.windowStart && position + length <= this.windowStart + this.window.length;
    if (!isInside) {
      const window = Buffer.allocUnsafe(WINDOW_BYTES);
      // Several files are read side by side, so the next read may be a little before this one.
      const slack = Math.min(WINDOW_BYTES / 4, WINDOW_BYTES - length, position);
      this.windowStart = position - slack;
      const { handle } = this.archive;
      const { bytesRead } = await handle.read(window, 0, WINDOW_BYTES, this.windowStart);
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
    if (bytesRead < buffer.length) throw new ConvnetsError("unexpected end of the archive");
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const first = this.archive.start + start;
    const last = this.archive.start + end - 1;
    return createReadStream(this.file, { start: first, end: last, highWaterMark: 1 << 18 });
  }
}
