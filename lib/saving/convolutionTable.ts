/** The convolutions among the layers that Keras and tfjs share. */
import type { LayerRule } from "./layerRule";
import { dataFormatOfSequences, kernelAndBias, weight, window } from "./optionGroups";
import { only, outdated } from "./options";
import { count, flag, nullable, type Options, oneOf, perAxis } from "./values";

const convolution = (axes: number): LayerRule => ({
  options: { filters: count, ...window(axes), groups: count, ...kernelAndBias },
});

const transposed = (rank: number): LayerRule => ({
  options: {
    filters: count,
    ...window(rank),
    output_padding: nullable(perAxis(rank, { low: 0 })),
    groups: { ...only(1), readOnly: true },
    ...kernelAndBias,
  },
});

const depthwise = (rank: number): Options => ({
  ...window(rank),
  depth_multiplier: count,
  use_bias: flag,
  ...weight("depthwise"),
  ...weight("bias"),
});

/** Older files repeat these for separable convolutions, whose kernel is two. */
const replacedKernel: Options = {
  kernel_initializer: outdated,
  kernel_regularizer: outdated,
  kernel_constraint: outdated,
};

const separable = (rank: number): LayerRule => ({
  options: {
    filters: count,
    ...depthwise(rank),
    ...weight("pointwise"),
    ...replacedKernel,
    groups: outdated,
  },
});

/** By Keras' class names. */
export const convolutions: Record<string, LayerRule> = {
  Conv1D: {
    options: {
      ...convolution(1).options,
      padding: oneOf("valid", "same", "causal"),
      data_format: dataFormatOfSequences,
    },
  },
  Conv2D: convolution(2),
  Conv1DTranspose: transposed(1),
  Conv2DTranspose: transposed(2),
  Conv3D: convolution(3),
  Conv3DTranspose: transposed(3),
  DepthwiseConv1D: { options: { ...depthwise(1), groups: outdated } },
  DepthwiseConv2D: { options: { ...depthwise(2), groups: outdated } },
  SeparableConv1D: separable(1),
  SeparableConv2D: separable(2),
};
