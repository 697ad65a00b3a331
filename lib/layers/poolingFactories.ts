/** Pooling that tfjs has not, or not so: global, adaptive, and of sequences; one function for each layer. */
import type { Layer } from "../tfjs";
import {
  AdaptiveAveragePooling1D,
  AdaptiveAveragePooling2D,
  AdaptiveAveragePooling3D,
  AdaptiveMaxPooling1D,
  AdaptiveMaxPooling2D,
  AdaptiveMaxPooling3D,
  type AdaptivePoolingOptions,
} from "./adaptivePooling";
import {
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
  type GlobalPoolingOptions,
} from "./globalPooling";
import { make, makeFrom } from "./make";
import { AveragePooling1D, MaxPooling1D, type SequencePoolingOptions } from "./sequencePooling";

const adaptive = { outputSize: true, dataFormat: true } as const;
const known = { keepdims: true, dataFormat: true } as const;
const ofSequences = { poolSize: true, strides: true, padding: true, dataFormat: true } as const;

/**
 * Averages windows of steps of sequences, as `keras.layers.AveragePooling1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.averagePooling1d({ poolSize: 2, dataFormat: "channelsFirst" });
 * const pooled = layer.apply(tf.ones([8, 16, 20])); // [8, 16, 10]
 * @see https://keras.io/api/layers/pooling_layers/average_pooling1d/
 */
export function averagePooling1d(options: SequencePoolingOptions = {}): Layer {
  return makeFrom(AveragePooling1D, options, ofSequences);
}

/**
 * Takes the largest value of windows of steps of sequences, as `keras.layers.MaxPooling1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.maxPooling1d({ poolSize: 2, dataFormat: "channelsFirst" });
 * const pooled = layer.apply(tf.ones([8, 16, 20])); // [8, 16, 10]
 * @see https://keras.io/api/layers/pooling_layers/max_pooling1d/
 */
export function maxPooling1d(options: SequencePoolingOptions = {}): Layer {
  return makeFrom(MaxPooling1D, options, ofSequences);
}

/**
 * Averages the time steps of each feature, as `keras.layers.GlobalAveragePooling1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.globalAveragePooling1d({ keepdims: true }).apply(tf.ones([8, 20, 16])); // [8, 1, 16]
 * @see https://keras.io/api/layers/pooling_layers/global_average_pooling1d/
 */
export function globalAveragePooling1d(options: GlobalPoolingOptions = {}): Layer {
  return make(GlobalAveragePooling1D, options, known);
}

/**
 * Averages each channel of pictures, as `keras.layers.GlobalAveragePooling2D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.globalAveragePooling2d({ keepdims: true }).apply(tf.ones([8, 7, 7, 16])); // [8, 1, 1, 16]
 * @see https://keras.io/api/layers/pooling_layers/global_average_pooling2d/
 */
export function globalAveragePooling2d(options: GlobalPoolingOptions = {}): Layer {
  return make(GlobalAveragePooling2D, options, known);
}

/**
 * Averages each channel of volumes, as `keras.layers.GlobalAveragePooling3D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.globalAveragePooling3d({ keepdims: true }).apply(tf.ones([8, 4, 4, 4, 16])); // [8, 1, 1, 1, 16]
 * @see https://keras.io/api/layers/pooling_layers/global_average_pooling3d/
 */
export function globalAveragePooling3d(options: GlobalPoolingOptions = {}): Layer {
  return make(GlobalAveragePooling3D, options, known);
}

/**
 * Takes the largest value of each feature of sequences, as `keras.layers.GlobalMaxPooling1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.globalMaxPooling1d({ keepdims: true }).apply(tf.ones([8, 20, 16])); // [8, 1, 16]
 * @see https://keras.io/api/layers/pooling_layers/global_max_pooling1d/
 */
export function globalMaxPooling1d(options: GlobalPoolingOptions = {}): Layer {
  return make(GlobalMaxPooling1D, options, known);
}

