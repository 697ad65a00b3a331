/** One table of the layers that Keras and tfjs share: their options, and where Keras keeps their weights. */
import { SpectralNormalization } from "../layers";
import { attentions } from "./attentionTable";
import { categories } from "./categoryTable";
import { convolutions } from "./convolutionTable";
import type { CallRule, LayerRule } from "./layerRule";
import {
  convolutionalUnit,
  gated,
  globalPooling,
  kernelAndBias,
  pooling,
  pooling1D,
  recurrence,
  recurrentUnit,
  renormClipping,
  shiftAndScale,
  weight,
} from "./optionGroups";
import { activation, initializer, outdated, quantizationConfig, renamed, seed } from "./options";
import {
  axes,
  borders,
  count,
  dataFormat,
  ends,
  flag,
  flipMode,
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
} from "./values";

const noOptions: LayerRule = { options: {} };

const withStates: CallRule = { flags: [], states: true };

const recurrent = (unit: Options): LayerRule => ({
  options: { ...recurrence, ...unit },
  parts: { cell: "cell" },
  call: withStates,
});

const convLstm = (axes: number): LayerRule => recurrent(convolutionalUnit(axes));

const gru: Options = { ...gated, reset_after: flag };
const lstm: Options = { ...gated, unit_forget_bias: flag };

/** By Keras' class names; with the module before those that are no stock layers. */
export const layerTable: Record<string, LayerRule> = {
  Activation: { options: { activation } },
  Add: noOptions,
  AlphaDropout: { options: { rate: share, noise_shape: noiseShape, seed } },
  ...attentions,
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
      synchronized: { ...flag, write: (together) => together === true },
      renorm: { ...flag, write: (does) => does === true },
      renorm_clipping: renormClipping,
      renorm_momentum: { ...number(), write: (momentum) => (momentum as number) ?? 0.99 },
      fused: outdated,
    },
  },
  Bidirectional: {
    options: { merge_mode: oneOf("sum", "mul", "concat", "ave", null) },
    parts: { forwardLayer: "forward_layer", backwardLayer: "backward_layer" },
    call: withStates,
  },
  ...categories,
  Concatenate: { options: { axis: whole() } },
  ...convolutions,
  ConvLSTM1D: convLstm(1),
  ConvLSTM2D: convLstm(2),
  ConvLSTM3D: convLstm(3),
  Cropping1D: { options: { cropping: ends } },
  Cropping2D: { options: { cropping: borders(2), data_format: dataFormat } },
  Cropping3D: { options: { cropping: borders(3), data_format: dataFormat } },
  Dense: {
    options: {
      units: count,
      activation,
      ...kernelAndBias,
      quantization_config: quantizationConfig,
    },
  },
  Dot: { options: { axes: axes({ length: 2 }), normalize: flag } },
  Dropout: { options: { rate: share, noise_shape: noiseShape, seed } },
  ELU: { options: { alpha: number() } },
  Flatten: { options: { data_format: dataFormat } },
  GaussianDropout: { options: { rate: share, seed } },
  GaussianNoise: { options: { stddev: number({ low: 0 }), seed } },
  GlobalAveragePooling1D: { options: globalPooling },
  GlobalAveragePooling2D: { options: globalPooling },
  GlobalAveragePooling3D: { options: globalPooling },
  GlobalMaxPooling1D: { options: globalPooling },
  GlobalMaxPooling2D: { options: globalPooling },
  GlobalMaxPooling3D: { options: globalPooling },
  GroupNormalization: {
    options: {
      groups: whole({ low: -1 }),
      axis: whole(),
      ...shiftAndScale,
    },
  },
  GRU: recurrent(gru),
  GRUCell: { options: gru },
  Identity: noOptions,
  LayerNormalization: {
    options: {
      axis: axes(),
      rms_scaling: flag,
      ...shiftAndScale,
    },
  },
  LeakyReLU: {
    options: { negative_slope: renamed("alpha", number()), alpha: { ...number(), readOnly: true } },
  },
  LSTM: recurrent(lstm),
  LSTMCell: { options: lstm },
  Masking: { options: { mask_value: number() } },
  Maximum: noOptions,
  MaxPooling1D: { options: pooling1D },
  MaxPooling2D: { options: pooling(2) },
  MaxPooling3D: { options: pooling(3) },
  Minimum: noOptions,
  Multiply: noOptions,
  Permute: { options: { dims: list({ low: 1 }) } },
  Pipeline: noOptions,
  PReLU: { options: { ...weight("alpha"), shared_axes: nullable(list()) } },
  RandomFlip: { options: { mode: flipMode, seed, data_format: dataFormat } },
  ReLU: {
    options: {
      max_value: nullable(number({ low: 0 })),
      negative_slope: number({ low: 0 }),
      threshold: number({ low: 0 }),
    },
  },
  RMSNormalization: { options: { axis: axes(), epsilon: number({ low: 0 }) } },
  RepeatVector: { options: { n: count } },
  Rescaling: { options: { scale: numbers, offset: numbers } },
  Reshape: { options: { target_shape: sizes } },
  RNN: recurrent({}),
  SimpleRNN: recurrent(recurrentUnit),
  SimpleRNNCell: { options: recurrentUnit },
  Softmax: { options: { axis: axes() } },
  SpatialDropout1D: { options: { rate: share, seed } },
  SpatialDropout2D: { options: { rate: share, seed, data_format: dataFormat } },
  SpatialDropout3D: { options: { rate: share, seed, data_format: dataFormat } },
  SpectralNormalization: {
    options: { power_iterations: count },
    parts: { layer: "layer" },
    weights: (layer) => (layer instanceof SpectralNormalization ? layer.kept : []),
  },
  StackedRNNCells: { options: {}, parts: { cells: "cells" } },
  Subtract: noOptions,
  ThresholdedReLU: { options: { theta: number({ low: 0 }) } },
  TimeDistributed: { options: {}, parts: { layer: "layer" } },
  UnitNormalization: { options: { axis: axes() } },
  UpSampling1D: { options: { size: count } },
  UpSampling2D: {
    options: {
      size: perAxis(2),
      data_format: dataFormat,
      interpolation: oneOf("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"),
    },
  },
  UpSampling3D: { options: { size: perAxis(3), data_format: dataFormat } },
  ZeroPadding1D: { options: { padding: ends, data_format: dataFormat } },
  ZeroPadding2D: { options: { padding: borders(2), data_format: dataFormat } },
  ZeroPadding3D: { options: { padding: borders(3), data_format: dataFormat } },
  // Keras' own networks have these in their modules.
  "keras.src.applications.convnext>LayerScale": {
    options: { init_values: number(), projection_dim: count },
  },
  "keras.src.applications.convnext>StochasticDepth": { options: { drop_path_rate: share } },
  "keras.src.applications.inception_resnet_v2>CustomScaleLayer": { options: { scale: number() } },
};
