/** One function for each layer, as `tf.layers` has them. */

import { type KnownOptions, rejectUnknownOptions } from "../checks";
import { tf } from "../tfjs";
import {
  Dropout,
  type DropoutOptions,
  SpatialDropout1D,
  SpatialDropout2D,
  type SpatialDropoutOptions,
} from "./dropout";
import { imageLayerOptions } from "./imageLayer";
import {
  AlphaDropout,
  type AlphaDropoutOptions,
  GaussianDropout,
  type GaussianDropoutOptions,
  GaussianNoise,
  type GaussianNoiseOptions,
} from "./noise";
import { Normalization, type NormalizationOptions, normalizationOptions } from "./normalization";
import { type CommonLayerOptions, commonLayerOptions } from "./options";
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
import { registerLayers } from "./registry";
import { CenterCrop, Resizing, type ResizingOptions, type SizeOptions } from "./resizing";

function make<Options extends CommonLayerOptions, Layer>(
  layer: { new (options: Options): Layer; className: string },
  options: Options,
  known: KnownOptions<Omit<Options, keyof CommonLayerOptions>>,
): Layer {
  const all = { ...known, ...commonLayerOptions } as KnownOptions<Options>;
  rejectUnknownOptions(options, all, layer.className);
  registerLayers();
  return new layer(options);
}

/** Sets a random share of the inputs to 0 while training, as `keras.layers.Dropout`. */
export function dropout(options: DropoutOptions): Dropout {
  return make(Dropout, options, { rate: true, noiseShape: true, seed: true });
}

/** Drops whole features of sequences `[batch, steps, features]` while training. */
export function spatialDropout1d(options: SpatialDropoutOptions): SpatialDropout1D {
  return make(SpatialDropout1D, options, { rate: true, seed: true });
}

/** Drops whole feature maps of images `[batch, height, width, channels]` while training. */
export function spatialDropout2d(options: SpatialDropoutOptions): SpatialDropout2D {
  return make(SpatialDropout2D, options, { rate: true, seed: true });
}

/** Flips about half of the images while training, as `keras.layers.RandomFlip`. */
export function randomFlip(options: RandomFlipOptions = {}): RandomFlip {
  return make(RandomFlip, options, { mode: true, ...imageLayerOptions });
}

/** Turns each image by a random angle while training, as `keras.layers.RandomRotation`. */
export function randomRotation(options: RandomRotationOptions): RandomRotation {
  return make(RandomRotation, options, { factor: true, ...projectiveOptions });
}

/** Zooms each image by a random factor while training, as `keras.layers.RandomZoom`. */
export function randomZoom(options: RandomZoomOptions): RandomZoom {
  return make(RandomZoom, options, { heightFactor: true, widthFactor: true, ...projectiveOptions });
}

/** Shifts each image by a random distance while training, as `keras.layers.RandomTranslation`. */
export function randomTranslation(options: RandomTranslationOptions): RandomTranslation {
  return make(RandomTranslation, options, {
    heightFactor: true,
    widthFactor: true,
    ...projectiveOptions,
  });
}

/** Multiplies each image's contrast while training, as `keras.layers.RandomContrast`. */
export function randomContrast(options: RandomContrastOptions): RandomContrast {
  return make(RandomContrast, options, { factor: true, valueRange: true, ...imageLayerOptions });
}

/** Makes each image brighter or darker while training, as `keras.layers.RandomBrightness`. */
export function randomBrightness(options: RandomBrightnessOptions): RandomBrightness {
  return make(RandomBrightness, options, { factor: true, valueRange: true, ...imageLayerOptions });
}

/** Cuts a random part out of the images while training, as `keras.layers.RandomCrop`. */
export function randomCrop(options: RandomCropOptions): RandomCrop {
  return make(RandomCrop, options, { height: true, width: true, ...imageLayerOptions });
}

/** Adds normal noise while training, as `keras.layers.GaussianNoise`. */
export function gaussianNoise(options: GaussianNoiseOptions): GaussianNoise {
  return make(GaussianNoise, options, { stddev: true, seed: true });
}

/** Multiplies by normal noise while training, as `keras.layers.GaussianDropout`. */
export function gaussianDropout(options: GaussianDropoutOptions): GaussianDropout {
  return make(GaussianDropout, options, { rate: true, seed: true });
}

/** Dropout for SELU networks, as `keras.layers.AlphaDropout`. */
export function alphaDropout(options: AlphaDropoutOptions): AlphaDropout {
  return make(AlphaDropout, options, { rate: true, noiseShape: true, seed: true });
}

/** Resizes images, as `keras.layers.Resizing`. */
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

/** Cuts out the middle of images, as `keras.layers.CenterCrop`. */
export function centerCrop(options: SizeOptions): CenterCrop {
  return make(CenterCrop, options, { height: true, width: true, dataFormat: true });
}

/** Shifts and scales features to mean 0 and deviation 1, as `keras.layers.Normalization`. */
export function normalization(options: NormalizationOptions = {}): Normalization {
  return make(Normalization, options, normalizationOptions);
}

export interface RescalingOptions extends CommonLayerOptions {
  /** What inputs are multiplied by, for example `1 / 255`. */
  scale: number;
  /** What is added then. 0 by default. */
  offset?: number;
}

/** Multiplies and adds, at training and at inference; tfjs' own layer, which does what Keras' does. */
export function rescaling(options: RescalingOptions) {
  rejectUnknownOptions(options, { scale: true, offset: true, ...commonLayerOptions }, "Rescaling");
  return tf.layers.rescaling(options as Parameters<typeof tf.layers.rescaling>[0]);
}
