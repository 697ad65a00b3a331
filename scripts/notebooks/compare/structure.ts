/** Compares two JSON values: names, lengths and strings exactly, numbers within a tolerance. */

import { normaliseText } from "./normalise";
import type { Tolerance } from "./rules";
import { type Difference, isClose } from "./text";

/** Rounding that any machine may show. */
const ROUNDING = 1e-6;

/** Typed arrays as Plotly writes them: `{ dtype: "f4", bdata: "<base64>" }`. */
const TYPED_ARRAYS = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
};

/** Names whose values are made anew in every run. */
const IDENTIFIERS = new Set(["uid", "uirevision"]);

/** The first difference between two JSON values, named by its path, or undefined. */
export function compareStructure(
  expected: unknown,
  actual: unknown,
  tolerance: Tolerance,
  path = "",
): Difference | undefined {
  const before = plain(expected);
  const after = plain(actual);
  if (typeof before === "number" && typeof after === "number") {
    const relative = Math.max(tolerance.relative, ROUNDING);
    return isClose(before, after, { ...tolerance, relative })
      ? undefined
      : differs(path, before, after);
  }
  if (typeof before === "string" && typeof after === "string") {
    return normaliseText(before) === normaliseText(after)
      ? undefined
      : differs(path, before, after);
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length !== after.length) {
      return differs(path, `${before.length} entries`, `${after.length} entries`);
    }
    return firstDifference(before.keys(), (i) =>
      compareStructure(before[i], after[i], tolerance, `${path}[${i}]`),
    );
  }
  if (isRecord(before) && isRecord(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return firstDifference(names, (name) =>
      IDENTIFIERS.has(name)
        ? undefined
        : compareStructure(before[name], after[name], tolerance, path ? `${path}.${name}` : name),
    );
  }
  return before === after ? undefined : differs(path, before, after);
}

function firstDifference<T>(
  keys: Iterable<T>,
  compare: (key: T) => Difference | undefined,
): Difference | undefined {
  for (const key of keys) {
    const difference = compare(key);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function differs(path: string, expected: unknown, actual: unknown): Difference {
  const show = (value: unknown) =>
    value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return {
    what: `\`${path || "the value"}\` differs`,
    expected: show(expected),
    actual: show(actual),
  };
}

/** A value with Plotly's typed arrays turned into plain ones. */
function plain(value: unknown): unknown {
  if (!isRecord(value) || typeof value.bdata !== "string") return value;
  const ArrayType = TYPED_ARRAYS[value.dtype as keyof typeof TYPED_ARRAYS];
  if (ArrayType === undefined) return value;
  const bytes = Uint8Array.from(Buffer.from(value.bdata, "base64"));
  return Array.from(new ArrayType(bytes.buffer));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
