/** Blurs and sharpens images at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { randomUniform } from "../engine";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import type { Range } from "./colours";
import { type Config, type Factor, factorBounds } from "./options";
import { clip, RandomColorLayer, type RandomColorOptions } from "./randomColor";

/** Options of `layers.randomGaussianBlur`. */
export interface RandomGaussianBlurOptions extends RandomColorOptions {
  /** The probability of a change is drawn between two numbers, or 0 and this one; in [0, 1]. @default 1 */
  factor?: Factor;
  /** How many pixels are mixed, an odd number, or one for each direction. @default 3 */
  kernelSize?: number | [number, number];
  /** The blur's deviation in pixels, or its bounds, in [0, 1]; one number is the upper bound. @default 1 */
  sigma?: Factor;
}

/** Options of `layers.randomSharpness`. */
export interface RandomSharpnessOptions extends RandomColorOptions {
  /** 0 smooths, 0.5 leaves images as they are, 1 sharpens; one number is the upper bound. Within [0, 1]. */
  factor: Factor;
}

/**
 * Blurs some images while training, all of a batch alike.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_gaussian_blur/
 */
export class RandomGaussianBlur extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomGaussianBlur";
  private readonly kernelSize: [number, number];
  private readonly sigma: Range;

  constructor(options: RandomGaussianBlurOptions = {}) {
    const within = { low: 0, high: 1 };
    super(options, factorBounds("factor", options.factor ?? 1, within));
    this.kernelSize = oddSizes(options.kernelSize ?? 3);
    this.sigma = factorBounds("sigma", options.sigma ?? 1, within);
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const [lower, upper] = this.sigma;
    const draws = randomUniform([2], this.keys);
    const deviations = tf.add(tf.mul(draws, upper - lower), lower + 1e-6);
    const blurred = blur(images, this.kernelSize, deviations);
    return clip(tf.where(this.choose(images, this.factor), blurred, images), this.valueRange);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), kernelSize: this.kernelSize, sigma: this.sigma };
  }
}

/**
 * Smooths or sharpens each image while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_sharpness/
 */
export class RandomSharpness extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomSharpness";

  constructor(options: RandomSharpnessOptions) {
    super(options, factorBounds("factor", options.factor, { low: 0, high: 1 }));
  }

  override perturbBatch(images: Tensor4D): Tensor {
    return sharpen(images, tf.mul(this.draw(images, this.factor), 2), this.valueRange);
  }
}

/**
 * Mixes each pixel with its neighbours.
 *
 * @param sizes How many pixels are mixed, odd numbers.
 * @param deviations `[2]`, in pixels: of columns, then of rows.
 */
export function blur(images: Tensor4D, sizes: [number, number], deviations: Tensor): Tensor {
  const [along, across] = tf.split(deviations, 2).map((each, i) => bell(sizes[i]!, each));
  const both = tf.mul(tf.reshape(across!, [-1, 1]), along!);
  // Keras gives what is no square to the other direction as it lies.
  return smooth(images, tf.reshape(both, [...sizes, 1, 1]));
}

/** A Gaussian bell over a whole number of pixels, of sum 1. */
function bell(size: number, deviation: Tensor): Tensor {
  const places = Array.from({ length: size }, (_, i) => i - (size - 1) / 2);
  const heights = tf.exp(tf.mul(tf.square(tf.div(tf.tensor1d(places), deviation)), -0.5));
  return tf.div(heights, tf.sum(heights));
}

const [around, middle] = [1 / 13, 5 / 13];
const smoothing = [
  [around, around, around],
  [around, middle, around],
  [around, around, around],
];

/** Goes from the smoothed image, 0, over the image itself, 1, to a sharper one, 2; `[batch, 1, 1, 1]`. */
export function sharpen(images: Tensor4D, amount: Tensor, range: Range): Tensor {
  const smoothed = smooth(images, tf.reshape(tf.tensor2d(smoothing), [3, 3, 1, 1]));
  const change = tf.mul(tf.sub(1, amount), tf.sub(smoothed, images));
  return clip(tf.add(images, change), range);
}

/** Weighs each pixel's neighbours, channel by channel, by `[height, width, 1, 1]`. */
export function smooth(images: Tensor4D, weights: Tensor): Tensor {
  const kernel = tf.tile(weights, [1, 1, images.shape[3], 1]) as Tensor4D;
  return tf.depthwiseConv2d(images, kernel, 1, "same");
}

function oddSizes(value: number | [number, number]): [number, number] {
  const sizes: unknown = typeof value === "number" ? [value, value] : value;
  const isOdd = (size: unknown) =>
    Number.isInteger(size) && Number(size) % 2 === 1 && Number(size) > 0 && Number(size) < 1000;
  if (Array.isArray(sizes) && sizes.length === 2 && sizes.every(isOdd)) {
    return sizes as [number, number];
  }
  throw invalidArgument("kernelSize", {
    expected: "an odd number from 1 to 999, or two",
    received: value,
  });
}
