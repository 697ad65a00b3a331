/** Small pictures in the classes a and b. */
import fs from "node:fs";
import path from "node:path";

/** How bitmaps are written. */
interface BitmapOptions {
  /** Added to each value. @default 0 */
  brightness?: number;
  /** When each file was changed last, in seconds. @default now */
  modifiedAt?: number;
}

/** Writes uncompressed bitmaps of 8 × 8 pixels, 24 bits a pixel. */
export function writeBitmaps(
  folder: string,
  count: number,
  { brightness = 0, modifiedAt }: BitmapOptions = {},
): void {
  for (let number = 0; number < count; number++) {
    const file = path.join(folder, number % 2 === 0 ? "a" : "b", `${number}.bmp`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bitmap(number * 20 + brightness));
    if (modifiedAt !== undefined) fs.utimesSync(file, modifiedAt, modifiedAt);
  }
}

/** @param first The first value; each further one is larger by 1. */
function bitmap(first: number): Buffer {
  const [side, header] = [8, 54];
  const bytes = Buffer.alloc(header + side * side * 3);
  bytes.write("BM");
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(header, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(side, 18);
  bytes.writeInt32LE(side, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let i = 0; i < side * side * 3; i++) bytes[header + i] = (first + i) % 256;
  return bytes;
}
