/** Rows in another order. */
import { hostUniform } from "../../engine";
import type { Values } from "./values";

/** An array of the same type. */
export function emptyLike(values: Values, length: number): Values {
  return new (values.constructor as new (length: number) => Values)(length);
}

/** Copies rows of `size` values by their numbers, one after the other. */
export function gatherRows(
  values: Values,
  rows: Uint32Array,
  { size, into }: { size: number; into: Values },
): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (size === 1) into[i] = values[row]!;
    else into.set(values.subarray(row * size, (row + 1) * size), i * size);
  }
}

/** A random order of 0 … length - 1 (Fisher and Yates), from the seeded generator. */
export function permutation(length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(hostUniform() * (i + 1));
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}
