/** Rows that come batch by batch and end in one tensor. */

import { ConvnetsError } from "../../errors";
import type { HostTensor } from "../../graph";
import { formatBytes } from "../../text";
import { DType, LARGEST_ARRAY } from "../../tfjs";
import type { Values } from "./values";

/** Collects batches in one array, of which there is room from the start where their number is known. */
export class Rows {
  private values: Values | undefined;
  private length = 0;
  private count = 0;
  private rowShape: number[] = [];
  private dtype: number = DType.float32;

  /** @param batches How many batches will come; undefined when unknown. */
  constructor(private readonly batches: number | undefined) {}

  /** Copies a batch, [rows, …]. */
  add({ data, shape, dtype }: HostTensor): void {
    const values = data as Values;
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
  all(): HostTensor & { data: Values } {
    const data = this.values!.subarray(0, this.length);
    return { data, shape: [this.count, ...this.rowShape], dtype: this.dtype };
  }

  private roomFor(values: Values): Values {
    const needed = this.length + values.length;
    const room = this.values;
    if (room !== undefined && needed <= room.length) return room;
    const wanted = room === undefined ? values.length * (this.batches ?? 1) : 2 * room.length;
    const most = Math.floor(LARGEST_ARRAY / values.BYTES_PER_ELEMENT);
    // The last batch may be a small one.
    const toCome = room === undefined ? values.length * ((this.batches ?? 1) - 1) : 0;
    if (Math.max(needed, toCome) > most) {
      throw new ConvnetsError(
        `The rows of all samples, [${this.rowShape.join(", ")}] each, would take more than ` +
          `${formatBytes(LARGEST_ARRAY)}, the most that an array of JavaScript holds.`,
        { hint: "Take part of the samples at a time." },
      );
    }
    const type = values.constructor as new (length: number) => Values;
    this.values = new type(Math.min(most, Math.max(needed, wanted)));
    if (room !== undefined) this.values.set(room.subarray(0, this.length));
    return this.values;
  }
}
