/** Takes the colour out of images at random, or turns it into its opposite. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { tf } from "../tfjs";
import { grey, type Range } from "./colours";
import { type ImageLayerOptions, RandomImageLayer } from "./imageLayer";
import { type Config, type Factor, factorBounds } from "./options";
import { clip, RandomColorLayer, type RandomColorOptions } from "./randomColor";

/** Options of `layers.randomGrayscale`. */
export interface RandomGrayscaleOptions extends ImageLayerOptions {
  /** The share of images without colour, in [0, 1]. @default 0.5 */
  factor?: number;
}

/** Options of `layers.randomColorDegeneration`. */
export interface RandomColorDegenerationOptions extends RandomColorOptions {
  /**
   * How far each image goes towards grey: 0 leaves it, 1 takes all colour, less than 0 adds some. One number is
   * the upper bound and its opposite the lower. Within [-1, 1].
   */
  factor: Factor;
}

/** Options of `layers.randomInvert`. */
export interface RandomInvertOptions extends RandomColorOptions {
  /** The probability of a change is drawn between two numbers, or 0 and this one; in [0, 1]. @default 1 */
  factor?: Factor;
}

/**
 * Takes the colour out of some images while training; they keep their channels.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_grayscale/
 */
export class RandomGrayscale extends RandomImageLayer {
  /** Keras' name of the class. */
  static className = "RandomGrayscale";
  /** The share of images without colour. */
  readonly factor: number;

  constructor(options: RandomGrayscaleOptions = {}) {
    super(options);
    checkNumber("factor", options.factor, { low: 0, high: 1 });
    this.factor = options.factor ?? 0.5;
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const chosen = tf.less(this.draw(images, [0, 1]), this.factor);
    return tf.where(chosen, grey(images), images);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/**
 * Makes the colours of each image paler while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_color_degeneration/
 */
export class RandomColorDegeneration extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomColorDegeneration";

  constructor(options: RandomColorDegenerationOptions) {
    super(options, factorBounds("factor", options.factor, { low: -1, high: 1 }));
  }

  override perturbBatch(images: Tensor4D): Tensor {
    return degenerate(images, this.draw(images, this.factor), this.valueRange);
  }
}

/**
 * Turns some images into their negatives while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_invert/
 */
export class RandomInvert extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomInvert";

  constructor(options: RandomInvertOptions = {}) {
    super(options, factorBounds("factor", options.factor ?? 1, { low: 0, high: 1 }));
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const inverted = tf.sub(this.valueRange[1], images);
    return tf.where(this.choose(images, this.factor), inverted, images);
  }
}

/** Takes the images a share, `[batch, 1, 1, 1]`, of the way to grey, within the range. */
export function degenerate(images: Tensor4D, share: Tensor, range: Range): Tensor {
  const changed = tf.add(images, tf.mul(share, tf.sub(grey(images), images)));
  return clip(changed, range);
}
