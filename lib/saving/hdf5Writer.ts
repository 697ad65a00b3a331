/** Makes what an HDF5 file holds, by path. */
import type { File, Group } from "h5wasm" with { "resolution-mode": "import" };

/** One array as a file holds it. */
export interface StoredArray {
  shape: number[];
  data: Float32Array | Int32Array | BigInt64Array;
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
