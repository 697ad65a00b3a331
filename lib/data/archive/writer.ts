/** Puts files under their names, each one whole or not at all. */
import {
  createReadStream,
  lstatSync,
  readFileSync,
  renameSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { lstat, mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import { makeFolder, removeAbandoned, settle, unfinishedPath } from "../../files";
import type { Chunks, ZipEntry } from "../../formats";
import { ArchiveError } from "./errors";
import type { PlannedFile } from "./plan";

const UNFINISHED = ".unzip-";

/** Size up to which a file that is there is read in one piece. */
const SMALL_BYTES = 1 << 20;

export class Writer {
  private readonly folders = new Map<string, Promise<void>>();
  private count = 0;

  private constructor(
    readonly into: string,
    private readonly temporary: string,
  ) {}

  /** Makes the folder, and in it a place for unfinished files. */
  static async open(into: string): Promise<Writer> {
    makeFolder(into);
    await removeAbandoned(into, { prefix: UNFINISHED });
    const temporary = unfinishedPath(into, { prefix: UNFINISHED });
    await mkdir(temporary);
    return new Writer(into, temporary);
  }

  async close(): Promise<void> {
    // Where the disk fails, the fault that came before is the one that matters; the next run tidies up.
    await rm(this.temporary, { recursive: true, force: true }).catch(() => undefined);
    settle(this.temporary);
  }

  /** Whether the file is there with the size and CRC of the archive's. */
  async isIdentical({ entry, relative }: PlannedFile): Promise<boolean> {
    const file = path.join(this.into, relative);
    const there = lstatSync(file, { throwIfNoEntry: false });
    if (!there?.isFile() || there.size !== entry.uncompressedSize) return false;
    if (there.size <= SMALL_BYTES) return crc32(readFileSync(file)) === entry.crc32;
    let crc = 0;
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) {
      crc = crc32(chunk as Buffer, crc);
    }
    return crc === entry.crc32;
  }

  /**
   * Writes one file under a temporary name, checks its size and CRC, and gives it its own.
   *
   * @throws ArchiveError when the contents are not what the archive declares.
   */
  async write(
    { entry, relative }: PlannedFile,
    chunks: Chunks,
    onBytes: (count: number) => void,
  ): Promise<void> {
    const target = path.join(this.into, relative);
    await this.folder(path.dirname(relative));
    const there = lstatSync(target, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) {
      const what = there.isDirectory() ? "a folder" : nameOfOther(there);
      throw new ArchiveError(`${target} is ${what}, the archive has a file of that name`);
    }
    const temporary = path.join(this.temporary, String(this.count++));
    const check = new Check(entry, relative);
    if ("length" in chunks) {
      // For a small file the way through the thread pool costs far more than the writing itself.
      const [content] = chunks;
      check.add(content);
      check.end();
      writeFileSync(temporary, content, { flag: "wx" });
      onBytes(entry.uncompressedSize);
      renameSync(temporary, target);
      return;
    }
    const handle = await open(temporary, "wx");
    try {
      for await (const chunk of chunks) {
        check.add(chunk);
        await handle.writeFile(chunk);
        onBytes(chunk.length);
      }
      check.end();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  }

  /** Makes the folder below `into`, never through a symbolic link. */
  private folder(relative: string): Promise<void> {
    if (relative === ".") return Promise.resolve();
    let made = this.folders.get(relative);
    if (made === undefined) {
      made = this.folder(path.dirname(relative)).then(() => makeFolderBelow(this.into, relative));
      this.folders.set(relative, made);
    }
    return made;
  }
}

async function makeFolderBelow(into: string, relative: string): Promise<void> {
  const folder = path.join(into, relative);
  const there = await lstat(folder).catch(() => undefined);
  if (there === undefined) {
    await mkdir(folder, { recursive: true });
  } else if (!there.isDirectory()) {
    const what = there.isFile() ? "a file" : nameOfOther(there);
    throw new ArchiveError(`${folder} is ${what}, the archive needs a folder there`);
  }
}

/** What is neither a file nor a folder. It is never followed: an archive writes below its folder only. */
function nameOfOther(there: Stats): string {
  return there.isSymbolicLink() ? "a symbolic link" : "a device, a pipe or a socket";
}

/** Compares contents with what the archive declares, while they pass. */
class Check {
  private size = 0;
  private crc = 0;

  constructor(
    private readonly entry: ZipEntry,
    private readonly name: string,
  ) {}

  add(chunk: Buffer): void {
    const declared = this.entry.uncompressedSize;
    this.size += chunk.length;
    if (this.size > declared) {
      throw new ArchiveError(`"${this.name}" holds more than the ${declared} bytes it declares`);
    }
    this.crc = crc32(chunk, this.crc);
  }

  end(): void {
    const declared = this.entry.uncompressedSize;
    if (this.size < declared) {
      throw new ArchiveError(
        `"${this.name}" holds ${this.size} of the ${declared} bytes it declares`,
      );
    }
    if (this.crc !== this.entry.crc32) {
      throw new ArchiveError(`"${this.name}" is damaged: its CRC differs from the archive's`);
    }
  }
}
