/** Layers that make sequences, pictures and volumes larger or smaller, one function for each. */
import type { Layer } from "../tfjs";
import {
  Cropping1D,
  type Cropping1DOptions,
  Cropping3D,
  type Cropping3DOptions,
  ZeroPadding1D,
  type ZeroPadding1DOptions,
  ZeroPadding3D,
  type ZeroPadding3DOptions,
} from "./borders";
import { make } from "./make";
import {
  UpSampling1D,
  type UpSampling1DOptions,
  UpSampling2D,
  type UpSampling2DOptions,
  UpSampling3D,
  type UpSampling3DOptions,
} from "./upSampling";

/**
 * Puts zeros before and behind sequences, as `keras.layers.ZeroPadding1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const padded = layers.zeroPadding1d({ padding: [2, 0] }).apply(tf.ones([8, 20, 16])); // [8, 22, 16]
 * @see https://keras.io/api/layers/reshaping_layers/zero_padding1d/
 */
export function zeroPadding1d(options: ZeroPadding1DOptions = {}): Layer {
  return make(ZeroPadding1D, options, { padding: true, dataFormat: true });
}

/**
 * Puts zeros around volumes, as `keras.layers.ZeroPadding3D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.zeroPadding3d({ padding: [1, 2, [0, 1]] });
 * const padded = layer.apply(tf.ones([2, 4, 4, 4, 3])); // [2, 6, 8, 5, 3]
 * @see https://keras.io/api/layers/reshaping_layers/zero_padding3d/
 */
export function zeroPadding3d(options: ZeroPadding3DOptions = {}): Layer {
  return make(ZeroPadding3D, options, { padding: true, dataFormat: true });
}

/**
 * Cuts off the first and last steps of sequences, as `keras.layers.Cropping1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const middle = layers.cropping1d({ cropping: [2, 0] }).apply(tf.ones([8, 20, 16])); // [8, 18, 16]
 * @see https://keras.io/api/layers/reshaping_layers/cropping1d/
 */
export function cropping1d(options: Cropping1DOptions = {}): Layer {
  return make(Cropping1D, options, { cropping: true });
}

/**
 * Cuts off what lies around the middle of volumes, as `keras.layers.Cropping3D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const middle = layers.cropping3d({ cropping: [1, 0, [0, 1]] }).apply(tf.ones([2, 4, 4, 4, 3])); // [2, 2, 4, 3, 3]
 * @see https://keras.io/api/layers/reshaping_layers/cropping3d/
 */
export function cropping3d(options: Cropping3DOptions = {}): Layer {
  return make(Cropping3D, options, { cropping: true, dataFormat: true });
}

/**
 * Repeats each step of sequences, as `keras.layers.UpSampling1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const longer = layers.upSampling1d({ size: 3 }).apply(tf.ones([8, 20, 16])); // [8, 60, 16]
 * @see https://keras.io/api/layers/reshaping_layers/up_sampling1d/
 */
export function upSampling1d(options: UpSampling1DOptions = {}): Layer {
  return make(UpSampling1D, options, { size: true });
}

/**
 * Makes pictures larger by whole factors, as `keras.layers.UpSampling2D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.upSampling2d({ size: 2, interpolation: "bicubic" });
 * const larger = layer.apply(tf.ones([8, 14, 14, 16])); // [8, 28, 28, 16]
 * @see https://keras.io/api/layers/reshaping_layers/up_sampling2d/
 */
export function upSampling2d(options: UpSampling2DOptions = {}): Layer {
  return make(UpSampling2D, options, { size: true, dataFormat: true, interpolation: true });
}

/**
 * Repeats each place of volumes, as `keras.layers.UpSampling3D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const larger = layers.upSampling3d({ size: [1, 2, 2] }).apply(tf.ones([2, 4, 4, 4, 3])); // [2, 4, 8, 8, 3]
 * @see https://keras.io/api/layers/reshaping_layers/up_sampling3d/
 */
export function upSampling3d(options: UpSampling3DOptions = {}): Layer {
  return make(UpSampling3D, options, { size: true, dataFormat: true });
}
