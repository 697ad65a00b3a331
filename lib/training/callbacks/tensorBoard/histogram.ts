/** Values counted into buckets. */

const bucketCount = 30;

/**
 * Thirty equal buckets from the least to the greatest value, as TensorBoard 2.21 counts them.
 *
 * @returns Three numbers for each bucket: its limits, and how many values are in it.
 * @see tensorboard/plugins/histogram/summary_v2.py
 */
export function histogramOf(values: ArrayLike<number> & Iterable<number>): Float64Array {
  const rows = new Float64Array(3 * bucketCount);
  if (values.length === 0) return rows;
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const width = (max - min) / bucketCount;
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    rows[3 * bucket] = min + bucket * width;
    rows[3 * bucket + 1] = bucket === bucketCount - 1 ? max : min + (bucket + 1) * width;
  }
  for (const value of values) {
    const bucket = width === 0 ? bucketCount : Math.floor((value - min) / width);
    // Beside NaN no value has a bucket.
    if (!Number.isNaN(bucket)) rows[3 * Math.min(bucket, bucketCount - 1) + 2]!++;
  }
  return rows;
}
