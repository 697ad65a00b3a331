/**
 * Reads NumPy's `.npz` files of unsigned bytes: a zip archive of `.npy` arrays.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { ConvnetsError } from "../../errors";
import { matchesChecksum, openZip, readEntry } from "../../formats";
import { DataFileError } from "../dataFileError";
import { mostUnpackedBytes, tooLarge } from "./budget";
import type { ByteArray } from "./idx";

const NPY_MAGIC = Buffer.from("\x93NUMPY", "latin1");

/**
 * Reads named arrays of an `.npz` file.
 *
 * @param bytes The whole file.
 * @param options.name What the file is called in an error.
 * @param options.arrays Names of the wanted arrays; others are passed over.
 * @returns The arrays by name.
 * @throws DataFileError when the archive is damaged, an array is missing, not of unsigned bytes, or unpacks to far more
 *   than digits do.
 */
export async function parseNpz<Name extends string>(
  bytes: Buffer,
  options: { name: string; arrays: readonly Name[] },
): Promise<Record<Name, ByteArray>> {
  const { name, arrays } = options;
  const found = new Map<string, ByteArray>();
  try {
    const archive = await openZip(bytes);
    for await (const entry of archive.entries()) {
      const array = entry.fileName.replace(/\.npy$/, "");
      if (!(arrays as readonly string[]).includes(array)) continue;
      if (found.has(array)) throw new ConvnetsError(`${entry.fileName} is in it twice`);
      if (entry.uncompressedSize > mostUnpackedBytes(bytes.length)) {
        throw tooLarge(name, bytes.length);
      }
      const npy = await readEntry(archive, entry);
      if (!matchesChecksum(entry, npy)) {
        throw new ConvnetsError(`wrong checksum of ${entry.fileName}`);
      }
      found.set(array, parseNpy(npy, `${name} (${entry.fileName})`));
    }
  } catch (cause) {
    if (cause instanceof DataFileError) throw cause;
    throw new DataFileError(name, `its zip archive is damaged (${(cause as Error).message})`, {
      cause,
    });
  }
  const missing = arrays.filter((array) => !found.has(array));
  if (missing.length > 0) {
    throw new DataFileError(name, `it has no array named ${missing.join(", ")}`);
  }
  return Object.fromEntries(found) as Record<Name, ByteArray>;
}

function parseNpy(npy: Buffer, name: string): ByteArray {
  if (npy.length < 12 || !npy.subarray(0, 6).equals(NPY_MAGIC)) {
    throw new DataFileError(name, "it is no .npy array");
  }
  // Version 1 keeps the header's length in two bytes, later ones in four.
  const wide = npy[6]! > 1;
  const start = wide ? 12 : 10;
  const dataStart = start + (wide ? npy.readUInt32LE(8) : npy.readUInt16LE(8));
  const header = npy.toString("latin1", start, dataStart);
  const dtype = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (dtype !== "|u1" || shapeText === undefined || !/'fortran_order':\s*False/.test(header)) {
    throw new DataFileError(
      name,
      `only C-ordered arrays of uint8 are read here; its header says ${header.trim()}`,
    );
  }
  const shape = shapeText
    .split(",")
    .filter((length) => length.trim() !== "")
    .map(Number);
  const values = npy.subarray(dataStart);
  const size = shape.reduce((product, length) => product * length, 1);
  if (values.length !== size) {
    throw new DataFileError(
      name,
      `its header says [${shape.join(", ")}], which is ${size} bytes, but ${values.length} follow`,
    );
  }
  return { shape, values };
}
