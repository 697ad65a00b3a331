/** Slants images at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { isWithin } from "../checks";
import { randomUniform } from "../engine";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import type { Range } from "./colours";
import { type Config, type Factor, factorBounds } from "./options";
import { type ProjectiveOptions, RandomProjectiveLayer } from "./projective";
import { linearTransforms } from "./projectiveTransform";

/** Options of `layers.randomShear`. */
export interface RandomShearOptions extends ProjectiveOptions {
  /** How far each row is shifted per row, to either side; two numbers are the bounds. In [0, 1]. @default 0 */
  xFactor?: Factor;
  /** Likewise each column, per column. @default 0 */
  yFactor?: Factor;
}

/**
 * Slants each image by factors of its own while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_shear/
 */
export class RandomShear extends RandomProjectiveLayer {
  /** Keras' name of the class. */
  static className = "RandomShear";
  private readonly factors: { x: Range; y: Range };

  constructor(options: RandomShearOptions = {}) {
    super(options);
    const { xFactor = 0, yFactor = 0 } = options;
    this.factors = { x: shearBounds("xFactor", xFactor), y: shearBounds("yFactor", yFactor) };
  }

  protected override transforms(images: Tensor4D): Tensor {
    const ranges = [this.factors.x, this.factors.y];
    const draws = randomUniform([images.shape[0], 2, 1], this.keys);
    const spans = tf.tensor3d([ranges.map(([lower, upper]) => [upper - lower])]);
    const factors = tf.add(tf.mul(draws, spans), tf.tensor3d([ranges.map(([lower]) => [lower])]));
    const side = tf.sub(1, tf.mul(tf.round(randomUniform([images.shape[0], 1, 1], this.keys)), 2));
    return shears(tf.mul(factors, side));
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { x, y } = this.factors;
    return { ...super.getConfig(), xFactor: written(x), yFactor: written(y) };
  }
}

/** The transforms for `[batch, 2, 1]`: how far rows and columns are shifted. */
export function shears(factors: Tensor): Tensor {
  return linearTransforms(factors, {
    rows: [
      [0, 1, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 1, 0, 0, 0, 0],
    ],
    constant: [1, 0, 0, 0, 1, 0, 0, 0],
  });
}

/** Keras writes one number as two bounds, of which it refuses to read the negative one. */
function shearBounds(name: string, value: unknown): Range {
  const isBoth =
    Array.isArray(value) &&
    value.length === 2 &&
    value[0] === -value[1] &&
    isWithin(value[1], { low: 0, high: 1 });
  if (isBoth) return value as Range;
  if (Array.isArray(value) || isWithin(value, { low: 0, high: 1 })) {
    const bounds = factorBounds(name, value, { low: 0, high: 1 });
    return Array.isArray(value) ? bounds : [-bounds[1], bounds[1]];
  }
  throw invalidArgument(name, { expected: "a number or two numbers in [0, 1]", received: value });
}

const written = ([lower, upper]: Range) => (lower < 0 ? upper : [lower, upper]);
