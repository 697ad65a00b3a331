/** What is asked of unfinished files of features. */
import fs, { type FileHandle } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import { markOf, readFully } from "../../files";
import { dataStart } from "./safetensors";

/** Unfinished files of other processes beside this one's, the longest first. */
export async function partsOfOthers(
  own: string,
  marks: { prefix: string; suffix: string },
): Promise<string[]> {
  const folder = path.dirname(own);
  const found: { place: string; size: number }[] = [];
  for (const name of await fs.readdir(folder)) {
    if (markOf(name, marks) === undefined) continue;
    const place = path.join(folder, name);
    const size = (await fs.stat(place).catch(() => undefined))?.size;
    if (size !== undefined && place !== own) found.push({ place, size });
  }
  return found.sort((a, b) => b.size - a.size).map(({ place }) => place);
}

const PIECE_BYTES = 1 << 22;

/** CRC-32 of the rows in a file; NaN when there are fewer than `bytes`. */
export async function checksumOfRows(file: FileHandle, bytes: number): Promise<number> {
  let crc = 0;
  for (let done = 0; done < bytes; ) {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, bytes - done));
    if (!(await readFully(file, piece, dataStart + done))) return Number.NaN;
    crc = crc32(piece, crc);
    done += piece.length;
  }
  return crc;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

export function opened(file: string, flags: string): Promise<FileHandle | undefined> {
  return fs.open(file, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
