/** Numbers from arrays and tensors. */

/** Numbers as an array or as a tensor, which stays the caller's. */
export type Numbers =
  | ArrayLike<number>
  | {
      /** The tensor's values. */
      dataSync(): ArrayLike<number>;
    };

/** Copies numbers into a plain array. */
export function toNumbers(values: Numbers): number[] {
  return Array.from("dataSync" in values ? values.dataSync() : values);
}

/** A number with at most four significant digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
