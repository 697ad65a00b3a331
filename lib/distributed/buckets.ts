/** Which tensors go over the wire together. */

/** Numbers that are worth a collective: a mebibyte of them. */
const BUCKET = 2 ** 18;

/**
 * Deals tensors out to collectives, by their places: the last ones first, since gradients are computed in that order.
 * Large ones go alone, and needn't be copied together.
 *
 * @param sizes How many numbers each tensor has.
 */
export function bucketsOf(sizes: readonly number[]): number[][] {
  const buckets: number[][] = [];
  let small: number[] = [];
  let filled = BUCKET;
  for (const [place, size] of [...sizes.entries()].reverse()) {
    if (size >= BUCKET) {
      buckets.push([place]);
      continue;
    }
    if (filled >= BUCKET) {
      small = [];
      filled = 0;
      buckets.push(small);
    }
    small.push(place);
    filled += size;
  }
  return buckets;
}
