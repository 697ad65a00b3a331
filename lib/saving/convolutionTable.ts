/** The convolutions among the layers that Keras and tfjs share. */
import type { LayerRule } from "./layerRule";
import { kernelAndBias, weight, window } from "./optionGroups";
import { only, outdated } from "./options";
import { count, flag, type Options, oneOf } from "./values";

const convolution = (axes: number): LayerRule => ({
  options: { filters: count, ...window(axes), groups: count, ...kernelAndBias },
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

/** By Keras' class names. */
export const convolutions: Record<string, LayerRule> = {
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
  DepthwiseConv2D: {
    options: { ...depthwise, groups: outdated },
  },
  SeparableConv2D: {
    options: {
      filters: count,
      ...depthwise,
      ...weight("pointwise"),
      ...replacedKernel,
      groups: outdated,
    },
  },
};
