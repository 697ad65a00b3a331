/** Small pictures in the classes a and b. */
import fs from "node:fs";
import path from "node:path";

/** Writes uncompressed bitmaps of 8 × 8 pixels. */
export function writePictures(folder: string, count: number): void {
  const [side, header] = [8, 54];
  for (let number = 0; number < count; number++) {
    const file = path.join(folder, number % 2 === 0 ? "a" : "b", `${number}.bmp`);
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
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bytes);
  }
}
