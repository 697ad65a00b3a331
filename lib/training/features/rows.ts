/** Rows that come batch by batch and end in one tensor. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../../tfjs";
import type { StoredRows } from "./featureFile";
import type { StoredDtype } from "./safetensors";

type StoredValues = StoredRows["values"];

/** Collects batches in one array, of which there is room from the start where their number is known. */
export class Rows {
  private values: StoredValues | undefined;
  private length = 0;
  private count = 0;
  private rowShape: number[] = [];
  private dtype: StoredDtype = "float32";

  /** @param batches How many batches will come; undefined when unknown. */
  constructor(private readonly batches: number | undefined) {}

  /** Copies a batch, [rows, …]. */
  add(values: StoredValues, { shape, dtype }: { shape: number[]; dtype: StoredDtype }): void {
    if (this.values === undefined) {
      this.rowShape = shape.slice(1);
      this.dtype = dtype;
    }
    const room = this.roomFor(values);
    room.set(values, this.length);
    this.length += values.length;
    this.count += shape[0]!;
  }

  /** All rows; a view of what was collected. */
  stored(): StoredRows {
    const values = this.values!.subarray(0, this.length);
    return { values, shape: [this.count, ...this.rowShape], dtype: this.dtype };
  }

  private roomFor(values: StoredValues): StoredValues {
    const needed = this.length + values.length;
    const room = this.values;
    if (room !== undefined && needed <= room.length) return room;
    const wanted = room === undefined ? values.length * (this.batches ?? 1) : 2 * room.length;
    const type = values.constructor as new (length: number) => StoredValues;
    this.values = new type(Math.max(needed, wanted));
    if (room !== undefined) this.values.set(room.subarray(0, this.length));
    return this.values;
  }
}

/** A tensor of stored rows. */
export function toTensor({ values, shape, dtype }: StoredRows): Tensor {
  return tf.tensor(values, shape, dtype);
}
