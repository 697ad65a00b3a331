/**
 * The unfinished file of a download.
 *
 * `photos.zip.part` holds the bytes so far and `photos.zip.part.json` says what they are the beginning of, so that
 * only the same file is ever continued.
 */
import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { formatBytes } from "../../text";
import { DownloadError } from "./errors";

/** What tells one version of a file on a server from another. */
export interface Version {
  /** Whole length in bytes; `null` when the server does not say. */
  length: number | null;
  /** The `ETag` header. */
  etag: string | null;
  /** The `Last-Modified` header. */
  lastModified: string | null;
}

interface Sidecar extends Version {
  /** The address that was asked for; continuing another one makes no sense. */
  source: string;
}

export class PartFile {
  readonly path: string;
  private readonly sidecarPath: string;
  private handle: FileHandle | undefined;
  private knownVersion: Version | undefined;
  private written = 0;

  private constructor(
    private readonly target: string,
    private readonly source: string,
  ) {
    this.path = `${target}.part`;
    this.sidecarPath = `${target}.part.json`;
  }

  /**
   * Opens what an earlier run left for `target`, or nothing yet.
   *
   * @param resume `false` forgets what an earlier run left.
   */
  static async open(target: string, source: string, resume: boolean): Promise<PartFile> {
    const part = new PartFile(target, source);
    if (!resume || !(await part.load())) await part.remove();
    return part;
  }

  /** Bytes that are there. */
  get size(): number {
    return this.written;
  }

  /** The file that the bytes belong to; `undefined` as long as there are none. */
  get version(): Version | undefined {
    return this.knownVersion;
  }

  /** Starts from the first byte, as the beginning of `version`. */
  async restart(version: Version): Promise<void> {
    await this.close();
    await mkdir(path.dirname(this.target), { recursive: true });
    await this.assertRoom(version.length);
    await this.guard(async () => {
      // Without a sidecar the part counts as nothing, so it goes first and comes last.
      await rm(this.sidecarPath, { force: true });
      this.handle = await open(this.path, "w");
      const sidecar: Sidecar = { source: this.source, ...version };
      await writeFile(this.sidecarPath, `${JSON.stringify(sidecar, null, 2)}\n`);
    });
    this.knownVersion = version;
    this.written = 0;
  }

  /** Makes ready to append. */
  async continue(): Promise<void> {
    this.handle ??= await open(this.path, "r+");
    await this.handle.truncate(this.written);
  }

  async append(chunk: Uint8Array): Promise<void> {
    const handle = this.handle!;
    await this.guard(async () => {
      let written = 0;
      while (written < chunk.length) {
        const { bytesWritten } = await handle.write(
          chunk,
          written,
          chunk.length - written,
          this.written,
        );
        written += bytesWritten;
        this.written += bytesWritten;
      }
    });
  }

  /** Gives the file its real name. It is on disk before it has the name. */
  async complete(): Promise<void> {
    await this.continue();
    await this.guard(() => this.handle!.sync());
    await this.close();
    await rename(this.path, this.target);
    await rm(this.sidecarPath, { force: true });
  }

  async close(): Promise<void> {
    const handle = this.handle;
    this.handle = undefined;
    await handle?.close();
  }

  /** Closes and leaves no trace. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
    await rm(this.sidecarPath, { force: true });
    this.knownVersion = undefined;
    this.written = 0;
  }

  private async load(): Promise<boolean> {
    try {
      const sidecar = JSON.parse(await readFile(this.sidecarPath, "utf8")) as Partial<Sidecar>;
      const { size } = await stat(this.path);
      const { source, length = null, etag = null, lastModified = null } = sidecar;
      if (source !== this.source || (length !== null && size > length)) return false;
      this.knownVersion = { length, etag, lastModified };
      this.written = size;
      return true;
    } catch {
      return false;
    }
  }

  private async assertRoom(length: number | null): Promise<void> {
    if (length === null) return;
    const folder = path.dirname(this.target);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    if (length > free) {
      throw new DownloadError(
        `The disk has too little room: the file needs ${formatBytes(length)}, ${folder} has ${formatBytes(free)} free`,
        { url: this.source, hint: "Free some space, or choose an `output` on another disk." },
      );
    }
  }

  /** Turns the faults of a full disk into one clear error. */
  private async guard<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOSPC" && code !== "EDQUOT" && code !== "EFBIG") throw error;
      throw new DownloadError(
        `The disk is full (${code}): ${this.path} could not grow beyond ${formatBytes(this.written)}`,
        {
          url: this.source,
          hint: "Free some space, or choose an `output` on another disk.",
          cause: error,
        },
      );
    }
  }
}
