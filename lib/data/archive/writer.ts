/** Puts files under their names, each one whole or not at all. */
import { createReadStream } from "node:fs";
import { lstat, mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import type { Entry } from "yauzl";
import { removeAbandoned, unfinishedPath } from "../unfinished";
import { ArchiveError } from "./errors";
import type { PlannedFile } from "./plan";
import type { Chunks } from "./reader";

const UNFINISHED = ".unzip-";

export class Writer {
  readonly #folders = new Map<string, Promise<void>>();
  #count = 0;

  private constructor(
    private readonly into: string,
    private readonly temporary: string,
  ) {}

  /** Makes the folder, and in it a place for unfinished files. */
  static async open(into: string): Promise<Writer> {
    await mkdir(into, { recursive: true });
    await removeAbandoned(into, UNFINISHED);
    const temporary = unfinishedPath(into, UNFINISHED);
    await mkdir(temporary);
    return new Writer(into, temporary);
  }

  async close(): Promise<void> {
    await rm(this.temporary, { recursive: true, force: true });
  }

  /** Whether the file is there with the size and CRC of the archive's. */
  async isIdentical({ entry, relative }: PlannedFile): Promise<boolean> {
    const file = path.join(this.into, relative);
    const there = await lstat(file).catch(() => undefined);
    if (!there?.isFile() || there.size !== entry.uncompressedSize) return false;
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
    await this.#folder(path.dirname(relative));
    if ((await lstat(target).catch(() => undefined))?.isDirectory()) {
      throw new ArchiveError(`${target} is a folder, the archive has a file of that name`);
    }
    const temporary = path.join(this.temporary, String(this.#count++));
    const handle = await open(temporary, "wx");
    try {
      await copy(entry, relative, chunks, async (chunk) => {
        await handle.writeFile(chunk);
        onBytes(chunk.length);
      });
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  }

  /** Makes the folder below `into`, never through a symbolic link. */
  #folder(relative: string): Promise<void> {
    if (relative === ".") return Promise.resolve();
    let made = this.#folders.get(relative);
    if (made === undefined) {
      made = this.#folder(path.dirname(relative)).then(() => makeFolder(this.into, relative));
      this.#folders.set(relative, made);
    }
    return made;
  }
}

async function makeFolder(into: string, relative: string): Promise<void> {
  const folder = path.join(into, relative);
  const there = await lstat(folder).catch(() => undefined);
  if (there === undefined) {
    await mkdir(folder, { recursive: true });
  } else if (!there.isDirectory()) {
    const what = there.isSymbolicLink() ? "a symbolic link" : "a file";
    throw new ArchiveError(`${folder} is ${what}, the archive needs a folder there`);
  }
}

async function copy(
  entry: Entry,
  name: string,
  chunks: Chunks,
  write: (chunk: Buffer) => Promise<void>,
): Promise<void> {
  let size = 0;
  let crc = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > entry.uncompressedSize) {
      throw new ArchiveError(
        `"${name}" holds more than the ${entry.uncompressedSize} bytes it declares`,
      );
    }
    crc = crc32(chunk, crc);
    await write(chunk);
  }
  if (size < entry.uncompressedSize) {
    throw new ArchiveError(
      `"${name}" holds ${size} of the ${entry.uncompressedSize} bytes it declares`,
    );
  }
  if (crc !== entry.crc32) {
    throw new ArchiveError(`"${name}" is damaged: its CRC differs from the archive's`);
  }
}
