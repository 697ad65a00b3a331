/**
 * HDF5 files, in memory.
 *
 * h5wasm's own file system is used and never the disk: a file's external links and external storage then
 * have nothing to point at, and a damaged file can harm nothing outside.
 */
import type { Dataset, File, Group } from "h5wasm" with { "resolution-mode": "import" };
import { fromBfloat16, fromFloat16 } from "./halves";
import { ModelFileError } from "./json";

type H5Wasm = typeof import("h5wasm", { with: { "resolution-mode": "import" }});

/** One array as a file holds it. */
export interface StoredArray {
  shape: number[];
  data: Float32Array | BigInt64Array;
}

let fileCount = 0;

async function library(): Promise<H5Wasm> {
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
  const h5wasm = await library();
  const fileSystem = h5wasm.FS!;
  const name = `/read-${fileCount++}.h5`;
  fileSystem.writeFile(name, bytes);
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
  const h5wasm = await library();
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

/** Reads groups, attributes and arrays by path. */
export class Hdf5Reader {
  constructor(
    private readonly file: File,
    private readonly h5wasm: H5Wasm,
  ) {}

  /** Names inside a group, in the file's order; none when there is no such group. */
  keys(path: string): string[] {
    return this.group(path)?.keys() ?? [];
  }

  /** True when the path leads to a group or an array of this file. */
  has(path: string): boolean {
    return this.find(path) !== null;
  }

  /** An attribute, or `undefined`. */
  attribute(path: string, name: string): unknown {
    const group = this.group(path);
    const attributes = group?.attrs;
    return attributes !== undefined && Object.hasOwn(attributes, name)
      ? attributes[name]!.value
      : undefined;
  }

  /** An attribute that must be a list of strings; Keras splits long lists into `name0`, `name1`, … */
  strings(path: string, name: string): string[] | undefined {
    const whole = this.attribute(path, name);
    if (whole !== undefined) return stringList(whole, name);
    const parts: string[] = [];
    let found = false;
    for (let i = 0; ; i++) {
      const part = this.attribute(path, `${name}${i}`);
      if (part === undefined) return found ? parts : undefined;
      found = true;
      parts.push(...stringList(part, name));
    }
  }

  /** An array's shape without its values, or `undefined` when there is no such array. */
  shape(path: string): number[] | undefined {
    return this.dataset(path)?.shape ?? undefined;
  }

  /**
   * Reads an array of numbers, whatever their type.
   *
   * The shape is compared before memory is taken, so that a file cannot ask for more than the model holds.
   *
   * @param path Path of the array.
   * @param expected The shape it must have.
   * @throws ModelFileError when it is missing, of another shape, or not numeric.
   */
  numbers(path: string, expected: readonly number[]): Float32Array {
    const dataset = this.dataset(path);
    if (dataset === undefined) throw new ModelFileError(`has no array "${path}"`);
    const shape = dataset.shape ?? [];
    if (shape.length !== expected.length || shape.some((size, i) => size !== expected[i])) {
      throw new ModelFileError(
        `has an array "${path}" of shape [${shape.join(", ")}] where the model has [${expected.join(", ")}]`,
      );
    }
    const value = this.values(dataset);
    if (value instanceof Float32Array) return value;
    if (typeof value === "number" || typeof value === "bigint")
      return Float32Array.of(Number(value));
    if (isTypedArray(value)) return Float32Array.from(value, Number);
    throw new ModelFileError(
      `has an array "${path}" whose type (${String(dataset.dtype)}) is not a number`,
    );
  }

  /** h5wasm knows no numbers of two bytes: half floats are asked for as integers, which gives their bits. */
  private values(dataset: Dataset): unknown {
    const { H5T_FLOAT, H5T_INTEGER, H5T_OPAQUE } = this.h5wasm.Module.H5T_class_t;
    const { metadata } = dataset;
    if (metadata.size !== 2) return dataset.value;
    if (metadata.type === H5T_FLOAT.value) {
      Object.assign(metadata, { type: H5T_INTEGER.value, signed: false });
      return fromFloat16(asBits(dataset.value));
    }
    // bfloat16 is no type of HDF5: h5py writes it as two opaque bytes, and Keras' `.h5` says no more of it.
    if (metadata.type === H5T_OPAQUE.value) return fromBfloat16(asBits(dataset.value));
    return dataset.value;
  }

  private group(path: string): Group | undefined {
    const entity = path === "" ? this.file : this.find(path);
    return entity instanceof this.h5wasm.Group ? entity : undefined;
  }

  private dataset(path: string): Dataset | undefined {
    const entity = this.find(path);
    return entity instanceof this.h5wasm.Dataset ? entity : undefined;
  }

  /** Walks step by step, since h5wasm throws on a missing step and follows links on its own. */
  private find(path: string): unknown {
    let group: unknown = this.file;
    for (const step of path.split("/")) {
      if (!(group instanceof this.h5wasm.Group) || !group.keys().includes(step)) return null;
      group = group.get(step);
    }
    return group;
  }
}

/** Makes groups, attributes and arrays by path. */
export class Hdf5Writer {
  private readonly groups = new Map<string, Group>();

  constructor(file: File) {
    this.groups.set("", file);
  }

  /** The group at a path, made with its parents when new. */
  group(path: string): void {
    this.make(path);
  }

  /** Sets a string attribute of a group. */
  attribute(path: string, name: string, value: string): void {
    this.make(path).create_attribute(name, value);
  }

  /** Writes an array. */
  array(path: string, { shape, data }: StoredArray): void {
    const cut = path.lastIndexOf("/");
    const group = this.make(cut < 0 ? "" : path.slice(0, cut));
    group.create_dataset({ name: path.slice(cut + 1), data, shape });
  }

  private make(path: string): Group {
    const known = this.groups.get(path);
    if (known !== undefined) return known;
    const cut = path.lastIndexOf("/");
    const parent = this.make(cut < 0 ? "" : path.slice(0, cut));
    const group = parent.create_group(path.slice(cut + 1));
    this.groups.set(path, group);
    return group;
  }
}

/** One of JavaScript's arrays of numbers. */
function isTypedArray(value: unknown): value is ArrayLike<number | bigint> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** What h5wasm gives for numbers of two bytes: integers, one integer of a scalar, or bytes. */
function asBits(value: unknown): Uint16Array {
  if (value instanceof Uint8Array) return new Uint16Array(value.slice().buffer);
  return value instanceof Uint16Array ? value : Uint16Array.of(Number(value));
}

function stringList(value: unknown, name: string): string[] {
  const list: unknown[] = Array.isArray(value)
    ? value
    : isTypedArray(value)
      ? Array.from(value)
      : [value];
  if (!list.every((item) => typeof item === "string")) {
    throw new ModelFileError(`has an attribute "${name}" that is not a list of names`);
  }
  return list as string[];
}

/** The signature stands at 0 or at a power of two from 512 on. */
function hasSignature(bytes: Uint8Array): boolean {
  const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
  for (let at = 0; at + 8 <= bytes.length; at = at === 0 ? 512 : at * 2) {
    if (signature.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}
