/** Options of layers that are objects of their own, and those that only one side has. */
import { describeValue } from "../errors";
import { isObject, type Json } from "../json";
import { readActivation, writeActivation } from "./activationNames";
import { field, ModelFileError } from "./json";
import {
  readConstraint,
  readInitializer,
  readRegularizer,
  writeConstraint,
  writeInitializer,
  writeRegularizer,
} from "./objects";
import type { Option } from "./values";

export const activation: Option = { read: readActivation, write: writeActivation };
export const initializer: Option = { read: readInitializer, write: writeInitializer };
export const regularizer: Option = { read: readRegularizer, write: writeRegularizer };
export const constraint: Option = { read: readConstraint, write: writeConstraint };

/** An option that has another name in tfjs. */
export function renamed(as: string, option: Option): Option {
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

/**
 * An option without bearing on what the layer computes here. What a file says is written again; `written` is for
 * layers that are of no file.
 */
export function ignored(written: Json): Option {
  return { read: () => undefined, write: () => written, isKept: true };
}

/**
 * How Keras' `quantize` would make a layer's numbers, which only it does: the layer computes as without. A layer that is
 * quantized already says so by its policy.
 */
export const quantizationConfig: Option = {
  read(received, where) {
    if (received === null) return undefined;
    const isConfig = isObject(received) && /^keras(\.|$)/.test(String(field(received, "module")));
    const className = isConfig ? String(field(received, "class_name")) : "";
    if (/(QuantizationConfig|GPTQConfig|AWQConfig)$/.test(className)) return undefined;
    throw new ModelFileError(
      `${where} is ${describeValue(received)}. Supported: null, a configuration of keras.quantizers`,
    );
  },
  write: () => null,
  isKept: "objects",
};

/** An option that only older files have, without bearing on what the layer computes. */
export const outdated: Option = { ...ignored(null), readOnly: true };

/** A type of floats to compute in, which is float32 here. */
export const keptType: Option = {
  read(received, where) {
    const types = ["float16", "bfloat16", "float32", "float64"];
    if (received === null || types.includes(received as string)) return undefined;
    throw new ModelFileError(
      `${where} is ${describeValue(received)}. Supported: null, ${types.join(", ")} (all computed in float32)`,
    );
  },
  write: () => null,
  isKept: true,
};

/** A seed; `null` and Keras' generator objects mean "draw one". */
export const seed: Option = {
  read: (v) => (typeof v === "number" ? v : undefined),
  write: (v) => (typeof v === "number" ? v : null),
};
