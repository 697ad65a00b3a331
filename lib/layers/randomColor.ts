/** Changes brightness and contrast of images at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { type ImageLayerOptions, RandomImageLayer } from "./imageLayer";
import { type Config, type Factor, factorBounds, valueRangeOf } from "./options";

/** What layers that change colours take. */
export interface RandomColorOptions extends ImageLayerOptions {
  /** Least and largest pixel value; the result is clipped to them. @default [0, 255] */
  valueRange?: [number, number] | null;
}

/** Options of `layers.randomBrightness`. */
export interface RandomBrightnessOptions extends RandomColorOptions {
  /** Largest change as a fraction of the value range; two numbers are the bounds. Within [-1, 1]. */
  factor: Factor;
}

/** Options of `layers.randomContrast`. */
export interface RandomContrastOptions extends RandomColorOptions {
  /**
   * Contrast is multiplied by a number in `[1 - factor[0], 1 + factor[1]]`. One number is the upper bound
   * only, `[1, 1 + factor]`: so Keras 3.15 does it, whatever its documentation says. Within [0, 1].
   */
  factor: Factor;
}

/** What brightness and contrast have in common: a factor, and the range of values. */
export abstract class RandomColorLayer extends RandomImageLayer {
  /** Lower and upper bound of the change. */
  readonly factor: [number, number];
  /** Least and largest pixel value. */
  readonly valueRange: [number, number];

  constructor(options: RandomColorOptions, factor: [number, number]) {
    super(options);
    this.factor = factor;
    this.valueRange = valueRangeOf(options.valueRange);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), factor: this.factor, valueRange: this.valueRange };
  }
}

/**
 * Makes each image brighter or darker while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_brightness/
 */
export class RandomBrightness extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomBrightness";

  constructor(options: RandomBrightnessOptions) {
    super(options, factorBounds("factor", options.factor, { low: -1, high: 1 }));
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const [least, most] = this.valueRange;
    const [lower, upper] = this.factor;
    const size = most - least;
    return brighten(images, this.draw(images, [lower * size, upper * size]), this.valueRange);
  }
}

/**
 * Gives each channel of each image more or less contrast while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_contrast/
 */
export class RandomContrast extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomContrast";

  constructor(options: RandomContrastOptions) {
    const [lower, upper] = factorBounds("factor", options.factor, { low: 0, high: 1 });
    super(options, [Math.max(lower, 0), upper]);
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const [lower, upper] = this.factor;
    return contrast(images, this.draw(images, [1 - lower, 1 + upper]), this.valueRange);
  }
}

/** Adds `[batch, 1, 1, 1]` to the images, within the range. */
export function brighten(images: Tensor4D, change: Tensor, range: [number, number]): Tensor {
  return clip(tf.add(images, change), range);
}

/** Multiplies the images' distance from each channel's mean by `[batch, 1, 1, 1]`, within the range. */
export function contrast(images: Tensor4D, factor: Tensor, range: [number, number]): Tensor {
  const mean = tf.mean(images, [1, 2], true);
  return clip(tf.add(tf.mul(tf.sub(images, mean), factor), mean), range);
}

/** As Keras clips; its gradient is that of minimum and maximum. */
export function clip(images: Tensor, [least, most]: [number, number]): Tensor {
  return tf.minimum(tf.maximum(images, least), most);
}
