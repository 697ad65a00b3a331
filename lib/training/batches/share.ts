/** A worker's part of each batch. */
import { createHash } from "node:crypto";
import type { Batch, BatchShare } from "../../compiled";
import type { HostArray, HostTensor } from "../../graph";
import { DType } from "../../tfjs";

/** Which of the workers' parts. */
export interface Share {
  /** How many workers there are. */
  size: number;
  /** Which of them this is. */
  rank: number;
}

/** Rows of a batch that follow one another. */
export interface RowRange {
  start: number;
  end: number;
  /** Whether they count; where a worker has none, the first row stands in, since means of none are no numbers. */
  count: boolean;
}

/** A worker's rows of a batch: as many as the others have, the first workers one more where there is a rest. */
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

/**
 * A worker's part of a whole batch; views of it, to be released as one.
 *
 * @param options.isCompared Whether it says what the whole is.
 */
export function shareOf(
  batch: Batch,
  share: Share,
  { isCompared }: { isCompared: boolean },
): Batch {
  const rows = rowsOf(batch.size, share);
  const info = shareInfo(rows, batch.size);
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
    share: isCompared ? { ...info, hash: hashBatch(batch) } : info,
  };
}

function hashBatch({ xs, ys, sampleWeights = [] }: Batch): string {
  const hash = createHash("sha256");
  for (const tensor of [...xs, ...ys, ...sampleWeights]) {
    if (tensor === undefined) continue;
    const { buffer, byteOffset, byteLength } = tensor.data;
    hash.update(`${tensor.shape} `).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}
