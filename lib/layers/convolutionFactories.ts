/** Convolutions, one function for each layer: tfjs' own options and `groups`. */
import type { Layer, tf } from "../tfjs";
import { Conv1D, Conv2D, Conv3D } from "./groupedConv";
import { makeFrom } from "./make";
import type { CommonLayerOptions } from "./options";

/** What tfjs' convolution takes. @inline */
type ConvolutionArguments = Omit<
  Parameters<typeof tf.layers.conv2d>[0],
  | keyof CommonLayerOptions
  | ("kernelSize" | "strides" | "dilationRate" | "padding" | "weights" | "inputDType")
>;

/** Options of `layers.conv1d`, `layers.conv2d` and `layers.conv3d`; those of `tf.layers` besides. */
export interface ConvolutionOptions extends CommonLayerOptions, ConvolutionArguments {
  /** How many filters there are; a multiple of `groups`. */
  filters: number;
  /** Size of the window: one number, or one for each axis. */
  kernelSize: number | number[];
  /** How far the window moves: one number, or one for each axis. @default 1 */
  strides?: number | number[];
  /** Where the window ends: `"same"` adds zeros around, so that the size is the input's by the strides. @default "valid" */
  padding?: "valid" | "same";
  /** Gaps between what the window sees: one number, or one for each axis. @default 1 */
  dilationRate?: number | number[];
  /** Into how many groups the channels are divided, each with its own filters. @default 1 */
  groups?: number;
}

/** Options of `layers.conv1d`. */
export interface Conv1DOptions extends Omit<ConvolutionOptions, "padding"> {
  /**
   * Where the window ends: `"same"` adds zeros around, so that the size is the input's by the strides, `"causal"` adds
   * them before, so that nothing is seen ahead of its time.
   *
   * @default "valid"
   */
  padding?: "valid" | "same" | "causal";
}

/** What all convolutions take that have one filter. */
export const convolutionOptions = {
  filters: true,
  kernelSize: true,
  strides: true,
  padding: true,
  dilationRate: true,
  dataFormat: true,
  activation: true,
  useBias: true,
  kernelInitializer: true,
  kernelRegularizer: true,
  kernelConstraint: true,
  biasInitializer: true,
  biasRegularizer: true,
  biasConstraint: true,
  activityRegularizer: true,
} as const;

const grouped = { ...convolutionOptions, groups: true } as const;

/**
 * Convolves sequences, as `keras.layers.Conv1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.conv1d({ filters: 8, kernelSize: 3, groups: 4 });
 * const output = layer.apply(tf.ones([2, 20, 4])); // [2, 18, 8]
 * @see https://keras.io/api/layers/convolution_layers/convolution1d/
 */
export function conv1d(options: Conv1DOptions): Layer {
  return makeFrom(Conv1D, options, grouped);
}

/**
 * Convolves pictures, as `keras.layers.Conv2D`.
 *
 * With as many `groups` as channels it is TensorFlow's depthwise convolution.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.conv2d({ filters: 64, kernelSize: 3, padding: "same", groups: 32 });
 * const output = layer.apply(tf.ones([2, 14, 14, 64])); // [2, 14, 14, 64]
 * @see https://keras.io/api/layers/convolution_layers/convolution2d/
 */
export function conv2d(options: ConvolutionOptions): Layer {
  return makeFrom(Conv2D, options, grouped);
}

/**
 * Convolves volumes, as `keras.layers.Conv3D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.conv3d({ filters: 4, kernelSize: 2, groups: 2 });
 * const output = layer.apply(tf.ones([2, 4, 4, 4, 2])); // [2, 3, 3, 3, 4]
 * @see https://keras.io/api/layers/convolution_layers/convolution3d/
 */
export function conv3d(options: ConvolutionOptions): Layer {
  return makeFrom(Conv3D, options, grouped);
}
