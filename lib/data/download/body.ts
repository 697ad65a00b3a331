/** Takes an answer's bytes off the network and to the disk. */
import type { Readable } from "node:stream";
import { ConvnetsError } from "../../errors";
import { TELLING_BYTES } from "./answer";
import { DownloadError, TransientError } from "./errors";
import type { Response } from "./http";
import type { PartFile } from "./partFile";

/** Bytes that may wait in memory for the disk. */
const MAX_WAITING_BYTES = 4 << 20;

/**
 * The chunks of a stream, every one that arrived before it broke.
 *
 * A stream's own iterator drops what it still holds when the connection breaks: on a bad line, where every try brings
 * little, the download would never get further.
 */
export class Body {
  private readonly stream: Readable;
  private readonly chunks: Buffer[] = [];
  private waitingBytes = 0;
  private end: { error?: unknown } | undefined;
  private wake: () => void = () => {};

  /** Starts to read at once. */
  constructor(response: Response) {
    // biome-ignore lint/plugin/casts: node-fetch declares only what it has in common with browsers
    this.stream = response.body as unknown as Readable;
    this.stream.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.waitingBytes += chunk.length;
      if (this.waitingBytes > MAX_WAITING_BYTES) this.stream.pause();
      this.wake();
    });
    const end = (error?: unknown) => {
      this.end ??= error === undefined ? {} : { error };
      this.wake();
    };
    this.stream.on("end", () => end());
    this.stream.on("error", (error) => end(error));
    this.stream.on("close", () => end(new ConvnetsError("closed early")));
    if (this.stream.destroyed) end(this.stream.errored ?? new ConvnetsError("closed early"));
  }

  /** The bytes that came since the last call; `undefined` after the last. Rejects with the fault once all are read. */
  async next(): Promise<Buffer | undefined> {
    while (this.chunks.length === 0 && this.end === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.chunks.length === 0) {
      if (this.end && "error" in this.end) throw this.end.error;
      return undefined;
    }
    // All at once: each write takes its time, and a server may send single bytes.
    const bytes = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    this.chunks.length = 0;
    this.waitingBytes = 0;
    this.stream.resume();
    return bytes;
  }

  /** Breaks the connection off. */
  destroy(fault?: Error): void {
    this.stream.destroy(fault);
  }
}

/**
 * Writes an answer's body to the end of the part.
 *
 * @throws TransientError when the connection breaks, or stays below the asked rate; DownloadError when more comes than
 *   the file has.
 */
export async function receive(
  body: Body,
  part: PartFile,
  options: {
    url: string;
    signal: AbortSignal;
    timeoutMs: number;
    minBytesPerSecond: number;
    /** Looks at the first bytes of the file as they grow, and throws when they are of something else. */
    onBeginning(bytes: Uint8Array): void;
    onProgress(bytes: number): void;
  },
): Promise<void> {
  const { url, signal, timeoutMs } = options;
  const onAbort = () => body.destroy(signal.reason instanceof Error ? signal.reason : undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();

  const wanted = Math.max(1, (options.minBytesPerSecond * timeoutMs) / 1000);
  const { length } = part.version!;
  let beginning = part.size === 0 ? Buffer.alloc(0) : undefined;
  let lookedAt = performance.now();
  let sizeThen = part.size;
  const watch = setInterval(() => {
    const elapsed = performance.now() - lookedAt;
    // A late look means that this process was busy, not the server: the bytes are still waiting to be read.
    if (elapsed < 1.5 * timeoutMs && part.size - sizeThen < wanted) {
      const came = part.size - sizeThen;
      body.destroy(
        new TransientError(`${url} stalled: ${came} bytes in ${timeoutMs / 1000} s`, {
          url,
          stalled: true,
        }),
      );
    }
    lookedAt = performance.now();
    sizeThen = part.size;
  }, timeoutMs);

  try {
    for (;;) {
      const chunk = await body.next().catch((error: unknown) => {
        signal.throwIfAborted();
        if (error instanceof TransientError) throw error;
        throw new TransientError(`The connection to ${url} broke off`, { url, cause: error });
      });
      if (chunk === undefined) break;
      if (beginning !== undefined) {
        beginning = Buffer.concat([beginning, chunk.subarray(0, TELLING_BYTES)]);
        try {
          options.onBeginning(beginning);
        } catch (error) {
          await part.remove(); // else it would be the beginning of the file next time
          throw error;
        }
        if (beginning.length >= TELLING_BYTES) beginning = undefined;
      }
      if (length !== null && part.size + chunk.length > length) {
        await part.remove();
        const fault = `sends more than the ${length} bytes that it announces`;
        throw new DownloadError(`${url} ${fault}`, { url });
      }
      await part.append(chunk);
      options.onProgress(part.size);
    }
    signal.throwIfAborted();
  } finally {
    clearInterval(watch);
    signal.removeEventListener("abort", onAbort);
    body.destroy();
  }
  if (length !== null && part.size < length) {
    throw new TransientError(`${url} ended after ${part.size} of ${length} bytes`, { url });
  }
}
