/** One table of the layers that Keras and tfjs share: their options, and where Keras keeps their weights. */
import type { LayerParts } from "../tfjs";
import { gated, kernelAndBias, recurrence, recurrentUnit, weight, window } from "./optionGroups";
import {
  activation,
  ignored,
  initializer,
  type Options,
  only,
  outdated,
  regularizer,
  renamed,
  seed,
  single,
  sizes,
  value,
  word,
} from "./options";

/** One class of layers. */
export interface LayerRule {
  /** By Keras' names. `name`, `trainable`, `dtype` and the input shape are common to all and not listed. */
  options: Options;
  /** Inner layers that hold the weights: tfjs' property → the step in Keras' weights file. */
  parts?: Partial<Record<keyof LayerParts, string>>;
}

const convolution: LayerRule = {
  options: { filters: value, ...window, groups: only(1), ...kernelAndBias },
};

const undilated = (rank: number) => only(Array(rank).fill(1), 1);

const transposed = (rank: number): LayerRule => ({
  options: {
    filters: value,
    ...window,
    dilation_rate: undilated(rank),
    output_padding: only(null),
    groups: { ...only(1), readOnly: true },
    ...kernelAndBias,
  },
});

const depthwise: Options = {
  ...window,
  depth_multiplier: value,
  use_bias: value,
  ...weight("depthwise"),
  ...weight("bias"),
};

/** Older files repeat these for separable convolutions, whose kernel is two. */
const replacedKernel: Options = {
  kernel_initializer: outdated,
  kernel_regularizer: outdated,
  kernel_constraint: outdated,
};

const pooling: LayerRule = {
  options: { pool_size: value, padding: value, strides: value, data_format: word },
};

const pooling1D: LayerRule = {
  options: {
    pool_size: single,
    padding: value,
    strides: single,
    data_format: only("channels_last"),
  },
};

const globalPooling: LayerRule = { options: { data_format: word, keepdims: only(false) } };

const globalPooling1D: LayerRule = {
  options: { data_format: only("channels_last"), keepdims: only(false) },
};

const noOptions: LayerRule = { options: {} };

const recurrent = (unit: Options): LayerRule => ({
  options: { ...recurrence, ...unit },
  parts: { cell: "cell" },
});

const gru: LayerRule = recurrent({ ...gated, reset_after: value });

/** By Keras' class names. */
export const layerTable: Record<string, LayerRule> = {
  Activation: { options: { activation } },
  Add: noOptions,
  AlphaDropout: { options: { rate: value, noise_shape: only(null), seed } },
  Average: noOptions,
  AveragePooling1D: pooling1D,
  AveragePooling2D: pooling,
  AveragePooling3D: pooling,
  BatchNormalization: {
    options: {
      axis: single,
      momentum: value,
      epsilon: value,
      center: value,
      scale: value,
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
    options: { merge_mode: value },
    parts: { forwardLayer: "forward_layer", backwardLayer: "backward_layer" },
  },
  Concatenate: { options: { axis: value } },
  Conv1D: {
    options: { ...convolution.options, data_format: only("channels_last") },
  },
  Conv2D: convolution,
  Conv2DTranspose: transposed(2),
  Conv3D: convolution,
  Conv3DTranspose: transposed(3),
  Cropping2D: { options: { cropping: value, data_format: word } },
  Dense: {
    options: { units: value, activation, ...kernelAndBias, quantization_config: only(null) },
  },
  DepthwiseConv2D: {
    options: { ...depthwise, groups: outdated },
  },
  Dot: { options: { axes: value, normalize: value } },
  Dropout: { options: { rate: value, noise_shape: value, seed } },
  ELU: { options: { alpha: only(1) } },
  Embedding: {
    options: {
      input_dim: value,
      output_dim: value,
      ...weight("embeddings"),
      mask_zero: value,
      input_length: outdated,
      quantization_config: only(null),
    },
  },
  Flatten: { options: { data_format: word } },
  GaussianDropout: { options: { rate: value, seed } },
  GaussianNoise: { options: { stddev: value, seed } },
  GlobalAveragePooling1D: globalPooling1D,
  GlobalAveragePooling2D: globalPooling,
  GlobalMaxPooling1D: globalPooling1D,
  GlobalMaxPooling2D: globalPooling,
  GRU: gru,
  LayerNormalization: {
    options: {
      axis: value,
      epsilon: value,
      center: value,
      scale: value,
      rms_scaling: only(false),
      beta_initializer: initializer,
      gamma_initializer: initializer,
      beta_regularizer: regularizer,
      gamma_regularizer: regularizer,
      beta_constraint: only(null),
      gamma_constraint: only(null),
    },
  },
  LeakyReLU: { options: { negative_slope: renamed("alpha"), alpha: { ...value, readOnly: true } } },
  LSTM: recurrent({ ...gated, unit_forget_bias: value }),
  Masking: { options: { mask_value: value } },
  Maximum: noOptions,
  MaxPooling1D: pooling1D,
  MaxPooling2D: pooling,
  MaxPooling3D: pooling,
  Minimum: noOptions,
  Multiply: noOptions,
  Permute: { options: { dims: value } },
  PReLU: { options: { ...weight("alpha"), shared_axes: value } },
  ReLU: { options: { max_value: value, negative_slope: only(0), threshold: only(0) } },
  RepeatVector: { options: { n: value } },
  Reshape: { options: { target_shape: sizes } },
  SeparableConv2D: {
    options: {
      filters: value,
      ...depthwise,
      ...weight("pointwise"),
      ...replacedKernel,
      groups: outdated,
    },
  },
  SimpleRNN: recurrent(recurrentUnit),
  Softmax: { options: { axis: value } },
  SpatialDropout1D: { options: { rate: value, seed } },
  SpatialDropout2D: { options: { rate: value, seed, data_format: only("channels_last") } },
  ThresholdedReLU: { options: { theta: value } },
  TimeDistributed: { options: {}, parts: { layer: "layer" } },
  UpSampling2D: { options: { size: value, data_format: word, interpolation: word } },
  ZeroPadding2D: { options: { padding: value, data_format: word } },
};

/**
 * Layers whose configuration is the same on both sides but for the spelling of its keys: those of the
 * preprocessing room, which come in through tfjs' register of classes.
 */
export const preprocessingLayers = [
  "CategoryEncoding",
  "CenterCrop",
  "Normalization",
  "RandomBrightness",
  "RandomContrast",
  "RandomCrop",
  "RandomFlip",
  "RandomRotation",
  "RandomTranslation",
  "RandomZoom",
  "Rescaling",
  "Resizing",
];
