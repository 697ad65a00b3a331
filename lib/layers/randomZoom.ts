/** Zooms images at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { randomUniform } from "../engine";
import { tf } from "../tfjs";
import { type Config, type Factor, factorBounds } from "./options";
import { type ProjectiveOptions, RandomProjectiveLayer } from "./projective";
import { linearTransforms } from "./projectiveTransform";

/** Options of `layers.randomZoom`. */
export interface RandomZoomOptions extends ProjectiveOptions {
  /**
   * How far the height is zoomed: 0.2 means anything from 20% closer to 20% farther away; two numbers are
   * lower and upper bound, positive is farther away. Within (-1, 1].
   */
  heightFactor: Factor;
  /** Likewise for the width. @default the height's zoom, which keeps the aspect ratio */
  widthFactor?: Factor | null;
}

/**
 * Zooms each image about its centre by a factor of its own while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_zoom/
 */
export class RandomZoom extends RandomProjectiveLayer {
  /** Keras' name of the class. */
  static className = "RandomZoom";
  private readonly height: [number, number];
  private readonly width: [number, number] | undefined;
  private readonly given: { heightFactor: Factor; widthFactor: Factor | null };

  constructor(options: RandomZoomOptions) {
    super(options);
    const bounds = { above: -1, high: 1 };
    const { heightFactor, widthFactor = null } = options;
    this.height = factorBounds("heightFactor", heightFactor, bounds);
    this.width =
      widthFactor === null ? undefined : factorBounds("widthFactor", widthFactor, bounds);
    this.given = { heightFactor, widthFactor };
  }

  protected override transforms(images: Tensor4D): Tensor {
    const ranges = this.width === undefined ? [this.height] : [this.width, this.height];
    const draws = randomUniform([images.shape[0], ranges.length, 1], this.keys);
    const spans = ranges.map(([lower, upper]) => [upper - lower]);
    const starts = ranges.map(([lower]) => [1 + lower]);
    return zooms(tf.add(tf.mul(draws, tf.tensor3d([spans])), tf.tensor3d([starts])), images);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), ...this.given };
  }
}

/**
 * Zooms about the centre of the images.
 *
 * @param factors `[batch, 1, 1]` float32 for both directions, or `[batch, 2, 1]` for width and height.
 * @returns `[batch, 8]` float32; the caller disposes it.
 */
export function zooms(factors: Tensor, images: Tensor4D): Tensor {
  const x = (images.shape[2] - 1) / 2;
  const y = (images.shape[1] - 1) / 2;
  const constant = [0, 0, x, 0, 0, y, 0, 0];
  const rows =
    factors.shape[1] === 1
      ? [[1, 0, -x, 0, 1, -y, 0, 0]]
      : [
          [1, 0, -x, 0, 0, 0, 0, 0],
          [0, 0, 0, 0, 1, -y, 0, 0],
        ];
  return linearTransforms(factors, { rows, constant });
}
