/** One function for each layer, as `tf.layers` has them. */

import { checkNumber, rejectUnknownOptions } from "../checks";
import { tf } from "../tfjs";
import {
  Dropout,
  type DropoutOptions,
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  type SpatialDropoutOptions,
} from "./dropout";
import { imageLayerOptions } from "./imageLayer";
import { make } from "./make";
import {
  AlphaDropout,
  type AlphaDropoutOptions,
  GaussianDropout,
  type GaussianDropoutOptions,
  GaussianNoise,
  type GaussianNoiseOptions,
} from "./noise";
import { Normalization, type NormalizationOptions, normalizationOptions } from "./normalization";
import { type CommonLayerOptions, checkCommonLayerOptions, commonLayerOptions } from "./options";
import { projectiveOptions } from "./projective";
import {
  RandomBrightness,
  type RandomBrightnessOptions,
  RandomContrast,
  type RandomContrastOptions,
} from "./randomColor";
import { RandomCrop, type RandomCropOptions } from "./randomCrop";
import { RandomFlip, type RandomFlipOptions } from "./randomFlip";
import { RandomRotation, type RandomRotationOptions } from "./randomRotation";
import { RandomTranslation, type RandomTranslationOptions } from "./randomTranslation";
import { RandomZoom, type RandomZoomOptions } from "./randomZoom";
import { CenterCrop, Resizing, type ResizingOptions, type SizeOptions } from "./resizing";
import type { DataFormatOptions } from "./spatialLayer";

/**
 * Sets a random share of the inputs to 0 while training, as `keras.layers.Dropout`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.dropout({ rate: 0.5 });
 * const changed = layer.apply(tf.ones([8, 16]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/regularization_layers/dropout/
 */
export function dropout(options: DropoutOptions): Dropout {
  return make(Dropout, options, { rate: true, noiseShape: true, seed: true });
}

/**
 * Drops whole features of sequences `[batch, steps, features]` while training.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.spatialDropout1d({ rate: 0.2 });
 * const changed = layer.apply(tf.ones([8, 20, 16]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/regularization_layers/spatial_dropout1d/
 */
export function spatialDropout1d(options: SpatialDropoutOptions): SpatialDropout1D {
  return make(SpatialDropout1D, options, { rate: true, seed: true });
}

/**
 * Drops whole feature maps of images `[batch, height, width, channels]` while training.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.spatialDropout2d({ rate: 0.2 });
 * const changed = layer.apply(tf.ones([8, 32, 32, 16]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/regularization_layers/spatial_dropout2d/
 */
export function spatialDropout2d(
  options: SpatialDropoutOptions & DataFormatOptions,
): SpatialDropout2D {
  return make(SpatialDropout2D, options, { rate: true, seed: true, dataFormat: true });
}

/**
 * Drops whole feature maps of volumes `[batch, depth, height, width, channels]` while training.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.spatialDropout3d({ rate: 0.2 });
 * const changed = layer.apply(tf.ones([2, 8, 8, 8, 4]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/regularization_layers/spatial_dropout3d/
 */
export function spatialDropout3d(
  options: SpatialDropoutOptions & DataFormatOptions,
): SpatialDropout3D {
  return make(SpatialDropout3D, options, { rate: true, seed: true, dataFormat: true });
}

/**
 * Flips about half of the images while training, as `keras.layers.RandomFlip`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const augmentation = tf.sequential({
 *   layers: [layers.randomFlip({ mode: "horizontal", inputShape: [180, 180, 3] })],
 * });
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_flip/
 */
export function randomFlip(options: RandomFlipOptions = {}): RandomFlip {
  return make(RandomFlip, options, { mode: true, ...imageLayerOptions });
}

/**
 * Turns each image by a random angle while training, as `keras.layers.RandomRotation`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const augmentation = tf.sequential({
 *   layers: [layers.randomRotation({ factor: 0.1, inputShape: [180, 180, 3] })],
 * });
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_rotation/
 */
export function randomRotation(options: RandomRotationOptions): RandomRotation {
  return make(RandomRotation, options, { factor: true, ...projectiveOptions });
}

/**
 * Zooms each image by a random factor while training, as `keras.layers.RandomZoom`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const augmentation = tf.sequential({
 *   layers: [layers.randomZoom({ heightFactor: 0.2, inputShape: [180, 180, 3] })],
 * });
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_zoom/
 */
export function randomZoom(options: RandomZoomOptions): RandomZoom {
  return make(RandomZoom, options, { heightFactor: true, widthFactor: true, ...projectiveOptions });
}

/**
 * Shifts each image by a random distance while training, as `keras.layers.RandomTranslation`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const augmentation = tf.sequential({
 *   layers: [layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1, inputShape: [180, 180, 3] })],
 * });
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_translation/
 */
export function randomTranslation(options: RandomTranslationOptions): RandomTranslation {
  return make(RandomTranslation, options, {
    heightFactor: true,
    widthFactor: true,
    ...projectiveOptions,
  });
}

/**
 * Multiplies each image's contrast while training, as `keras.layers.RandomContrast`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const augmentation = tf.sequential({
 *   layers: [layers.randomContrast({ factor: 0.3, inputShape: [180, 180, 3] })],
 * });
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_contrast/
 */
