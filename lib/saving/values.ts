/** What the options of layers may be: a type and a range for each, readable and writable. */
import { describeValue } from "../errors";
import type { Json } from "../json";
import { ModelFileError } from "./json";
import { toCamelCase, toSnakeCase } from "./names";

/** TensorFlow counts in int32. */
const MOST = 2 ** 31 - 1;

/** One option: how Keras' value becomes tfjs' and back. `where` names the layer, for messages. */
export interface Option {
  /** tfjs' name. @default Keras' name in camelCase */
  as?: string;
  /** True for a spelling that only older files use. */
  readOnly?: boolean;
  /** What the file said is written again, since the layer itself has no place for it: numbers, flags and words, or objects. */
  isKept?: true | "objects";
  read(value: Json, where: string): unknown;
  write(value: unknown, where: string): Json;
}

/** Options by Keras' names. */
export type Options = Record<string, Option>;

/** A value that is the same on both sides, where it is what the layer takes; `what` says what that is. */
export function checked(what: string, fits: (value: Json) => boolean): Option {
  return {
    read(received, where) {
      if (fits(received)) return received;
      throw new ModelFileError(`${where} is ${describeValue(received)}. Supported: ${what}`);
    },
    write: (v) => v as Json,
  };
}

const boolean = checked("true, false", (v) => typeof v === "boolean");

/** True or false; Keras keeps the 0 or 1 that a user wrote. */
export const flag: Option = {
  read(received, where) {
    if (received === 0 || received === 1) return received === 1;
    return boolean.read(received, where);
  },
  write: (v) => v as Json,
};

/** A number, both bounds included. */
export function number({ low = -Infinity, high = Infinity } = {}): Option {
  return checked(
    `a number${rangeText(low, high)}`,
    (v) => typeof v === "number" && v >= low && v <= high,
  );
}

/** A number, or one for each channel. */
export const numbers: Option = checked("a number, or a list of numbers", (v) => {
  const isNumber = (each: Json) => typeof each === "number";
  return isNumber(v) || (Array.isArray(v) && v.length > 0 && v.every(isNumber));
});

/** A share of a whole. */
export const share = number({ low: 0, high: 1 });

const isWhole = (v: Json, low: number) =>
  Number.isInteger(v) && (v as number) >= low && (v as number) <= MOST;

/** A whole number that fits into an int32. */
export function whole({ low = -MOST }: { low?: number } = {}): Option {
  return checked(`a whole number${rangeText(low, MOST)}`, (v) => isWhole(v, low));
}

/** How many there are of something. */
export const count = whole({ low: 1 });

/** One size for all axes, or a list of one for each. */
export function perAxis(axes: number, { low = 1 }: { low?: number } = {}): Option {
  const list = axes === 1 ? "a list of one" : `a list of ${axes}`;
  return checked(
    `a whole number${rangeText(low, MOST)}, or ${list}`,
    (v) => isWhole(v, low) || isListOf(v, (each) => isWhole(each, low), axes),
  );
}

const isBorder = (each: Json) => isWhole(each, 0);
const isBorders = (each: Json) => isBorder(each) || isListOf(each, isBorder, 2);

/** What is added or taken away at both ends of sequences: one number, or two. */
export const ends: Option = checked("a whole number of at least 0, or [before, behind]", isBorders);

/** The same at the edges of pictures or volumes: one number, one for each axis, or two for each. */
export function borders(axes: 2 | 3): Option {
  const lists =
    axes === 2
      ? "[rows, columns] or [[top, bottom], [left, right]]"
      : "[planes, rows, columns] or [[front, back], [top, bottom], [left, right]]";
  return checked(
    `a whole number of at least 0, ${lists}`,
    (v) => isBorder(v) || isListOf(v, isBorders, axes),
  );
}

/** A list of whole numbers; without `length` of any number of them. */
export function list({ low = -MOST, length }: { low?: number; length?: number } = {}): Option {
  const many = length === undefined ? "" : ` of ${length}`;
  return checked(`a list${many} of whole numbers${rangeText(low, MOST)}`, (v) =>
    isListOf(v, (each) => isWhole(each, low), length),
  );
}

/** One axis, or several: of any number, or of `length`. */
export function axes({ length }: { length?: number } = {}): Option {
  const isAxis = (v: Json) => isWhole(v, -MOST);
  return checked(
    `a whole number, or a list of ${length ?? "such"}`,
    (v) => isAxis(v) || isListOf(v, isAxis, length),
  );
}

/** A dropout's noise: a size of null is as large as the input's. */
export const noiseShape: Option = checked("null, or a list of whole numbers and nulls", (v) => {
  const isSize = (size: Json) => size === null || isWhole(size, 1);
  return v === null || isListOf(v, isSize);
});

/** What may also be null, which leaves it to tfjs. */
export function nullable(option: Option): Option {
  return {
    ...option,
    read: (received, where) => (received === null ? null : option.read(received, where)),
  };
}

/** One of some words. */
export function oneOf(...words: (string | null)[]): Option {
  return checked(words.join(", "), (v) => words.includes(v as string | null));
}

/** One of some words whose spelling differs: `channels_last`, `channelsLast`. */
export function word(...words: string[]): Option {
  const known = oneOf(...words);
  return {
    read: (v, where) => (v === null ? null : toCamelCase(known.read(v, where) as string)),
    write: (v) => (typeof v === "string" ? toSnakeCase(v) : (v as Json)),
  };
}

const flips = word("horizontal", "vertical", "horizontal_and_vertical");
/** How pictures are mirrored. Older files of ours have our own word, behind which Keras mirrors nothing. */
export const flipMode: Option = {
  ...flips,
  read: (v, where) => flips.read(typeof v === "string" ? toSnakeCase(v) : v, where),
};

/** Which axis the channels are. */
export const dataFormat = word("channels_last", "channels_first");

/** Sizes of which one may be open: -1, or null, which tfjs keeps. */
export const sizes: Option = {
  read(received, where) {
    const given = Array.isArray(received) ? received.map((size) => size ?? -1) : received;
    const isOpen = Array.isArray(given) && given.filter((size) => size === -1).length > 1;
    if (!isOpen) return list({ low: -1 }).read(given, where);
    throw new ModelFileError(`${where} is ${describeValue(received)}. Supported: one size of -1`);
  },
  write: (v) => (v as (number | null)[]).map((size) => size ?? -1),
};

/** A list that tfjs wants as a single number when it has one entry. */
export function single(option: Option): Option {
  return {
    ...option,
    read: (v, where) => option.read(Array.isArray(v) && v.length === 1 ? v[0]! : v, where),
  };
}

function isListOf(v: Json, fits: (each: Json) => boolean, length?: number): boolean {
  return Array.isArray(v) && (length === undefined || v.length === length) && v.every(fits);
}

function rangeText(low: number, high: number): string {
  if (low <= -MOST && high >= MOST) return "";
  if (high >= MOST) return ` of at least ${low}`;
  return ` from ${low} to ${high}`;
}
