/** The kinds of options that a layer's configuration is made of, each readable and writable. */
import { describeValue } from "../errors";
import type { Json } from "../json";
import { ModelFileError } from "./json";
import { toCamelCase, toSnakeCase } from "./names";
import {
  readActivation,
  readConstraint,
  readInitializer,
  readRegularizer,
  writeActivation,
  writeConstraint,
  writeInitializer,
  writeRegularizer,
} from "./objects";

/** One option: how Keras' value becomes tfjs' and back. `where` names the layer, for messages. */
export interface Option {
  /** tfjs' name. @default Keras' name in camelCase */
  as?: string;
  /** True for a spelling that only older files use. */
  readOnly?: boolean;
  read(value: Json, where: string): unknown;
  write(value: unknown, where: string): Json;
}

/** Options by Keras' names. */
export type Options = Record<string, Option>;

/** A value that is the same on both sides. */
export const value: Option = { read: (v) => v, write: (v) => v as Json };

/** A word whose spelling differs: `channels_last`, `channelsLast`. */
export const word: Option = {
  read: (v) => (typeof v === "string" ? toCamelCase(v) : v),
  write: (v) => (typeof v === "string" ? toSnakeCase(v) : (v as Json)),
};

export const activation: Option = { read: readActivation, write: writeActivation };
export const initializer: Option = { read: readInitializer, write: writeInitializer };
export const regularizer: Option = { read: readRegularizer, write: writeRegularizer };
export const constraint: Option = { read: readConstraint, write: writeConstraint };

/** An option that has another name in tfjs. */
export function renamed(as: string, option: Option = value): Option {
  return { ...option, as };
}

/**
 * An option that tfjs lacks: only the values that mean "as tfjs does it" are accepted.
 *
 * @param accepted Those values; the first is the one that is written.
 */
export function only(...accepted: Json[]): Option {
  return {
    read(received, where) {
      if (accepted.some((allowed) => JSON.stringify(allowed) === JSON.stringify(received))) {
        return undefined;
      }
      throw new ModelFileError(
        `${where} is ${describeValue(received)}. Supported: ${accepted.map(describeValue).join(", ")}`,
      );
    },
    write: () => accepted[0]!,
  };
}

/** An option without bearing on what the layer computes here; `written` stands in files. */
export function ignored(written: Json): Option {
  return { read: () => undefined, write: () => written };
}

/** An option that only older files have, without bearing on what the layer computes. */
export const outdated: Option = { ...ignored(null), readOnly: true };

/** A seed; `null` and Keras' generator objects mean "draw one". */
export const seed: Option = {
  read: (v) => (typeof v === "number" ? v : undefined),
  write: (v) => (typeof v === "number" ? v : null),
};

/** Sizes of which one may be -1, which tfjs keeps as null. */
export const sizes: Option = {
  read: (v) => v,
  write: (v) => (v as (number | null)[]).map((size) => size ?? -1),
};

/** A list that tfjs wants as a single number when it has one entry. */
export const single: Option = {
  read: (v) => (Array.isArray(v) && v.length === 1 ? v[0] : v),
  write: (v) => v as Json,
};
