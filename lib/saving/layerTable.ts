/** One table of the layers that Keras and tfjs share: their options, and where Keras keeps their weights. */
import type { LayerParts } from "../tfjs";
import {
  gated,
  globalPooling,
  globalPooling1D,
  kernelAndBias,
  pooling,
  pooling1D,
  recurrence,
  recurrentUnit,
  weight,
  window,
} from "./optionGroups";
import {
  activation,
  ignored,
  initializer,
  only,
  outdated,
  regularizer,
  renamed,
  seed,
} from "./options";
import {
  axes,
  borders,
  count,
  dataFormat,
  flag,
  list,
  noiseShape,
  nullable,
  number,
  numbers,
  type Options,
  oneOf,
  perAxis,
  share,
  single,
  sizes,
  whole,
  word,
} from "./values";

/** One class of layers. */
export interface LayerRule {
  /** By Keras' names. `name`, `trainable`, `dtype` and the input shape are common to all and not listed. */
  options: Options;
  /** Inner layers that hold the weights: tfjs' property → the step in Keras' weights file. */
  parts?: Partial<Record<keyof LayerParts, string>>;
}

const convolution = (axes: number): LayerRule => ({
  options: { filters: count, ...window(axes), groups: only(1), ...kernelAndBias },
});

const undilated = (rank: number) => only(Array(rank).fill(1), 1);

const transposed = (rank: number): LayerRule => ({
  options: {
    filters: count,
    ...window(rank),
    dilation_rate: undilated(rank),
    output_padding: only(null),
    groups: { ...only(1), readOnly: true },
    ...kernelAndBias,
  },
});

const depthwise: Options = {
  ...window(2),
  depth_multiplier: count,
  use_bias: flag,
  ...weight("depthwise"),
  ...weight("bias"),
};

/** Older files repeat these for separable convolutions, whose kernel is two. */
const replacedKernel: Options = {
  kernel_initializer: outdated,
  kernel_regularizer: outdated,
  kernel_constraint: outdated,
};

const noOptions: LayerRule = { options: {} };

const recurrent = (unit: Options): LayerRule => ({
  options: { ...recurrence, ...unit },
  parts: { cell: "cell" },
});

const gru: LayerRule = recurrent({ ...gated, reset_after: flag });