/**
 * Takes the largest value of each channel of pictures, as `keras.layers.GlobalMaxPooling2D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.globalMaxPooling2d({ keepdims: true }).apply(tf.ones([8, 7, 7, 16])); // [8, 1, 1, 16]
 * @see https://keras.io/api/layers/pooling_layers/global_max_pooling2d/
 */
export function globalMaxPooling2d(options: GlobalPoolingOptions = {}): Layer {
  return make(GlobalMaxPooling2D, options, known);
}

/**
 * Takes the largest value of each channel of volumes, as `keras.layers.GlobalMaxPooling3D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.globalMaxPooling3d({ keepdims: true }).apply(tf.ones([8, 4, 4, 4, 16])); // [8, 1, 1, 1, 16]
 * @see https://keras.io/api/layers/pooling_layers/global_max_pooling3d/
 */
export function globalMaxPooling3d(options: GlobalPoolingOptions = {}): Layer {
  return make(GlobalMaxPooling3D, options, known);
}

/**
 * Averages windows of steps of sequences, as `keras.layers.AdaptiveAveragePooling1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.adaptiveAveragePooling1d({ outputSize: 3 }).apply(tf.ones([8, 20, 16])); // [8, 3, 16]
 * @see https://keras.io/api/layers/pooling_layers/
 */
export function adaptiveAveragePooling1d(options: AdaptivePoolingOptions): Layer {
  return make(AdaptiveAveragePooling1D, options, adaptive);
}

/**
 * Averages windows of pictures, as `keras.layers.AdaptiveAveragePooling2D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.adaptiveAveragePooling2d({ outputSize: [3, 2] }).apply(tf.ones([8, 7, 7, 16])); // [8, 3, 2, 16]
 * @see https://keras.io/api/layers/pooling_layers/
 */
export function adaptiveAveragePooling2d(options: AdaptivePoolingOptions): Layer {
  return make(AdaptiveAveragePooling2D, options, adaptive);
}

/**
 * Averages windows of volumes, as `keras.layers.AdaptiveAveragePooling3D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.adaptiveAveragePooling3d({ outputSize: 2 }).apply(tf.ones([8, 4, 4, 4, 16])); // [8, 2, 2, 2, 16]
 * @see https://keras.io/api/layers/pooling_layers/
 */
export function adaptiveAveragePooling3d(options: AdaptivePoolingOptions): Layer {
  return make(AdaptiveAveragePooling3D, options, adaptive);
}

/**
 * Takes the largest value of windows of steps of sequences, as `keras.layers.AdaptiveMaxPooling1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.adaptiveMaxPooling1d({ outputSize: 3 }).apply(tf.ones([8, 20, 16])); // [8, 3, 16]
 * @see https://keras.io/api/layers/pooling_layers/
 */
export function adaptiveMaxPooling1d(options: AdaptivePoolingOptions): Layer {
  return make(AdaptiveMaxPooling1D, options, adaptive);
}

/**
 * Takes the largest value of windows of pictures, as `keras.layers.AdaptiveMaxPooling2D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.adaptiveMaxPooling2d({ outputSize: [3, 2] }).apply(tf.ones([8, 7, 7, 16])); // [8, 3, 2, 16]
 * @see https://keras.io/api/layers/pooling_layers/
 */
export function adaptiveMaxPooling2d(options: AdaptivePoolingOptions): Layer {
  return make(AdaptiveMaxPooling2D, options, adaptive);
}

/**
 * Takes the largest value of windows of volumes, as `keras.layers.AdaptiveMaxPooling3D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const pooled = layers.adaptiveMaxPooling3d({ outputSize: 2 }).apply(tf.ones([8, 4, 4, 4, 16])); // [8, 2, 2, 2, 16]
 * @see https://keras.io/api/layers/pooling_layers/
 */
export function adaptiveMaxPooling3d(options: AdaptivePoolingOptions): Layer {
  return make(AdaptiveMaxPooling3D, options, adaptive);
}
