/**
 * HDF5 files, in memory.
 *
 * h5wasm's own file system is used and never the disk: a file's external links and external storage then
 * have nothing to point at, and a damaged file can harm nothing outside.
 */
import type { File } from "h5wasm" with { "resolution-mode": "import" };
import { checkHeaps } from "./hdf5Heaps";
import { type H5Wasm, Hdf5Reader } from "./hdf5Reader";
import { Hdf5Writer } from "./hdf5Writer";
import { ModelFileError } from "./json";

let fileCount = 0;

let loading: Promise<H5Wasm> | undefined;

/**
 * Loads the library for HDF5 files, once.
 *
 * After it, `writeHdf5` writes before the event loop turns: what is written is of one moment, also of a model that is
 * being trained.
 */
export function loadHdf5(): Promise<H5Wasm> {
  loading ??= load();
  return loading;
}

async function load(): Promise<H5Wasm> {
  const h5wasm = await import("h5wasm");
  const module = await h5wasm.ready;
  module.activate_throwing_error_handler(); // else HDF5 prints its error stack and goes on
  return h5wasm;
}

/**
 * Opens HDF5 bytes for reading, calls `read`, and closes again whatever happens.
 *
 * @param bytes The file's whole content; h5wasm may keep it until the call ends.
 * @param read Gets a reader that is valid during the call only.
 * @throws ModelFileError when the bytes are not HDF5 or are damaged.
 */
export async function readHdf5<T>(bytes: Uint8Array, read: (file: Hdf5Reader) => T): Promise<T> {
  if (!hasSignature(bytes)) {
    throw new ModelFileError("is not an HDF5 file: the HDF5 signature is missing");
  }
  checkHeaps(bytes);
  const h5wasm = await loadHdf5();
  const fileSystem = h5wasm.FS!;
  const name = `/read-${fileCount++}.h5`;
  const uncopied: object = { canOwn: true }; // emscripten's, undeclared: the file is read only
  fileSystem.writeFile(name, bytes, uncopied);
  let file: File | undefined;
  try {
    file = new h5wasm.File(name, "r");
    return read(new Hdf5Reader(file, h5wasm));
  } catch (cause) {
    // h5wasm throws plain errors; anything else is not about the file's structure.
    if ((cause as Error).constructor !== Error) throw cause;
    throw new ModelFileError(`is a damaged HDF5 file: ${rootCause(cause as Error)}`, { cause });
  } finally {
    closeQuietly(file);
    fileSystem.unlink(name);
  }
}

/** A damaged file may refuse even to close; the first error is the one that matters. */
function closeQuietly(file: File | undefined): void {
  try {
    file?.close();
  } catch {}
}

/** HDF5 reports a stack of C functions; its last numbered line says what was wrong. */
function rootCause({ message }: Error): string {
  const deepest = message.split("\n").findLast((line) => /^\s*#\d+:/.test(line));
  return deepest?.replace(/^.*\(\):\s*/, "") ?? message.split("\n")[0]!;
}

/**
 * Makes an HDF5 file and returns its bytes.
 *
 * @param write Gets a writer that is valid during the call only.
 */
export async function writeHdf5(write: (file: Hdf5Writer) => void): Promise<Uint8Array> {
  const h5wasm = await loadHdf5();
  const fileSystem = h5wasm.FS!;
  const name = `/write-${fileCount++}.h5`;
  const file = new h5wasm.File(name, "w");
  let open = true;
  try {
    write(new Hdf5Writer(file));
    file.close();
    open = false;
    return fileSystem.readFile(name) as Uint8Array;
  } finally {
    if (open) file.close();
    fileSystem.unlink(name);
  }
}

/** The signature stands at 0 or at a power of two from 512 on. */
function hasSignature(bytes: Uint8Array): boolean {
  const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
  for (let at = 0; at + 8 <= bytes.length; at = at === 0 ? 512 : at * 2) {
    if (signature.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}
