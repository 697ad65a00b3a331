/** Leaves images fewer tones at random, or turns the bright ones around. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import { bytes, type Range, rescaled } from "./colours";
import { RandomImageLayer } from "./imageLayer";
import { type Config, type Factor, factorBounds, valueRangeOf } from "./options";
import { clip, RandomColorLayer, type RandomColorOptions } from "./randomColor";

/** Options of `layers.randomPosterization`. */
export interface RandomPosterizationOptions extends RandomColorOptions {
  /**
   * How many of a value's eight bits are left: two whole numbers for a count from the first on and below the second,
   * or equal ones for just that. One number is the upper bound, from 1 on. Within [1, 8].
   */
  factor: Factor;
}

/** Options of `layers.solarization`. */
export interface SolarizationOptions extends RandomColorOptions {
  /** The most that is added first, where 1 is the whole range; of two numbers one between. In [0, 1]. @default 0 */
  additionFactor?: Factor;
  /** From where on values are turned around, likewise. @default 0 */
  thresholdFactor?: Factor;
}

/**
 * Leaves each image fewer tones while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_posterization/
 */
export class RandomPosterization extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomPosterization";

  constructor(options: RandomPosterizationOptions) {
    super(options, factorBounds("factor", options.factor, { low: 1, high: 8 }));
    if (this.factor.every(Number.isInteger)) return;
    throw invalidArgument("factor", {
      expected: "a whole number or two from 1 to 8",
      received: options.factor,
    });
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const [fewest, most] = this.factor;
    // A count is drawn below the upper bound.
    const bits = tf.floor(this.draw(images, [fewest, most]));
    return posterize(images, bits, this.valueRange);
  }
}

/**
 * Turns values around that are above a threshold, while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/solarization/
 */
export class Solarization extends RandomImageLayer {
  /** Keras' name of the class. */
  static className = "Solarization";
  private readonly valueRange: Range;
  private readonly factors: { additionFactor: Range; thresholdFactor: Range };

  constructor(options: SolarizationOptions = {}) {
    super(options);
    this.valueRange = valueRangeOf(options.valueRange);
    const { additionFactor = 0, thresholdFactor = 0 } = options;
    const within = { low: 0, high: 1 };
    this.factors = {
      additionFactor: factorBounds("additionFactor", additionFactor, within),
      thresholdFactor: factorBounds("thresholdFactor", thresholdFactor, within),
    };
  }

  override perturbBatch(images: Tensor4D): Tensor {
    // Keras scales the upper bounds alone.
    const draw = ([lower, upper]: Range) => this.draw(images, [lower, upper * 255]);
    const { additionFactor, thresholdFactor } = this.factors;
    const amounts = { additions: draw(additionFactor), thresholds: draw(thresholdFactor) };
    return solarize(images, amounts, this.valueRange);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), valueRange: this.valueRange, ...this.factors };
  }
}

/** Keeps the first bits of each value; how many of eight is `[batch, 1, 1, 1]`. */
export function posterize(images: Tensor4D, bits: Tensor, range: Range): Tensor {
  const whole = tf.floor(rescaled(images, range, bytes));
  const step = tf.pow(2, tf.sub(8, bits));
  return rescaled(tf.mul(tf.floor(tf.div(whole, step)), step), bytes, range);
}

/** Adds to values and turns around what isn't below a threshold; both `[batch, 1, 1, 1]`, of a range of 255. */
export function solarize(
  images: Tensor4D,
  { additions, thresholds }: { additions: Tensor; thresholds: Tensor },
  range: Range,
): Tensor {
  const brighter = clip(tf.add(rescaled(images, range, bytes), additions), bytes);
  const turned = tf.where(tf.less(brighter, thresholds), brighter, tf.sub(255, brighter));
  return rescaled(turned, bytes, range);
}
