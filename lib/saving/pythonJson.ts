/** JSON as Python writes it: `NaN` and `Infinity` among the numbers, and `2.0`, which isn't `2`. */
import { randomUUID } from "node:crypto";
import { isObject, type Json, type JsonObject } from "../json";
import { reprOf } from "../pythonNumbers";

/** Strings, which are passed over, and numbers. No key is a number. */
const tokens =
  /"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:(?:Infinity|NaN)\b|(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)(?!\s*:)/g;

/** Where a float was written that is a whole number: by the object or list, and the place in it. */
const wholeFloats = new WeakMap<object, Set<string>>();

/** Parses it; what was written as a float is known to `withFloats`. */
export function parsePythonJson(text: string): unknown {
  const mark = randomUUID();
  let isMarked = false;
  const marked = text.replace(tokens, (token) => {
    if (token.startsWith('"') || /^-?\d+$/.test(token)) return token;
    const isPlain = !/[IN]/.test(token) && !Number.isInteger(Number(token));
    if (isPlain) return token;
    isMarked = true;
    return `"${mark}${token}"`;
  });
  if (!isMarked) return JSON.parse(text);
  return JSON.parse(marked, function (this: object, key: string, value: unknown) {
    if (typeof value !== "string" || !value.startsWith(mark)) return value;
    const places = wholeFloats.get(this) ?? new Set();
    wholeFloats.set(this, places.add(key));
    return Number(value.slice(mark.length));
  });
}

/** Writes it: whole floats as `float` has them, and numbers that JavaScript's JSON has no words for. */
export function writePythonJson(value: unknown): string {
  const mark = randomUUID();
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (isFloat(item)) return mark + floatText(item.config);
    const isWord = typeof item === "number" && !Number.isFinite(item);
    return isWord ? mark + floatText(item) : item;
  });
  return text.replaceAll(new RegExp(`"${mark}([^"]*)"`, "g"), "$1");
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? reprOf(value) : `${value}`;
}

const className = "__float__";

/** A float among JSON values, where it is to be told from a whole number. */
interface Float extends JsonObject {
  class_name: typeof className;
  config: number;
}

/** A float, written with its point: `3.0`. */
export function asFloat(config: number): Float {
  return { class_name: className, config };
}

/** Whether a value is such a float. */
export function isFloat(value: unknown): value is Float {
  return isObject(value) && value.class_name === className && typeof value.config === "number";
}

/**
 * A copy in which each float that would pass for a whole number is a `Float`; but for those in what says its type
 * itself, such as arrays.
 */
export function withFloats<T extends Json>(value: T): T;
export function withFloats(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Object.hasOwn(value, "class_name")) return value;
  const floats = wholeFloats.get(value);
  const copied = (item: Json, place: string): Json =>
    floats?.has(place) ? asFloat(item as number) : withFloats(item);
  if (Array.isArray(value)) return value.map((item, i) => copied(item, `${i}`));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copied(item, key)]));
}
