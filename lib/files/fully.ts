/** Reads and writes that end only when all bytes are through: one call may take a part of them, and say nothing. */
import fs from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { ConvnetsError } from "../errors";

/**
 * Writes all bytes at a place.
 *
 * @throws The system's error where they don't fit.
 */
export function writeFullySync(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const written = fs.writeSync(descriptor, bytes, done, bytes.length - done, position + done);
    done += some(written);
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

/**
 * Writes all bytes of an array at a place.
 *
 * @throws The system's error where they don't fit.
 */
export async function writeFully(
  file: FileHandle,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
  position: number,
): Promise<void> {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  for (let done = 0; done < byteLength; ) {
    done += some((await file.write(bytes, done, byteLength - done, position + done)).bytesWritten);
  }
}

/** Fills an array from a place; false when the file ends before. */
export async function readFully(
  file: FileHandle,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
  position: number,
): Promise<boolean> {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  for (let done = 0; done < byteLength; ) {
    const { bytesRead } = await file.read(bytes, done, byteLength - done, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

function some(written: number): number {
  if (written === 0) throw new ConvnetsError("The disk takes no more bytes.");
  return written;
}
