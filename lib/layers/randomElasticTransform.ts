/** Bends images at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { randomNormal, randomUniform } from "../engine";
import { tf } from "../tfjs";
import type { Range } from "./colours";
import { type Config, type Factor, factorBounds } from "./options";
import { samplingOf } from "./projective";
import type { FillMode, Interpolation, Sampling } from "./projectiveTransform";
import { clip, RandomColorLayer, type RandomColorOptions } from "./randomColor";
import { smooth } from "./randomFilters";
import { sampleAt } from "./sampling";

/** Options of `layers.randomElasticTransform`. */
export interface RandomElasticTransformOptions extends RandomColorOptions {
  /** The probability of a change is drawn between two numbers, or 0 and this one; in [0, 1]. @default 1 */
  factor?: Factor;
  /** How strongly images are bent, or its bounds, in [0, 1]; one number is the upper bound. @default 1 */
  scale?: Factor;
  /** How a pixel between four others is found. @default "bilinear" */
  interpolation?: Interpolation;
  /** What lies beyond the image's edge. @default "reflect" */
  fillMode?: FillMode;
  /** The value of `fillMode: "constant"`. @default 0 */
  fillValue?: number;
}

/**
 * Bends some images while training: each pixel is moved by smooth noise, as far to the right as down, as in Keras 3.15.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_elastic_transform/
 * @see Simard et al., "Best practices for convolutional neural networks", ICDAR 2003
 */
export class RandomElasticTransform extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomElasticTransform";
  private readonly scale: Range;
  private readonly sampling: Sampling;

  constructor(options: RandomElasticTransformOptions = {}) {
    const within = { low: 0, high: 1 };
    super(options, factorBounds("factor", options.factor ?? 1, within));
    this.scale = factorBounds("scale", options.scale ?? 1, within);
    this.sampling = samplingOf(options);
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const [lower, upper] = this.scale;
    if (upper === 0 || this.factor[1] === 0) return images;
    const [batch, height, width] = images.shape;
    const strength = tf.add(tf.mul(randomUniform([1], this.keys), upper - lower), lower);
    const noise = randomNormal([batch, height, width, 1], this.keys) as Tensor4D;
    const bent = bend(images, { noise, strength, most: upper }, this.sampling);
    return clip(tf.where(this.choose(images, this.factor), bent, images), this.valueRange);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), scale: this.scale, ...this.sampling };
  }
}

/**
 * Moves each pixel as far to the right as down.
 *
 * @param noise `[batch, height, width, 1]`, normal.
 * @param strength `[1]`, in [0, most].
 */
export function bend(
  images: Tensor4D,
  { noise, strength, most }: { noise: Tensor4D; strength: Tensor; most: number },
  sampling: Sampling,
): Tensor {
  const [, height, width] = images.shape;
  const deviation = tf.mul(strength, Math.min(height, width) * 0.05);
  const reach = 3 * Math.floor(Math.min(height, width) * 0.05 * most);
  const smoothed = smooth(tf.mul(noise, deviation), square(bell(reach, deviation)));
  const shift = tf.mul(smoothed, tf.mul(strength, Math.max(height, width) * 0.1));
  const places = (size: number) => tf.tensor1d(Array.from({ length: size }, (_, i) => i));
  const x = tf.add(shift, tf.reshape(places(width), [1, 1, width, 1]));
  const y = tf.add(shift, tf.reshape(places(height), [1, height, 1, 1]));
  return sampleAt(images, { x, y }, sampling);
}

/** A Gaussian bell of sum 1 that ends after three times the whole part of its deviation. */
function bell(reach: number, deviation: Tensor): Tensor {
  const places = tf.tensor1d(Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach));
  const heights = tf.exp(tf.mul(tf.square(tf.div(places, deviation)), -0.5));
  const within = tf.lessEqual(tf.abs(places), tf.mul(tf.floor(deviation), 3));
  const cut = tf.where(within, heights, tf.zerosLike(heights));
  return tf.div(cut, tf.sum(cut));
}

function square(bell: Tensor): Tensor {
  const size = bell.shape[0]!;
  return tf.reshape(tf.mul(tf.reshape(bell, [size, 1]), bell), [size, size, 1, 1]);
}
