/** Compares two texts: words exactly, numbers within a tolerance. */

import { normaliseText } from "./normalise";
import type { Range, Tolerance } from "./rules";

/** Two texts to show side by side when they differ. */
export interface Difference {
  /** What kind of difference it is, in a few words. */
  what: string;
  expected: string;
  actual: string;
}

const NUMBER =
  /(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?(?!\w)|\bNaN\b|(?<!\w)[-+]?Infinity\b/gi;

/** The difference between two texts after normalising, or undefined when they match. */
export function compareText(
  expected: string,
  actual: string,
  rules: { tolerance: Tolerance; ranges: readonly Range[] },
): Difference | undefined {
  const before = normaliseText(maskRanges(expected, rules.ranges));
  const after = normaliseText(maskRanges(actual, rules.ranges));
  if (before === after || matchNumbers(before, after, rules.tolerance)) return undefined;
  return { what: "the text differs", expected: before, actual: after };
}

/** Whether `actual` is within the tolerance of `expected`. NaN equals NaN. */
export function isClose(expected: number, actual: number, tolerance: Tolerance): boolean {
  if (Object.is(expected, actual) || expected === actual) return true;
  return (
    Math.abs(actual - expected) <= tolerance.absolute + tolerance.relative * Math.abs(expected)
  );
}

function matchNumbers(expected: string, actual: string, tolerance: Tolerance): boolean {
  if (tolerance.absolute === 0 && tolerance.relative === 0) return false;
  const words = (text: string) => text.split(NUMBER).map((word) => word.replace(/[ \t]+/g, " "));
  const before = words(expected);
  const after = words(actual);
  if (before.length !== after.length || before.some((word, i) => word !== after[i])) return false;
  const numbersBefore = expected.match(NUMBER) ?? [];
  const numbersAfter = actual.match(NUMBER) ?? [];
  return numbersBefore.every((text, i) => {
    const other = numbersAfter[i];
    if (text === other) return true;
    if (other === undefined) return false;
    if (!tolerance.integers && !isDecimal(text) && !isDecimal(other)) return false;
    return isClose(toNumber(text), toNumber(other), tolerance);
  });
}

function isDecimal(text: string): boolean {
  return /[.e]/i.test(text) && !/infinity/i.test(text);
}

function toNumber(text: string): number {
  return Number(text.replaceAll(",", ""));
}

function maskRanges(text: string, ranges: readonly Range[]): string {
  let masked = text;
  for (const { pattern } of ranges) {
    masked = masked.replace(pattern, (match: string, value: string) =>
      match.replace(value, "<in range>"),
    );
  }
  return masked;
}

/** What is wrong with the numbers that have a range of their own, in the texts of one cell. */
export function checkRanges(texts: readonly string[], ranges: readonly Range[]): Difference[] {
  return ranges.flatMap(({ pattern, min, max }) => {
    const found = texts.flatMap((text) => [...text.matchAll(pattern)]);
    const expected = `${pattern.source} between ${min} and ${max}`;
    if (found.length === 0) {
      return [{ what: "a number with a range is missing", expected, actual: texts.join("\n") }];
    }
    return found
      .filter(([, value = ""]) => !(toNumber(value) >= min && toNumber(value) <= max))
      .map(([match]) => ({ what: "a number is outside its range", expected, actual: match }));
  });
}
