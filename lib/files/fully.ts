/** Reads and writes that end only when all bytes are through: one call may take a part of them, and say nothing. */
import fs from "node:fs";
import { ConvnetsError } from "../errors";

/**
 * Writes all bytes at a place.
 *
 * @throws The system's error where they don't fit.
 */
export function writeFullySync(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const written = fs.writeSync(descriptor, bytes, done, bytes.length - done, position + done);
    if (written === 0) throw new ConvnetsError("The disk takes no more bytes.");
    done += written;
  }
}

/** Fills `bytes` from a place; false when the file ends before. */
export function readFullySync(descriptor: number, bytes: Uint8Array, position: number): boolean {
  for (let done = 0; done < bytes.length; ) {
    const read = fs.readSync(descriptor, bytes, done, bytes.length - done, position + done);
    if (read === 0) return false;
    done += read;
  }
  return true;
}
