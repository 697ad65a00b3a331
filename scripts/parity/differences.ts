/** How far numbers are apart. */
import type { Numbers } from "./messages";

/** Below this, numbers are compared as they are, not as shares. */
const SMALL = 0.01;

/** The largest difference, as a share of the largest number; infinite where one alone is no number. */
export function difference(
  ours: ArrayLike<number | null>,
  theirs: ArrayLike<number | null>,
): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let apart = 0;
  let largest = SMALL;
  for (let i = 0; i < ours.length; i++) {
    const [one, other] = [ours[i] ?? Number.NaN, theirs[i] ?? Number.NaN];
    if (!Number.isFinite(one) && !Number.isFinite(other)) continue;
    if (!Number.isFinite(one) || !Number.isFinite(other)) return Number.POSITIVE_INFINITY;
    apart = Math.max(apart, Math.abs(one - other));
    largest = Math.max(largest, Math.abs(other));
  }
  return apart / largest;
}

/** The largest of all arrays' differences; infinite where shapes differ. */
export function differences(
  ours: readonly { shape: readonly number[]; values: ArrayLike<number> }[],
  theirs: readonly Numbers[],
): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  const all = ours.map(({ shape, values }, i) => {
    const expected = theirs[i]!;
    const same = shape.join() === expected.shape.join();
    return same ? difference(values, expected.values) : Number.POSITIVE_INFINITY;
  });
  return Math.max(0, ...all);
}
