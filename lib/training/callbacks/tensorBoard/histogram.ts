/** Values counted into buckets. */
import type { HistogramData } from "./eventFile";

const bucketCount = 30;

/** Thirty equal buckets from the least to the greatest value, as TensorBoard draws them. */
export function histogramOf(values: ArrayLike<number> & Iterable<number>): HistogramData {
  let [min, max, sum, sumOfSquares] = [Infinity, -Infinity, 0, 0];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    sumOfSquares += value * value;
  }
  const width = (max - min) / bucketCount;
  const counts = new Array<number>(bucketCount).fill(0);
  for (const value of values) {
    const bucket = width === 0 ? 0 : Math.floor((value - min) / width);
    counts[Math.min(bucket, bucketCount - 1)]!++;
  }
  const limits = counts.map((_, i) => (i === bucketCount - 1 ? max : min + (i + 1) * width));
  return { min, max, count: values.length, sum, sumOfSquares, limits, counts };
}
