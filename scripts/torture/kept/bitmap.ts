import fs from "node:fs";
import path from "node:path";

/** Bitmaps of 8×8 pixels in the classes a and b. */
export function writeBitmaps(folder: string, count: number): void {
  for (let number = 0; number < count; number++) {
    const file = path.join(folder, number % 2 === 0 ? "a" : "b", `${number}.bmp`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bitmap(number));
    // Caches look at it, and a copy of the folder keeps no fractions of milliseconds.
    fs.utimesSync(file, 1e9, 1e9);
  }
}

/** An uncompressed bitmap, 24 bits a pixel. */
function bitmap(number: number): Buffer {
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
  for (let i = 0; i < side * side * 3; i++) bytes[header + i] = (number * 20 + i) % 256;
  return bytes;
}
