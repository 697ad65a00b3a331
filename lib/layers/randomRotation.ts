/** Turns images at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { randomUniform } from "../engine";
import { tf } from "../tfjs";
import { type Config, type Factor, factorBounds } from "./options";
import { type ProjectiveOptions, RandomProjectiveLayer } from "./projective";
import { linearTransforms } from "./projectiveTransform";

/** Options of `layers.randomRotation`. */
export interface RandomRotationOptions extends ProjectiveOptions {
  /**
   * Largest angle as a fraction of a full turn: 0.1 means anything from -36° to +36°. Two numbers are lower
   * and upper bound. A positive angle turns counter-clockwise. Within [-1, 1].
   */
  factor: Factor;
}

/**
 * Turns each image about its centre by an angle of its own while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_rotation/
 */
export class RandomRotation extends RandomProjectiveLayer {
  /** Keras' name of the class. */
  static className = "RandomRotation";
  /** Lower and upper bound, fractions of a full turn. */
  readonly factor: [number, number];

  constructor(options: RandomRotationOptions) {
    super(options);
    this.factor = factorBounds("factor", options.factor, { low: -1, high: 1 });
  }

  protected override transforms(images: Tensor4D): Tensor {
    const [lower, upper] = this.factor;
    const draws = randomUniform([images.shape[0], 1, 1], this.keys);
    const angles = tf.add(tf.mul(draws, (upper - lower) * 2 * Math.PI), lower * 2 * Math.PI);
    return rotations(angles, images);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/**
 * Rotations about the centre of the images.
 *
 * @param angles `[batch, 1, 1]` float32, radians.
 * @returns `[batch, 8]` float32; the caller disposes it.
 */
export function rotations(angles: Tensor, images: Tensor4D): Tensor {
  const x = (images.shape[2] - 1) / 2;
  const y = (images.shape[1] - 1) / 2;
  return tf.tidy(() =>
    linearTransforms(tf.concat([tf.cos(angles), tf.sin(angles)], 1), {
      rows: [
        [1, 0, -x, 0, 1, -y, 0, 0], // · cos
        [0, -1, y, 1, 0, -x, 0, 0], // · sin
      ],
      constant: [0, 0, x, 0, 0, y, 0, 0],
    }),
  );
}
