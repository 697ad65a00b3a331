/** Features on disk: one file for a model and a dataset, and the unfinished file that grows into it. */
import { constants } from "node:fs";
import fs, { type FileHandle } from "node:fs/promises";
import path from "node:path";
import {
  hashArrays,
  isGone,
  leave,
  markOf,
  removeAbandoned,
  settle,
  unfinishedPath,
} from "../../files";
import type { WorkDone } from "../progress";
import {
  dataStart,
  readArray,
  readFully,
  readHeader,
  type StoredDtype,
  typeNames,
  writeFully,
  writeHeader,
} from "./safetensors";

/** Rows in JavaScript's memory. */
export interface StoredRows {
  values: Float32Array | Int32Array | Uint8Array;
  shape: number[];
  dtype: StoredDtype;
}

/** What a finished file holds. */
export interface StoredFeatures {
  features: StoredRows;
  labels: StoredRows;
  /** What computing them took, in batches. */
  work: WorkDone;
}

/** Features of one model, dataset and preprocessing, which `key` is a hash of. */
export class FeatureFile {
  /** The finished file, as the user would name it. */
  readonly name: string;
  /** The unfinished file, with a mark of this process in its name. */
  part = "";
  private readonly marks: { prefix: string; suffix: string };
  private file: FileHandle | undefined;
  private end = dataStart;
  /** Number of the pass over the data whose rows are in the unfinished file. */
  pass = 0;
  /** Shape of a row of the unfinished file, once it has one. */
  rowShape: number[] | undefined;

  constructor(
    folder: string,
    private readonly key: string,
  ) {
    this.name = path.join(folder, `${key.slice(0, 16)}.safetensors`);
    this.marks = { prefix: `${path.basename(this.name)}.`, suffix: ".part" };
  }

  /** The finished features; undefined when there are none, `"damaged"` when they can't be trusted. */
  async read(): Promise<StoredFeatures | "damaged" | undefined> {
    const file = await opened(this.name, "r");
    if (file === undefined) return undefined;
    try {
      return (await this.readFrom(file)) ?? "damaged";
    } finally {
      await file.close();
    }
  }

  private async readFrom(file: FileHandle): Promise<StoredFeatures | undefined> {
    const header = await readHeader(file);
    if (header?.metadata?.key !== this.key) return undefined;
    const { arrays, metadata } = header;
    const features = await readArray(file, arrays.features);
    const labels = await readArray(file, arrays.labels);
    if (features === undefined || labels === undefined) return undefined;
    if ((await hashArrays([features, labels])) !== metadata.sha256) return undefined;
    const work = workIn(metadata.work);
    if (work === undefined) return undefined;
    const rows = (name: string, values: StoredRows["values"]): StoredRows => ({
      values,
      shape: arrays[name]!.shape,
      dtype: metadata[`${name}Dtype`] as StoredDtype,
    });
    return {
      features: rows("features", features),
      labels: rows("labels", labels),
      work,
    };
  }

  /**
   * Opens an unfinished file of this process: what one that was killed has left, a copy of what one that is at it has
   * so far, or a new one.
   *
   * @param pass Number of the pass over the data that begins.
   * @returns Number of the pass whose rows the file has.
   */
  async open(pass: number): Promise<{ pass: number }> {
    const folder = path.dirname(this.name);
    await fs.mkdir(folder, { recursive: true });
    this.part = unfinishedPath(folder, { ...this.marks, stays: true });
    for (const other of await this.others()) {
      if (!(await this.takeOver(other))) continue;
      await removeAbandoned(folder, this.marks);
      return this;
    }
    this.pass = pass;
    this.file = await fs.open(this.part, "w+");
    await this.writeBeginning();
    return this;
  }

  /** Unfinished files of other processes, the longest first. */
  private async others(): Promise<string[]> {
    const folder = path.dirname(this.name);
    const found: { place: string; size: number }[] = [];
    for (const name of await fs.readdir(folder)) {
      if (markOf(name, this.marks) === undefined) continue;
      const place = path.join(folder, name);
      const size = (await fs.stat(place).catch(() => undefined))?.size;
      if (size !== undefined && place !== this.part) found.push({ place, size });
    }
    return found.sort((a, b) => b.size - a.size).map(({ place }) => place);
  }

