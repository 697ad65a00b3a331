/** Batches between several devices: split before a step, joined after it. */
import type { DeviceGroup } from "../distributed";
import { type HostArray, type HostTensor, NotCompilableError } from "../graph";
import { partOf, rowsOf } from "./shares";
import type { Batch } from "./step";

/** Each device's part of a batch, which may be one row that doesn't count; the batch itself where there are none. */
export function partsOf(batch: Batch, devices: DeviceGroup | undefined): Batch[] {
  if (devices === undefined) return [batch];
  const { size } = devices;
  return Array.from({ length: size }, (_, rank) => partOf(batch, { size, rank }));
}

/** The sizes that parts of a batch have: one, or the largest and one less. */
export function sizesOf(size: number, devices: DeviceGroup | undefined): number[] {
  const parts = devices?.size ?? 1;
  const [most, least] = [Math.ceil(size / parts), Math.max(1, Math.floor(size / parts))];
  return most === least ? [most] : [most, least];
}

/** What the devices gave for their rows of a batch, as for all of them. */
export function joinParts(
  outputs: readonly HostTensor[],
  { size: parts }: DeviceGroup,
  size: number,
): HostTensor[] {
  const each = outputs.length / parts;
  return outputs.slice(0, each).map((first, output) => {
    const rowSize = first.data.length / first.shape[0]!;
    const type = first.data.constructor as new (length: number) => Float32Array;
    const data = new type(size * rowSize);
    for (let rank = 0; rank < parts; rank++) {
      const { start, count } = rowsOf(size, { size: parts, rank });
      if (count) data.set(outputs[rank * each + output]!.data as Float32Array, start * rowSize);
    }
    return { ...first, shape: [size, ...first.shape.slice(1)], data: data as HostArray };
  });
}

/** Says that a graph for one size of parts can't be had for a batch whose parts differ. */
export function unevenParts(): NotCompilableError {
  return new NotCompilableError(
    "code of your own computes by other rules at other batch sizes, and the devices' parts of this batch differ in size",
    { hint: "Choose a batch size that all devices share equally, and data of whole batches." },
  );
}