/** By Keras' class names. */
export const layerTable: Record<string, LayerRule> = {
  Activation: { options: { activation } },
  Add: noOptions,
  AlphaDropout: { options: { rate: share, noise_shape: only(null), seed } },
  Average: noOptions,
  AveragePooling1D: { options: pooling1D },
  AveragePooling2D: { options: pooling(2) },
  AveragePooling3D: { options: pooling(3) },
  BatchNormalization: {
    options: {
      axis: single(whole()),
      momentum: share,
      epsilon: number({ low: 0 }),
      center: flag,
      scale: flag,
      ...weight("beta"),
      ...weight("gamma"),
      moving_mean_initializer: initializer,
      moving_variance_initializer: initializer,
      synchronized: ignored(false),
      renorm: only(false),
      renorm_clipping: only(null),
      renorm_momentum: ignored(0.99),
      fused: outdated,
    },
  },
  Bidirectional: {
    options: { merge_mode: oneOf("sum", "mul", "concat", "ave", null) },
    parts: { forwardLayer: "forward_layer", backwardLayer: "backward_layer" },
  },
  CategoryEncoding: {
    options: {
      num_tokens: count,
      output_mode: word("multi_hot", "one_hot", "count"),
      sparse: { ...only(false), readOnly: true },
    },
  },
  Concatenate: { options: { axis: whole() } },
  Conv1D: {
    options: {
      ...convolution(1).options,
      padding: oneOf("valid", "same", "causal"),
      data_format: only("channels_last"),
    },
  },
  Conv2D: convolution(2),
  Conv2DTranspose: transposed(2),
  Conv3D: convolution(3),
  Conv3DTranspose: transposed(3),
  Cropping2D: { options: { cropping: borders, data_format: dataFormat } },
  Dense: {
    options: { units: count, activation, ...kernelAndBias, quantization_config: only(null) },
  },
  DepthwiseConv2D: {
    options: { ...depthwise, groups: outdated },
  },
  Dot: { options: { axes: axes({ length: 2 }), normalize: flag } },
  Dropout: { options: { rate: share, noise_shape: noiseShape, seed } },
  ELU: { options: { alpha: only(1) } },
  Embedding: {
    options: {
      input_dim: count,
      output_dim: count,
      ...weight("embeddings"),
      mask_zero: flag,
      input_length: outdated,
      quantization_config: only(null),
    },
  },
  Flatten: { options: { data_format: dataFormat } },
  GaussianDropout: { options: { rate: share, seed } },
  GaussianNoise: { options: { stddev: number({ low: 0 }), seed } },
  GlobalAveragePooling1D: { options: globalPooling1D },
  GlobalAveragePooling2D: { options: globalPooling },
  GlobalMaxPooling1D: { options: globalPooling1D },
  GlobalMaxPooling2D: { options: globalPooling },
  GRU: gru,
  LayerNormalization: {
    options: {
      axis: axes(),
      epsilon: number({ low: 0 }),
      center: flag,
      scale: flag,
      rms_scaling: only(false),
      beta_initializer: initializer,
      gamma_initializer: initializer,
      beta_regularizer: regularizer,
      gamma_regularizer: regularizer,
      beta_constraint: only(null),
      gamma_constraint: only(null),
    },
  },
  LeakyReLU: {
    options: { negative_slope: renamed("alpha", number()), alpha: { ...number(), readOnly: true } },
  },
  LSTM: recurrent({ ...gated, unit_forget_bias: flag }),
  Masking: { options: { mask_value: number() } },
  Maximum: noOptions,
  MaxPooling1D: { options: pooling1D },
  MaxPooling2D: { options: pooling(2) },
  MaxPooling3D: { options: pooling(3) },
  Minimum: noOptions,
  Multiply: noOptions,
  Permute: { options: { dims: list({ low: 1 }) } },
  PReLU: { options: { ...weight("alpha"), shared_axes: nullable(list()) } },
  ReLU: {
    options: {
      max_value: nullable(number({ low: 0 })),
      negative_slope: only(0),
      threshold: only(0),
    },
  },
  RepeatVector: { options: { n: count } },
  Rescaling: { options: { scale: numbers, offset: numbers } },
  Reshape: { options: { target_shape: sizes } },
  SeparableConv2D: {
    options: {
      filters: count,
      ...depthwise,
      ...weight("pointwise"),
      ...replacedKernel,
      groups: outdated,
    },
  },
  SimpleRNN: recurrent(recurrentUnit),
  Softmax: { options: { axis: axes() } },
  SpatialDropout1D: { options: { rate: share, seed } },
  SpatialDropout2D: { options: { rate: share, seed, data_format: only("channels_last") } },
  ThresholdedReLU: { options: { theta: number({ low: 0 }) } },
  TimeDistributed: { options: {}, parts: { layer: "layer" } },
  UpSampling2D: {
    options: {
      size: perAxis(2),
      data_format: dataFormat,
      interpolation: word("nearest", "bilinear"),
    },
  },
  ZeroPadding2D: { options: { padding: borders, data_format: dataFormat } },
};

/**
 * Layers whose configuration is the same on both sides but for the spelling of its keys: those of the
 * preprocessing room, which come in through tfjs' register of classes.
 */
export const preprocessingLayers = [
  "CenterCrop",
  "Normalization",
  "RandomBrightness",
  "RandomContrast",
  "RandomCrop",
  "RandomFlip",
  "RandomRotation",
  "RandomTranslation",
  "RandomZoom",
  "Resizing",
];
