/** Transposed convolutions, one function for each layer. */
import type { Layer } from "../tfjs";
import { type ConvolutionOptions, convolutionOptions } from "./convolutionFactories";
import { makeFrom } from "./make";
import { Conv1DTranspose, Conv2DTranspose, Conv3DTranspose } from "./transposedConv";

/** Options of `layers.conv1dTranspose`, `layers.conv2dTranspose` and `layers.conv3dTranspose`. */
export interface TransposedConvolutionOptions extends Omit<ConvolutionOptions, "groups"> {
  /**
   * By how much the output is larger than the least that gives such an input: one number, or one for each axis, less
   * than the strides.
   *
   * @default as much as makes it the input's size by the strides, or with padding "valid" as much as fits
   */
  outputPadding?: number | number[] | null;
}

const known = { ...convolutionOptions, outputPadding: true } as const;

/**
 * Makes sequences longer by a trained filter, as `keras.layers.Conv1DTranspose`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.conv1dTranspose({ filters: 8, kernelSize: 3, strides: 2, padding: "same" });
 * const output = layer.apply(tf.ones([2, 20, 4])); // [2, 40, 8]
 * @see https://keras.io/api/layers/convolution_layers/convolution1d_transpose/
 */
export function conv1dTranspose(options: TransposedConvolutionOptions): Layer {
  return makeFrom(Conv1DTranspose, options, known);
}

/**
 * Makes pictures larger by a trained filter, as `keras.layers.Conv2DTranspose`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.conv2dTranspose({ filters: 8, kernelSize: 3, strides: 2, padding: "same", outputPadding: 0 });
 * const output = layer.apply(tf.ones([2, 14, 14, 4])); // [2, 27, 27, 8]
 * @see https://keras.io/api/layers/convolution_layers/convolution2d_transpose/
 */
export function conv2dTranspose(options: TransposedConvolutionOptions): Layer {
  return makeFrom(Conv2DTranspose, options, known);
}

/**
 * Makes volumes larger by a trained filter, as `keras.layers.Conv3DTranspose`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2 });
 * const output = layer.apply(tf.ones([2, 4, 4, 4, 3])); // [2, 8, 8, 8, 2]
 * @see https://keras.io/api/layers/convolution_layers/convolution3d_transpose/
 */
export function conv3dTranspose(options: TransposedConvolutionOptions): Layer {
  return makeFrom(Conv3DTranspose, options, known);
}
