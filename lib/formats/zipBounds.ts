/** Where an archive lies in a file that holds more: a program before it that unpacks it, a signature after it. */

/** Reads as many bytes of a file as there are at a place. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

/** First byte of an archive in its file, and first byte after it. */
export interface Bounds {
  start: number;
  end: number;
}

const END_OF_DIRECTORY = 0x06054b50;
const END_BYTES = 22;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const ZIP64_END = 0x06064b50;
const ZIP64_END_BYTES = 56;
const DIRECTORY_ENTRY = 0x02014b50;

/** How far from the end of a file its archive's end is looked for: a comment's 64 KiB, and a MiB of other bytes. */
const SEARCHED_BYTES = (1 << 20) + (1 << 16) + END_BYTES;

/**
 * Finds the archive in a file. Offsets in an archive count from its first byte, which need not be the file's.
 *
 * @returns The whole file when there is nothing before or after the archive, or no archive.
 */
export async function zipBounds(read: ReadAt, size: number): Promise<Bounds> {
  const tailStart = Math.max(0, size - SEARCHED_BYTES);
  const tail = await read(tailStart, size - tailStart);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== END_OF_DIRECTORY) continue;
    const end = tailStart + at + END_BYTES + tail.readUInt16LE(at + 20);
    if (end > size) continue;
    const start = await startOf(read, { record: tail.subarray(at), position: tailStart + at });
    if (start !== undefined) return { start, end };
  }
  return { start: 0, end: size };
}

/** Where the archive with this end record starts; undefined when its directory isn't where it must be. */
async function startOf(
  read: ReadAt,
  { record, position }: { record: Buffer; position: number },
): Promise<number | undefined> {
  let [count, length, offset] = [10, 12, 16].map((place) =>
    place === 10 ? record.readUInt16LE(place) : record.readUInt32LE(place),
  ) as [number, number, number];
  let directoryEnd = position;
  const locator = await read(Math.max(0, position - LOCATOR_BYTES), LOCATOR_BYTES);
  if (locator.length === LOCATOR_BYTES && locator.readUInt32LE(0) === LOCATOR) {
    const place = position - LOCATOR_BYTES - ZIP64_END_BYTES;
    const zip64 = place < 0 ? Buffer.alloc(0) : await read(place, ZIP64_END_BYTES);
    if (zip64.length < ZIP64_END_BYTES || zip64.readUInt32LE(0) !== ZIP64_END) return undefined;
    [count, length, offset] = [32, 40, 48].map((at) => Number(zip64.readBigUInt64LE(at))) as [
      number,
      number,
      number,
    ];
    directoryEnd = place;
  }
  const directory = directoryEnd - length;
  const start = directory - offset;
  if (start < 0) return undefined;
  if (count === 0) return length === 0 ? start : undefined;
  const first = await read(directory, 4);
  return first.length === 4 && first.readUInt32LE(0) === DIRECTORY_ENTRY ? start : undefined;
}
