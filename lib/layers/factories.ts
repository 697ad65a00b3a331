/** One function for each layer, as `tf.layers` has them. */
import { rejectUnknownOptions } from "../errors";
import {
  Dropout,
  type DropoutOptions,
  SpatialDropout1D,
  SpatialDropout2D,
  type SpatialDropoutOptions,
} from "./dropout";
import { imageLayerOptions } from "./imageLayer";
import { commonLayerOptions } from "./options";
import { projectiveOptions } from "./projective";
import { RandomFlip, type RandomFlipOptions } from "./randomFlip";
import { RandomRotation, type RandomRotationOptions } from "./randomRotation";
import { RandomZoom, type RandomZoomOptions } from "./randomZoom";
import { registerLayers } from "./registry";

function make<Options extends object, Layer>(
  layer: { new (options: Options): Layer; className: string },
  options: Options,
  known: readonly string[],
): Layer {
  rejectUnknownOptions(options, [...known, ...commonLayerOptions], layer.className);
  registerLayers();
  return new layer(options);
}

/** Sets a random share of the inputs to 0 while training, as `keras.layers.Dropout`. */
export function dropout(options: DropoutOptions): Dropout {
  return make(Dropout, options, ["rate", "noiseShape", "seed"]);
}

/** Drops whole features of sequences `[batch, steps, features]` while training. */
export function spatialDropout1d(options: SpatialDropoutOptions): SpatialDropout1D {
  return make(SpatialDropout1D, options, ["rate", "seed"]);
}

/** Drops whole feature maps of images `[batch, height, width, channels]` while training. */
export function spatialDropout2d(options: SpatialDropoutOptions): SpatialDropout2D {
  return make(SpatialDropout2D, options, ["rate", "seed"]);
}

/** Flips about half of the images while training, as `keras.layers.RandomFlip`. */
export function randomFlip(options: RandomFlipOptions = {}): RandomFlip {
  return make(RandomFlip, options, ["mode", ...imageLayerOptions]);
}

/** Turns each image by a random angle while training, as `keras.layers.RandomRotation`. */
export function randomRotation(options: RandomRotationOptions): RandomRotation {
  return make(RandomRotation, options, ["factor", ...projectiveOptions]);
}

/** Zooms each image by a random factor while training, as `keras.layers.RandomZoom`. */
export function randomZoom(options: RandomZoomOptions): RandomZoom {
  return make(RandomZoom, options, ["heightFactor", "widthFactor", ...projectiveOptions]);
}