export function randomContrast(options: RandomContrastOptions): RandomContrast {
  return make(RandomContrast, options, { factor: true, valueRange: true, ...imageLayerOptions });
}

/**
 * Makes each image brighter or darker while training, as `keras.layers.RandomBrightness`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const augmentation = tf.sequential({
 *   layers: [layers.randomBrightness({ factor: 0.2, inputShape: [180, 180, 3] })],
 * });
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_brightness/
 */
export function randomBrightness(options: RandomBrightnessOptions): RandomBrightness {
  return make(RandomBrightness, options, { factor: true, valueRange: true, ...imageLayerOptions });
}

/**
 * Cuts a random part out of the images while training, as `keras.layers.RandomCrop`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const augmentation = tf.sequential({
 *   layers: [layers.randomCrop({ height: 160, width: 160, inputShape: [180, 180, 3] })],
 * });
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_crop/
 */
export function randomCrop(options: RandomCropOptions): RandomCrop {
  return make(RandomCrop, options, { height: true, width: true, ...imageLayerOptions });
}

/**
 * Adds normal noise while training, as `keras.layers.GaussianNoise`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.gaussianNoise({ stddev: 0.1 });
 * const changed = layer.apply(tf.zeros([8, 16]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/regularization_layers/gaussian_noise/
 */
export function gaussianNoise(options: GaussianNoiseOptions): GaussianNoise {
  return make(GaussianNoise, options, { stddev: true, seed: true });
}

/**
 * Multiplies by normal noise while training, as `keras.layers.GaussianDropout`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.gaussianDropout({ rate: 0.3 });
 * const changed = layer.apply(tf.ones([8, 16]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/regularization_layers/gaussian_dropout/
 */
export function gaussianDropout(options: GaussianDropoutOptions): GaussianDropout {
  return make(GaussianDropout, options, { rate: true, seed: true });
}

/**
 * Dropout for SELU networks, as `keras.layers.AlphaDropout`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.alphaDropout({ rate: 0.1 });
 * const changed = layer.apply(tf.randomNormal([8, 16]), { training: true }) as tf.Tensor;
 * @see https://keras.io/api/layers/regularization_layers/alpha_dropout/
 */
export function alphaDropout(options: AlphaDropoutOptions): AlphaDropout {
  return make(AlphaDropout, options, { rate: true, noiseShape: true, seed: true });
}

/**
 * Resizes images, as `keras.layers.Resizing`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.resizing({ height: 180, width: 180, cropToAspectRatio: true });
 * const resized = layer.apply(tf.zeros([8, 240, 320, 3])) as tf.Tensor; // [8, 180, 180, 3]
 * @see https://keras.io/api/layers/preprocessing_layers/image_preprocessing/resizing/
 */
export function resizing(options: ResizingOptions): Resizing {
  const own = {
    interpolation: true,
    cropToAspectRatio: true,
    padToAspectRatio: true,
    fillMode: true,
    fillValue: true,
  } as const;
  return make(Resizing, options, {
    height: true,
    width: true,
    dataFormat: true,
    ...own,
    antialias: true,
  });
}

/**
 * Cuts out the middle of images, as `keras.layers.CenterCrop`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const middle = layers.centerCrop({ height: 128, width: 128 }).apply(tf.zeros([8, 180, 180, 3]));
 * @see https://keras.io/api/layers/preprocessing_layers/image_preprocessing/center_crop/
 */
export function centerCrop(options: SizeOptions): CenterCrop {
  return make(CenterCrop, options, { height: true, width: true, dataFormat: true });
}

/**
 * Shifts and scales features to mean 0 and deviation 1, as `keras.layers.Normalization`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.normalization();
 * await layer.adapt(tf.randomNormal([100, 4], 5, 2)); // learns mean and variance of each feature
 * @see https://keras.io/api/layers/preprocessing_layers/numerical/normalization/
 */
export function normalization(options: NormalizationOptions = {}): Normalization {
  return make(Normalization, options, normalizationOptions);
}

/** Options of `layers.rescaling`. */
export interface RescalingOptions extends CommonLayerOptions {
  /** What inputs are multiplied by, for example `1 / 255`: one number, or one for each channel. */
  scale: number | number[];
  /** What is added then: one number, or one for each channel. @default 0 */
  offset?: number | number[];
}

/**
 * Multiplies and adds, at training and at inference; tfjs' own layer, which does what Keras' does.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const model = tf.sequential({
 *   layers: [layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] })],
 * });
 * @see https://keras.io/api/layers/preprocessing_layers/image_preprocessing/rescaling/
 */
export function rescaling(options: RescalingOptions) {
  rejectUnknownOptions(options, { scale: true, offset: true, ...commonLayerOptions }, "Rescaling");
  const { scale, offset, ...common } = options ?? {};
  checkCommonLayerOptions(common);
  for (const each of [scale].flat()) checkNumber("scale", each, { required: true });
  for (const each of [offset].flat()) checkNumber("offset", each);
  return tf.layers.rescaling(options as Parameters<typeof tf.layers.rescaling>[0]);
}
