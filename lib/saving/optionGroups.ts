/** Options that several layers have. */
import {
  activation,
  constraint,
  ignored,
  initializer,
  type Options,
  only,
  outdated,
  regularizer,
  value,
  word,
} from "./options";

/** initializer, regularizer and constraint of one weight. */
export const weight = (name: string): Options => ({
  [`${name}_initializer`]: initializer,
  [`${name}_regularizer`]: regularizer,
  [`${name}_constraint`]: constraint,
});

export const kernelAndBias: Options = {
  use_bias: value,
  ...weight("kernel"),
  ...weight("bias"),
};

export const window: Options = {
  kernel_size: value,
  strides: value,
  padding: value,
  data_format: word,
  dilation_rate: value,
  activation,
};

export const recurrence: Options = {
  return_sequences: value,
  return_state: value,
  go_backwards: value,
  stateful: value,
  unroll: ignored(false),
  zero_output_for_mask: { ...value, write: (zeroes) => zeroes === true },
  time_major: { ...only(false), readOnly: true },
};

export const recurrentUnit: Options = {
  units: value,
  activation,
  use_bias: value,
  ...weight("kernel"),
  ...weight("recurrent"),
  ...weight("bias"),
  dropout: value,
  recurrent_dropout: value,
  seed: ignored(null),
  implementation: outdated,
};

export const gated: Options = { ...recurrentUnit, recurrent_activation: activation };
