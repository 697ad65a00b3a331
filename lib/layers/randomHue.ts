/** Changes hue and saturation of images at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { fromHsv, type Range, rescaled, toHsv } from "./colours";
import { type Factor, factorBounds } from "./options";
import { clip, RandomColorLayer, type RandomColorOptions } from "./randomColor";

/** Options of `layers.randomHue`. */
export interface RandomHueOptions extends RandomColorOptions {
  /** How far hues turn, to either side: 1 is half of the colour wheel. Within [0, 1]. */
  factor: Factor;
}

/** Options of `layers.randomSaturation`. */
export interface RandomSaturationOptions extends RandomColorOptions {
  /**
   * 0.5 leaves images as they are, 0 takes all colour, 1 takes all grey. One number is the upper bound and its
   * opposite the lower, below 0 without colour: so Keras 3.15 does it. Within [-1, 1].
   */
  factor: Factor;
}

/**
 * Turns the hues of each image while training.
 *
 * No gradient goes through it, as in TensorFlow.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_hue/
 */
export class RandomHue extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomHue";

  constructor(options: RandomHueOptions) {
    super(options, factorBounds("factor", options.factor, { low: 0, high: 1 }));
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const back = tf.greater(this.draw(images, [0, 1]), 0.5);
    const turn = tf.mul(this.draw(images, this.factor), 0.5);
    return turnHue(images, tf.where(back, tf.neg(turn), turn), this.valueRange);
  }
}

/**
 * Makes the colours of each image stronger or weaker while training.
 *
 * No gradient goes through it, as in TensorFlow.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_saturation/
 */
export class RandomSaturation extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomSaturation";

  constructor(options: RandomSaturationOptions) {
    super(options, factorBounds("factor", options.factor, { low: -1, high: 1 }));
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const share = this.draw(images, this.factor);
    const factor = tf.div(share, tf.add(tf.sub(1, share), 1e-7));
    return saturate(images, factor, this.valueRange);
  }
}

/** Turns hues by `[batch, 1, 1, 1]`, where 1 is the whole wheel. */
export function turnHue(images: Tensor4D, turn: Tensor, range: Range): Tensor {
  const [hue, saturation, value] = tf.split(toHsv(rescaled(images, range, [0, 1])), 3, 3);
  const turned = tf.add(hue!, turn);
  const below = tf.where(tf.greater(turned, 1), tf.sub(turned, 1), turned);
  const within = tf.where(tf.less(below, 0), tf.add(below, 1), below);
  const colours = fromHsv(tf.concat([within, saturation!, value!], 3));
  return rescaled(clip(colours, [0, 1]), [0, 1], range);
}

/** Multiplies saturations by `[batch, 1, 1, 1]`; they stay within the range of the pixels, as Keras has it. */
export function saturate(images: Tensor4D, factor: Tensor, range: Range): Tensor {
  const [hue, saturation, value] = tf.split(toHsv(images), 3, 3);
  const changed = clip(tf.mul(saturation!, factor), range);
  return fromHsv(tf.concat([hue!, changed, value!], 3));
}
