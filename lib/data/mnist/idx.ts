/**
 * Reads the IDX files that MNIST comes in.
 *
 * @see https://yann.lecun.org/exdb/mnist/ for the format
 */
import zlib from "node:zlib";
import { DataFileError } from "../dataFileError";
import { mostUnpackedBytes, tooLarge } from "./budget";

/** An array of bytes with its shape. */
export interface ByteArray {
  /** Lengths of the dimensions, the slowest first. */
  shape: number[];
  /** The values in row-major order. */
  values: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;
const GZIP_MAGIC = 0x1f8b;

/**
 * Reads an IDX file of unsigned bytes, gzipped or plain.
 *
 * @param bytes The whole file.
 * @param options.name What the file is called in an error.
 * @param options.rank How many dimensions the array must have: 3 for images, 1 for labels.
 * @returns A view into `bytes` (into the unpacked bytes of a gzipped file); nothing is copied.
 * @throws DataFileError when the file is no such array, shorter or longer than its header says, or unpacks to far more
 *   than digits do.
 */
export function parseIdx(bytes: Buffer, options: { name: string; rank: number }): ByteArray {
  const { name, rank } = options;
  const file = gunzipped(bytes, name);
  const headerBytes = 4 + 4 * rank;
  const magic = (UNSIGNED_BYTE << 8) | rank;
  if (file.length < headerBytes) {
    throw new DataFileError(name, `it ends inside its header, after ${file.length} bytes`);
  }
  const found = file.readUInt32BE(0);
  if (found !== magic) {
    throw new DataFileError(
      name,
      `an IDX file of ${rank} dimension${rank === 1 ? "" : "s"} starts with the number ${magic}, this one with ${found}`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => file.readUInt32BE(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (file.length - headerBytes !== size) {
    throw new DataFileError(
      name,
      `its header says [${shape.join(", ")}], which is ${size} bytes, but ${file.length - headerBytes} follow`,
    );
  }
  return { shape, values: file.subarray(headerBytes) };
}

function gunzipped(bytes: Buffer, name: string): Buffer {
  if (bytes.length < 2 || bytes.readUInt16BE(0) !== GZIP_MAGIC) return bytes;
  try {
    return zlib.gunzipSync(bytes, { maxOutputLength: mostUnpackedBytes(bytes.length) });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw tooLarge(name, bytes.length);
    }
    throw new DataFileError(name, `its gzip stream is damaged (${(cause as Error).message})`, {
      cause,
    });
  }
}
