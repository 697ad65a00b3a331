/** Shifts images at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { randomUniform } from "../engine";
import { tf } from "../tfjs";
import { type Config, type Factor, factorBounds } from "./options";
import { type ProjectiveOptions, RandomProjectiveLayer } from "./projective";
import { linearTransforms } from "./projectiveTransform";

/** Options of `layers.randomTranslation`. */
export interface RandomTranslationOptions extends ProjectiveOptions {
  /** Largest shift as a fraction of the height; positive is down. Two numbers are the bounds. Within [-1, 1]. */
  heightFactor: Factor;
  /** Largest shift as a fraction of the width; positive is to the right. */
  widthFactor: Factor;
}

/**
 * Shifts each image by a distance of its own while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_translation/
 */
export class RandomTranslation extends RandomProjectiveLayer {
  /** Keras' name of the class. */
  static className = "RandomTranslation";
  private readonly height: [number, number];
  private readonly width: [number, number];
  private readonly given: { heightFactor: Factor; widthFactor: Factor };

  constructor(options: RandomTranslationOptions) {
    super(options);
    const { heightFactor, widthFactor } = options;
    this.height = factorBounds("heightFactor", heightFactor, { low: -1, high: 1 });
    this.width = factorBounds("widthFactor", widthFactor, { low: -1, high: 1 });
    this.given = { heightFactor, widthFactor };
  }

  protected override transforms(images: Tensor4D): Tensor {
    const [batch, height, width] = images.shape;
    const ranges = [this.width, this.height];
    const sizes = [width, height];
    const draws = randomUniform([batch, 2, 1], this.keys);
    const spans = ranges.map(([lower, upper], i) => [(upper - lower) * sizes[i]!]);
    const starts = ranges.map(([lower], i) => [lower * sizes[i]!]);
    return translations(tf.add(tf.mul(draws, tf.tensor3d([spans])), tf.tensor3d([starts])));
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), ...this.given };
  }
}

/**
 * Shifts to the right and down.
 *
 * @param shifts `[batch, 2, 1]` float32, pixels to the right and down.
 * @returns `[batch, 8]` float32; the caller disposes it.
 */
export function translations(shifts: Tensor): Tensor {
  return linearTransforms(shifts, {
    rows: [
      [0, 0, -1, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, -1, 0, 0],
    ],
    constant: [1, 0, 0, 0, 1, 0, 0, 0],
  });
}
