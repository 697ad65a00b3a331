/** Depthwise and separable convolutions, one function for each layer. */
import type { Layer, tf } from "../tfjs";
import { type ConvolutionOptions, convolutionOptions } from "./convolutionFactories";
import { makeFrom } from "./make";
import { DepthwiseConv1D, SeparableConv1D, SeparableConv2D } from "./separableConv";

/** What tfjs' separable convolution takes for its filters. @inline */
type FilterArguments = Pick<
  Parameters<typeof tf.layers.separableConv2d>[0],
  | `depthwise${"Initializer" | "Regularizer" | "Constraint"}`
  | `pointwise${"Initializer" | "Regularizer" | "Constraint"}`
>;

/** What convolutions take that look at one channel at a time. @inline */
type WithoutKernel = Omit<
  ConvolutionOptions,
  "groups" | `kernel${"Initializer" | "Regularizer" | "Constraint"}`
>;

/** Options of `layers.separableConv1d` and `layers.separableConv2d`. */
export interface SeparableConvOptions extends WithoutKernel, FilterArguments {
  /** How many results of its own each channel has before they are mixed. @default 1 */
  depthMultiplier?: number;
}

/** Options of `layers.depthwiseConv1d`. */
export interface DepthwiseConv1DOptions
  extends Omit<
    SeparableConvOptions,
    "filters" | `pointwise${"Initializer" | "Regularizer" | "Constraint"}`
  > {
  /** How many results each channel has. @default 1 */
  depthMultiplier?: number;
}

const {
  filters,
  kernelInitializer: _,
  kernelRegularizer: __,
  kernelConstraint: ___,
  ...window
} = convolutionOptions;

const depthwise = {
  ...window,
  depthMultiplier: true,
  depthwiseInitializer: true,
  depthwiseRegularizer: true,
  depthwiseConstraint: true,
} as const;

const separable = {
  ...depthwise,
  filters,
  pointwiseInitializer: true,
  pointwiseRegularizer: true,
  pointwiseConstraint: true,
} as const;

/**
 * Convolves each feature of sequences by itself, as `keras.layers.DepthwiseConv1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.depthwiseConv1d({ kernelSize: 3, depthMultiplier: 2 });
 * const output = layer.apply(tf.ones([2, 20, 4])); // [2, 18, 8]
 * @see https://keras.io/api/layers/convolution_layers/depthwise_convolution1d/
 */
export function depthwiseConv1d(options: DepthwiseConv1DOptions): Layer {
  return makeFrom(DepthwiseConv1D, options, depthwise);
}

/**
 * Convolves each feature of sequences by itself, and mixes them, as `keras.layers.SeparableConv1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.separableConv1d({ filters: 8, kernelSize: 3, padding: "same" });
 * const output = layer.apply(tf.ones([2, 20, 4])); // [2, 20, 8]
 * @see https://keras.io/api/layers/convolution_layers/separable_convolution1d/
 */
export function separableConv1d(options: SeparableConvOptions): Layer {
  return makeFrom(SeparableConv1D, options, separable);
}

/**
 * Convolves each channel of pictures by itself, and mixes them, as `keras.layers.SeparableConv2D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.separableConv2d({ filters: 8, kernelSize: 3, strides: 2 });
 * const output = layer.apply(tf.ones([2, 15, 15, 4])); // [2, 7, 7, 8]
 * @see https://keras.io/api/layers/convolution_layers/separable_convolution2d/
 */
export function separableConv2d(options: SeparableConvOptions): Layer {
  return makeFrom(SeparableConv2D, options, separable);
}
