/** What an HDF5 file holds, by path. */
import type { Dataset, File, Group } from "h5wasm" with { "resolution-mode": "import" };
import { fromBfloat16, fromFloat16 } from "./halves";
import { ModelFileError } from "./json";

/** The library, as a module. */
export type H5Wasm = typeof import("h5wasm", { with: { "resolution-mode": "import" }});

/** Groups in groups; Keras nests two or three steps for each model in a model. */
const DEEPEST = 256;

/** Reads groups, attributes and arrays by path. */
export class Hdf5Reader {
  /** The names in each group that was looked into: HDF5 lists them anew each time. */
  private readonly names = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly file: File,
    private readonly h5wasm: H5Wasm,
  ) {}

  /** Names inside a group, in the file's order; none when there is no such group. */
  keys(path: string): string[] {
    return [...this.namesIn(path)];
  }

  /** Every group of the file below the root, by a shortest path to it; each once, however many links lead to it. */
  *groups({ except = [] }: { except?: readonly string[] } = {}): Generator<string> {
    const seen = new Set<string>([this.identityOf("/")]);
    let level = [""];
    for (let depth = 0; level.length > 0; depth++) {
      if (depth > DEEPEST)
        throw new ModelFileError(`has groups in groups more than ${DEEPEST} deep`);
      const next: string[] = [];
      for (const path of level) {
        for (const name of this.namesIn(path)) {
          const inner = path === "" ? name : `${path}/${name}`;
          if (except.includes(inner) || this.group(inner) === undefined) continue;
          const identity = this.identityOf(inner);
          if (seen.has(identity)) continue;
          seen.add(identity);
          next.push(inner);
          yield inner;
        }
      }
      level = next;
    }
  }

  /** Where in the file an object lies. */
  private identityOf(path: string): string {
    return this.h5wasm.Module.create_object_reference(this.file.file_id, path).join();
  }

  private namesIn(path: string): ReadonlySet<string> {
    let names = this.names.get(path);
    if (names === undefined) {
      names = new Set(this.group(path)?.keys());
      this.names.set(path, names);
    }
    return names;
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

  /** Asks for each step whether it is there, since h5wasm throws on a missing one and follows links on its own. */
  private find(path: string): unknown {
    const cut = path.lastIndexOf("/");
    const outer = cut < 0 ? "" : path.slice(0, cut);
    return this.namesIn(outer).has(path.slice(cut + 1)) ? this.file.get(path) : null;
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
