/** A worker's or a device's part of a batch. */
import type { HostArray, HostTensor } from "../graph";
import { DType } from "../tfjs";
import type { Batch, BatchShare } from "./step";

/** Which of the parts. */
export interface Share {
  /** How many there are. */
  size: number;
  /** Which of them this is. */
  rank: number;
}

/** Rows of a batch that follow one another. */
export interface RowRange {
  start: number;
  end: number;
  /** Whether they count; where a part has none, the first row stands in, since means of none are no numbers. */
  count: boolean;
}

/** The rows of a part: as many as the others have, the first ones one more where there is a rest. */
export function rowsOf(length: number, { size, rank }: Share): RowRange {
  const [each, rest] = [Math.floor(length / size), length % size];
  const start = rank * each + Math.min(rank, rest);
  const end = start + each + (rank < rest ? 1 : 0);
  return end > start ? { start, end, count: true } : { start: 0, end: 1, count: false };
}

/** What a batch of these rows says of the whole. */
export function shareInfo({ start, end, count }: RowRange, of: number): BatchShare {
  const data = new Float32Array(end - start).fill(count ? 1 : 0);
  return { counted: { dtype: DType.float32, shape: [end - start], data }, of };
}

/** A part of a whole batch; views of it, to be released as one. */
export function partOf(batch: Batch, share: Share): Batch {
  const rows = rowsOf(batch.size, share);
  const cut = (tensor: HostTensor): HostTensor => {
    const { shape, data } = tensor;
    const size = data.length / shape[0]!;
    const part = data.subarray(rows.start * size, rows.end * size) as HostArray;
    return { ...tensor, shape: [rows.end - rows.start, ...shape.slice(1)], data: part };
  };
  return {
    ...batch,
    xs: batch.xs.map(cut),
    ys: batch.ys.map(cut),
    sampleWeights: batch.sampleWeights?.map((weights) => weights && cut(weights)),
    size: rows.end - rows.start,
    share: shareInfo(rows, batch.size),
  };
}
