/** Mirrors images at random. */
import type { GradSaveFunc, Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { randomUniform } from "../engine";
import { DType, runKernel, tf } from "../tfjs";
import { type ImageLayerOptions, RandomImageLayer } from "./imageLayer";
import { remember } from "./moves";
import { type Config, oneOf } from "./options";

/** Options of `layers.randomFlip`. */
export interface RandomFlipOptions extends ImageLayerOptions {
  /**
   * `"horizontal"` exchanges left and right, `"vertical"` top and bottom, `"horizontalAndVertical"` both at once (half
   * a turn, as Keras does it).
   *
   * @default "horizontalAndVertical"
   */
  mode?: FlipMode;
}

const modes = ["horizontal", "vertical", "horizontalAndVertical"] as const;
/** Along which axes images are mirrored. @inline */
export type FlipMode = (typeof modes)[number];
const axesOf = { horizontal: [2], vertical: [1], horizontalAndVertical: [1, 2] };

/**
 * Flips about half of the images of each batch while training.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_flip/
 */
export class RandomFlip extends RandomImageLayer {
  /** Keras' name of the class. */
  static className = "RandomFlip";
  /** Along which axes images are mirrored. */
  readonly mode: FlipMode;

  constructor(options: RandomFlipOptions = {}) {
    super(options);
    this.mode = oneOf("mode", options.mode, {
      allowed: modes,
      byDefault: "horizontalAndVertical",
    });
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const flips = tf.lessEqual(randomUniform([images.shape[0], 1, 1, 1], this.keys), 0.5);
    const flipped = flipWhere(images, flips, this.mode);
    remember(flipped, {
      images,
      transforms: mirrors(flips, images, this.mode),
      sampling: undefined,
    });
    return flipped;
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), mode: this.mode };
  }
}

/**
 * Flips the images where `flips` is true.
 *
 * @param images `[batch, height, width, channels]`.
 * @param flips `[batch, 1, 1, 1]` bool.
 * @returns Images of the same shape; the caller disposes them.
 */
export function flipWhere(images: Tensor4D, flips: Tensor, mode: FlipMode): Tensor {
  const withGradient = tf.customGrad((x, save) => {
    (save as GradSaveFunc)([flips]);
    return {
      value: select(flips, x as Tensor, mode),
      gradFunc: (gradient: Tensor, saved: Tensor[]) => select(saved[0]!, gradient, mode),
    };
  });
  return withGradient(images);
}

/** One select that broadcasts the condition; `tf.where` would first copy it to every pixel. */
function select(flips: Tensor, images: Tensor, mode: FlipMode): Tensor {
  return tf.tidy(() => {
    const inputs = [flips, tf.reverse(images, axesOf[mode]), images];
    return runKernel("SelectV2", inputs, { attrs: { T: { type: DType.float32 } } })[0]!;
  });
}

/** The same flips as transforms `[batch, 8]`. */
function mirrors(flips: Tensor, images: Tensor4D, mode: FlipMode): Tensor {
  const [, height, width] = images.shape;
  const mirrored = (axis: number, size: number) =>
    axesOf[mode].includes(axis) ? [-1, size - 1] : [1, 0];
  const [[scaleX, shiftX], [scaleY, shiftY]] = [mirrored(2, width), mirrored(1, height)];
  return tf.tidy(() => {
    const identity = tf.tensor2d([[1, 0, 0, 0, 1, 0, 0, 0]]);
    const change = tf.tensor2d([[scaleX! - 1, 0, shiftX!, 0, scaleY! - 1, shiftY!, 0, 0]]);
    return tf.add(identity, tf.mul(change, tf.cast(tf.reshape(flips, [-1, 1]), "float32")));
  });
}
