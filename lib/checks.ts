/** Checks of options that several functions share. */
import { invalidArgument } from "./errors";

/** Refuses what is no whole number of at least `least`; undefined passes. */
export function checkWhole(name: string, value: unknown, least: number): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || (value as number) < least) {
    throw invalidArgument(name, {
      expected: least === 1 ? "a positive whole number" : `a whole number of at least ${least}`,
      received: value,
    });
  }
}

/** Refuses what is no number in [low, high]; undefined passes. */
export function checkNumber(
  name: string,
  value: unknown,
  range: { low?: number; high?: number } = {},
): void {
  if (value === undefined) return;
  const { low = -Infinity, high = Infinity } = range;
  if (typeof value !== "number" || Number.isNaN(value) || value < low || value > high) {
    const bounds = Number.isFinite(high)
      ? ` in [${low}, ${high}]`
      : Number.isFinite(low)
        ? ` of at least ${low}`
        : "";
    throw invalidArgument(name, { expected: `a number${bounds}`, received: value });
  }
}

/** Refuses what is not one of the allowed values; undefined passes. */
export function checkOneOf(
  name: string,
  value: unknown,
  allowed: readonly (string | number)[],
): void {
  if (value === undefined || allowed.includes(value as string)) return;
  throw invalidArgument(name, {
    expected: `one of ${allowed.map((item) => JSON.stringify(item)).join(", ")}`,
    received: value,
  });
}
