/** Options that several layers have. */
import { isObject, type Json, type JsonObject } from "../json";
import { activation, constraint, initializer, only, outdated, regularizer, seed } from "./options";
import {
  checked,
  count,
  dataFormat,
  flag,
  nullable,
  number,
  type Option,
  type Options,
  oneOf,
  perAxis,
  share,
  single,
} from "./values";

/** initializer, regularizer and constraint of one weight. */
export const weight = (name: string): Options => ({
  [`${name}_initializer`]: initializer,
  [`${name}_regularizer`]: regularizer,
  [`${name}_constraint`]: constraint,
});

export const kernelAndBias: Options = {
  use_bias: flag,
  ...weight("kernel"),
  ...weight("bias"),
};

/** What a normalization's results are multiplied by and shifted by. */
export const shiftAndScale: Options = {
  epsilon: number({ low: 0 }),
  center: flag,
  scale: flag,
  beta_initializer: initializer,
  gamma_initializer: initializer,
  beta_regularizer: regularizer,
  gamma_regularizer: regularizer,
  beta_constraint: constraint,
  gamma_constraint: constraint,
};

/** Bounds of a correction, each of which may be missing. */
export const renormClipping: Option = {
  ...checked("null, or an object of numbers rmax, rmin and dmax", (v) => {
    if (v === null) return true;
    const isBound = ([key, bound]: [string, Json]) =>
      ["rmax", "rmin", "dmax"].includes(key) && (bound === null || typeof bound === "number");
    return isObject(v) && Object.entries(v).every(isBound);
  }),
  write: (v) => (v as JsonObject | undefined) ?? null,
};

/** Where a window at the edge ends. */
const padding = oneOf("valid", "same");

/** How a convolution goes over its input. */
export const window = (axes: number): Options => ({
  kernel_size: perAxis(axes),
  strides: perAxis(axes),
  padding,
  data_format: dataFormat,
  dilation_rate: perAxis(axes),
  activation,
});

export const pooling = (axes: number): Options => ({
  pool_size: perAxis(axes),
  padding,
  strides: nullable(perAxis(axes)),
  data_format: dataFormat,
});

/** Of layers of sequences, which say nothing of it where they are tfjs' own. */
export const dataFormatOfSequences: Option = {
  ...dataFormat,
  write: (v, where) => dataFormat.write(v ?? "channelsLast", where),
};

export const pooling1D: Options = {
  pool_size: single(count),
  padding,
  strides: nullable(single(count)),
  data_format: dataFormatOfSequences,
};

export const globalPooling: Options = { data_format: dataFormat, keepdims: flag };

export const recurrence: Options = {
  return_sequences: flag,
  return_state: flag,
  go_backwards: flag,
  stateful: flag,
  unroll: flag,
  zero_output_for_mask: { ...flag, write: (zeroes) => zeroes === true },
  time_major: { ...only(false), readOnly: true },
};

/** What all cells have. */
const recurrentCell: Options = {
  activation,
  use_bias: flag,
  ...weight("kernel"),
  ...weight("recurrent"),
  ...weight("bias"),
  dropout: share,
  recurrent_dropout: share,
  seed,
  implementation: outdated,
};

export const recurrentUnit: Options = { units: count, ...recurrentCell };

export const gated: Options = { ...recurrentUnit, recurrent_activation: activation };

/** Convolutions of sequences of signals, pictures or volumes. */
export const convolutionalUnit = (axes: number): Options => ({
  filters: count,
  ...window(axes),
  ...recurrentCell,
  recurrent_activation: activation,
  unit_forget_bias: flag,
});
