/** Numbers from arrays and tensors. */
import { invalidArgument } from "../errors";

/** Numbers as an array or as a tensor, which stays the caller's. */
export type Numbers =
  | ArrayLike<number>
  | {
      /** The tensor's values. */
      dataSync(): ArrayLike<number>;
    };

/**
 * Copies numbers into a plain array.
 *
 * @param argument The numbers' name, for the message.
 * @throws InvalidArgumentError for what is neither an array nor a tensor.
 */
export function toNumbers(values: Numbers, argument = "values"): number[] {
  if (typeof values === "object" && values !== null) {
    if ("dataSync" in values) return Array.from(values.dataSync());
    if ("length" in values) return Array.from(values);
  }
  throw invalidArgument(argument, { expected: "an array or a tensor", received: values });
}

/** A number with at most four significant digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
