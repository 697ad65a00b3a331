/**
 * The unfinished file of a download.
 *
 * `photos.zip.part` holds the bytes so far and `photos.zip.part.json` says what they are the beginning of, so that
 * only the same file is ever continued.
 */
import type { Stats } from "node:fs";
import {
  type FileHandle,
  lstat,
  open,
  readFile,
  rename,
  rm,
  statfs,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { ConvnetsError } from "../../errors";
import { fileFault, makeFolder, writeFileAtomically } from "../../files";
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
  /** The address that was asked for, as it may be shown. */
  source: string;
  /** What tells the whole address from others; continuing another one makes no sense. */
  address: string;
}

/** Which download a part belongs to. */
export interface PartOptions {
  /** The address as it may be shown. */
  url: string;
  /** What tells the whole address from others. */
  identity: string;
  /** `false` forgets what an earlier run left. */
  resume: boolean;
  /** Takes the place of a file `.part` or `.part.json` that isn't a download's. */
  overwrite: boolean;
  /** Hashes of the whole, by which a file made of two versions is noticed. */
  hashes: readonly unknown[];
}

export class PartFile {
  readonly path: string;
  private readonly sidecarPath: string;
  private handle: FileHandle | undefined;
  private knownVersion: Version | undefined;
  private written = 0;

  private constructor(
    private readonly target: string,
    private readonly options: PartOptions,
  ) {
    this.path = `${target}.part`;
    this.sidecarPath = `${target}.part.json`;
  }

  /**
   * Opens what an earlier run left for `target`, or nothing yet.
   *
   * @throws DownloadError when something is there that no download has left, which may be somebody's.
   */
  static async open(target: string, options: PartOptions): Promise<PartFile> {
    const part = new PartFile(target, options);
    const left = await part.load();
    if (!options.resume || left !== "ours") await part.remove();
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
    await this.guard(async () => makeFolder(path.dirname(this.target)));
    await this.assertRoom(version.length);
    await this.guard(async () => {
      // Emptied first: no bytes are the beginning of any version. The note comes before the first of them, so that a
      // part without one is never ours.
      this.handle = await open(this.path, "w");
      const { url: source, identity: address } = this.options;
      const sidecar: Sidecar = { source, address, ...version };
      await writeFileAtomically(this.sidecarPath, (temporary) =>
        writeFile(temporary, `${JSON.stringify(sidecar, null, 2)}\n`),
      );
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

  /** Puts the whole part on the disk. */
  async flush(): Promise<void> {
    await this.continue();
    await this.guard(() => this.handle!.sync());
    await this.close();
  }

  /** Gives the file its real name. It is on disk before it has the name. */
  async complete(): Promise<void> {
    await this.guard(() => rename(this.path, this.target));
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
    for (const file of [this.path, this.sidecarPath]) await rm(file, { force: true });
    this.knownVersion = undefined;
    this.written = 0;
  }

  /** Takes over what an earlier run left of this very download, and says whose it is what is there. */
  private async load(): Promise<"ours" | "another download's" | "nothing"> {
    const [there, noteThere] = await Promise.all([this.path, this.sidecarPath].map(whatIsAt));
    for (const [place, found] of [
      [this.path, there],
      [this.sidecarPath, noteThere],
    ] as const) {
      // Nothing of a download's, and nothing that a file may take the place of.
      if (found !== undefined && !found.isFile()) throw this.foreign(place, { isFile: false });
    }
    const note = noteThere && parseNote(await readFile(this.sidecarPath, "utf8"));
    if (note === undefined) {
      // Of a part, there is a note before there is a byte.
      if (there !== undefined && there.size > 0) this.refuseForeign(this.path);
      if (noteThere !== undefined) this.refuseForeign(this.sidecarPath);
      return "nothing";
    }
    if (there === undefined) return "nothing";
    const { address, length = null, etag = null, lastModified = null } = note;
    const isOne = address === this.options.identity && !(length !== null && there.size > length);
    // Without a version to compare, the rest might be another file's.
    const isKnown = etag !== null || lastModified !== null || this.options.hashes.length > 0;
    if (!isOne || !isKnown) return "another download's";
    this.knownVersion = { length, etag, lastModified };
    this.written = there.size;
    return "ours";
  }

  private refuseForeign(place: string): void {
    if (!this.options.overwrite) throw this.foreign(place, { isFile: true });
  }

  private foreign(place: string, { isFile }: { isFile: boolean }): DownloadError {
    const hint = isFile ? "Move it away, or use `overwrite: true`." : "Move it away.";
    const message = `${place} is there already, and isn't the part of a download`;
    return new DownloadError(message, { url: this.options.url, hint });
  }

  private async assertRoom(length: number | null): Promise<void> {
    if (length === null) return;
    const folder = path.dirname(this.target);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    if (length > free) {
      throw new DownloadError(
        `The disk has too little room: the file needs ${formatBytes(length)}, ${folder} has ${formatBytes(free)} free`,
        { url: this.options.url, hint: "Free some space, or choose an `output` on another disk." },
      );
    }
  }

  /** Turns the faults of a full disk, and of one that is read-only or gone, into one clear error. */
  private async guard<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOSPC" && code !== "EDQUOT" && code !== "EFBIG") {
        const fault = fileFault(this.path, { cause: error, doing: "written" });
        if (!(fault instanceof ConvnetsError)) throw fault;
        throw new DownloadError(fault.message, {
          url: this.options.url,
          hint: fault.hint,
          cause: error,
        });
      }
      throw new DownloadError(
        `The disk is full (${code}): ${this.path} could not grow beyond ${formatBytes(this.written)}`,
        {
          url: this.options.url,
          hint: "Free some space, or choose an `output` on another disk.",
          cause: error,
        },
      );
    }
  }
}

/** What has a name, links as such. */
function whatIsAt(place: string): Promise<Stats | undefined> {
  return lstat(place).catch(() => undefined);
}

/** The note of a download; undefined for a file of that name which is none. */
function parseNote(text: string): Partial<Sidecar> | undefined {
  try {
    const note = JSON.parse(text) as Partial<Sidecar> | null;
    const isOurs =
      typeof note?.source === "string" &&
      (["length", "etag", "lastModified"] as const).every((key) => note[key] !== undefined);
    return isOurs ? note : undefined;
  } catch {
    return undefined;
  }
}