  /** Makes another process' rows this one's, if they are of these features. */
  private async takeOver(other: string): Promise<boolean> {
    const mark = markOf(path.basename(other), this.marks)!;
    try {
      if (isGone(mark, other)) await fs.rename(other, this.part);
      else await fs.copyFile(other, this.part, constants.COPYFILE_FICLONE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false; // it has just been finished
      throw error;
    }
    this.file = await fs.open(this.part, "r+");
    const metadata = (await readHeader(this.file))?.metadata;
    // Without `pass` it was cut off while it was finished: its end are labels.
    if (metadata?.key === this.key && metadata.pass !== undefined) {
      this.pass = Number(metadata.pass);
      this.rowShape = metadata.rowShape && JSON.parse(metadata.rowShape);
      return true;
    }
    await this.file.close();
    this.file = undefined;
    return false;
  }

  private async writeBeginning(): Promise<void> {
    const { key, pass, rowShape } = this;
    const metadata = {
      key,
      pass: String(pass),
      ...(rowShape && { rowShape: JSON.stringify(rowShape) }),
    };
    await writeHeader(this.file!, { arrays: {}, metadata });
  }

  /** Whole rows that the unfinished file has. */
  async rowsLeft(): Promise<number> {
    if (this.rowShape === undefined) return 0;
    const { size } = await this.file!.stat();
    return Math.floor((size - dataStart) / (4 * sizeOf(this.rowShape)));
  }

  /** Takes the next rows out of the unfinished file; undefined when it hasn't all of them. */
  async next(rows: number): Promise<Float32Array | undefined> {
    if (this.rowShape === undefined) return undefined;
    const values = new Float32Array(rows * sizeOf(this.rowShape));
    if (!(await readFully(this.file!, values, this.end))) return undefined;
    this.end += values.byteLength;
    return values;
  }

  /** Appends rows; they are on disk when the promise resolves. */
  async append(values: Float32Array, rowShape: number[]): Promise<void> {
    if (this.rowShape === undefined) {
      this.rowShape = rowShape;
      await this.writeBeginning();
    }
    await writeFully(this.file!, values, this.end);
    this.end += values.byteLength;
    await this.file!.datasync();
  }

  /** Adds the labels and the header, and gives the file its name. */
  async finish({ features, labels, work }: StoredFeatures): Promise<void> {
    const file = this.file!;
    const middle = features.values.byteLength;
    const end = middle + labels.values.byteLength;
    await writeFully(file, labels.values, dataStart + middle);
    await file.truncate(dataStart + end);
    const entry = ({ dtype, shape }: StoredRows, offsets: [number, number]) => ({
      dtype: typeNames[dtype],
      shape,
      data_offsets: offsets,
    });
    await writeHeader(file, {
      arrays: { features: entry(features, [0, middle]), labels: entry(labels, [middle, end]) },
      metadata: {
        key: this.key,
        sha256: await hashArrays([features.values, labels.values]),
        featuresDtype: features.dtype,
        labelsDtype: labels.dtype,
        work: JSON.stringify(work),
      },
    });
    await file.sync();
    await this.close();
    await fs.rename(this.part, this.name);
    settle(this.part);
  }

  /** Leaves the unfinished file, if it is one, to whoever computes the features next. */
  async abandon(): Promise<void> {
    if (this.file === undefined) return settle(this.part);
    await this.close();
    await leave(this.part, this.marks);
  }

  private async close(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close();
  }
}

/** What a text says of work; undefined where it isn't such a text. */
function workIn(text: string | undefined): WorkDone | undefined {
  try {
    const { steps, seconds, secondsPerStep } = JSON.parse(text ?? "null") as WorkDone;
    const isWork = [steps, seconds, secondsPerStep].every(Number.isFinite);
    return isWork ? { steps, seconds, secondsPerStep } : undefined;
  } catch {
    return undefined;
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

function opened(file: string, flags: string): Promise<FileHandle | undefined> {
  return fs.open(file, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
