/**
 * Arrays in a file that NumPy, PyTorch and Keras users can read: the safetensors format.
 *
 * Eight bytes say how long the header is, the header is JSON that names each array's type, shape and place, and
 * the arrays follow. The header has a fixed length here, so that rows can be appended before their number is known.
 *
 * @see https://github.com/huggingface/safetensors#format
 */
import type { FileHandle } from "node:fs/promises";
import { ConvnetsError } from "../../errors";
import { hashOf, readFully, writeFully } from "../../files";

/** Where the arrays begin. */
export const dataStart = 4096;

const types = { F32: Float32Array, I32: Int32Array, BOOL: Uint8Array } as const;
type TypeName = keyof typeof types;

/** Type names by tfjs' dtypes. */
export const typeNames = { float32: "F32", int32: "I32", bool: "BOOL" } as const;
export type StoredDtype = keyof typeof typeNames;

/** An array in a file. */
export interface ArrayEntry {
  dtype: TypeName;
  shape: number[];
  /** First and last byte after it, counted from the first array's. */
  data_offsets: [number, number];
}

/** A header: arrays by name, and text by name. `check` is the one name that is taken. */
export interface Header {
  arrays: Record<string, ArrayEntry>;
  metadata: Record<string, string>;
}

/** Writes the header with its own checksum; the rest of its room is filled with spaces, as the format allows. */
export async function writeHeader(file: FileHandle, header: Header): Promise<void> {
  const metadata = { ...header.metadata, check: checkOf(header) };
  const json = Buffer.from(JSON.stringify({ __metadata__: metadata, ...header.arrays }));
  if (json.length > dataStart - 8) {
    throw new ConvnetsError("The description of the features is too long for their file.");
  }
  const bytes = Buffer.alloc(dataStart, " ");
  bytes.writeBigUInt64LE(BigInt(dataStart - 8));
  json.copy(bytes, 8);
  await writeFully(file, bytes, 0);
}

function checkOf({ arrays, metadata }: Header): string {
  return hashOf([arrays, metadata]);
}

/** Reads the header that `writeHeader` wrote; undefined when it is none, or damaged. */
export async function readHeader(file: FileHandle): Promise<Header | undefined> {
  const bytes = Buffer.alloc(dataStart);
  if (!(await readFully(file, bytes, 0))) return undefined;
  if (bytes.readBigUInt64LE() !== BigInt(dataStart - 8)) return undefined;
  try {
    const { __metadata__, ...arrays } = JSON.parse(bytes.toString("utf8", 8));
    const { check, ...metadata } = __metadata__;
    return check === checkOf({ arrays, metadata }) ? { arrays, metadata } : undefined;
  } catch {
    return undefined;
  }
}

/** Reads an array; undefined when the file or the entry is damaged. */
export async function readArray(
  file: FileHandle,
  entry: ArrayEntry | undefined,
): Promise<Float32Array | Int32Array | Uint8Array | undefined> {
  const type = entry && types[entry.dtype];
  if (type === undefined) return undefined;
  const [start, end] = entry!.data_offsets;
  const { size } = await file.stat();
  const length = entry!.shape.reduce((product, side) => product * side, 1);
  if (end > size - dataStart || end - start !== length * type.BYTES_PER_ELEMENT) return undefined;
  const array = new type(length);
  return (await readFully(file, array, dataStart + start)) ? array : undefined;
}
