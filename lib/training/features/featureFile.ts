/** Features on disk: one file for a model and a dataset, and the unfinished file that grows into it. */
import { constants } from "node:fs";
import fs, { type FileHandle } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import {
  fileFault,
  hashArrays,
  isGone,
  leave,
  makeFolder,
  markOf,
  readFully,
  removeAbandoned,
  settle,
  unfinishedPath,
  writeFully,
} from "../../files";
import type { WorkDone } from "../progress";
import { checksumOfRows, opened, partsOfOthers, sizeOf } from "./parts";
import {
  dataStart,
  readArray,
  readHeader,
  type StoredDtype,
  typeNames,
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
  /** Where the next rows are read or written, and the CRC-32 of the rows before. */
  private end = dataStart;
  private crc = 0;
  /** Where the rows end that an earlier process left. */
  private keptEnd = dataStart;
  /** The unfinished file of another process that isn't what it wrote. */
  damaged: string | undefined;
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
    const rows = (name: string, values: StoredRows["values"]): StoredRows => ({
      values,
      shape: arrays[name]!.shape,
      dtype: metadata[`${name}Dtype`] as StoredDtype,
    });
    return {
      features: rows("features", features),
      labels: rows("labels", labels),
      work: JSON.parse(metadata.work ?? "null") as WorkDone,
    };
  }

  /**
   * Opens an unfinished file of this process: what one that was killed has left, a copy of what one that is at it has
   * so far, or a new one.
   *
   * @param pass Number of the pass over the data that begins.
   * @returns Number of the pass whose rows the file has.
   * @throws EnvironmentError naming the file when the disk is full, read-only or gone.
   */
  async open(pass: number): Promise<{ pass: number }> {
    const folder = path.dirname(this.name);
    await this.guard(async () => {
      makeFolder(folder);
      this.part = unfinishedPath(folder, { ...this.marks, stays: true });
      for (const other of await partsOfOthers(this.part, this.marks)) {
        if (!(await this.takeOver(other))) continue;
        await removeAbandoned(folder, this.marks);
        return;
      }
      this.pass = pass;
      this.file = await fs.open(this.part, "w+");
      await this.writeBeginning();
    });
    return this;
  }

  /** Makes another process' rows this one's, if they are of these features and those that it wrote. */
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
    if (await this.takeRows(this.file)) return true;
    if ((await this.file.stat()).size > 0) this.damaged ??= other;
    await this.file.close();
    this.file = undefined;
    return false;
  }

  private async takeRows(file: FileHandle): Promise<boolean> {
    const metadata = (await readHeader(file))?.metadata;
    if (metadata?.key !== this.key) return false;
    const bytes = Number(metadata.bytes);
    if ((await checksumOfRows(file, bytes)) !== Number(metadata.crc)) return false;
    this.pass = Number(metadata.pass);
    this.rowShape = metadata.rowShape && JSON.parse(metadata.rowShape);
    this.keptEnd = dataStart + bytes;
    return true;
  }

  /** Says how many rows are right, so that a later process reads no others. */
  private async writeBeginning(): Promise<void> {
    const { key, pass, rowShape } = this;
    const metadata = {
      key,
      pass: String(pass),
      bytes: String(this.end - dataStart),
      crc: String(this.crc),
      ...(rowShape && { rowShape: JSON.stringify(rowShape) }),
    };
    await writeHeader(this.file!, { arrays: {}, metadata });
  }

  /** Rows that an earlier process left. */
  get rowsLeft(): number {
    if (this.rowShape === undefined) return 0;
    return (this.keptEnd - dataStart) / (4 * sizeOf(this.rowShape));
  }

  /** Takes the next rows out of the unfinished file; undefined when it hasn't all of them. */
  async next(rows: number): Promise<Float32Array | undefined> {
    if (this.rowShape === undefined) return undefined;
    const values = new Float32Array(rows * sizeOf(this.rowShape));
    if (this.end + values.byteLength > this.keptEnd) return undefined;
    if (!(await readFully(this.file!, values, this.end))) return undefined;
    this.count(values);
    return values;
  }

  /**
   * Appends rows; they are on disk when the promise resolves.
   *
   * @throws EnvironmentError naming the file when the disk is full or gone.
   */
  async append(values: Float32Array, rowShape: number[]): Promise<void> {
    this.rowShape ??= rowShape;
    await this.guard(async () => {
      await writeFully(this.file!, values, this.end);
      this.count(values);
      await this.writeBeginning();
      await this.file!.datasync();
    });
  }

  private count({ buffer, byteOffset, byteLength }: Float32Array): void {
    this.crc = crc32(new Uint8Array(buffer, byteOffset, byteLength), this.crc);
    this.end += byteLength;
  }

  /**
   * Adds the labels and the header, and gives the file its name.
   *
   * @throws EnvironmentError naming the file when the disk is full or gone.
   */
  finish(all: StoredFeatures): Promise<void> {
    return this.guard(() => this.seal(all));
  }

  private async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw fileFault(this.part, { cause: error, doing: "written" });
    }
  }

  private async seal({ features, labels, work }: StoredFeatures): Promise<void> {
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
