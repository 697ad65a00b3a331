/** Cuts random parts out of images. */
import type { GradSaveFunc, Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import { randomUniform } from "../engine";
import { DType, runKernel, tf } from "../tfjs";
import { type ImageLayerOptions, RandomImageLayer, resizedShape } from "./imageLayer";
import type { Config } from "./options";
import { centredWindow, cutOut, resizeImages, type Size } from "./resize";

/** Options of `layers.randomCrop`. */
export interface RandomCropOptions extends ImageLayerOptions {
  /** Height of the part. */
  height: number;
  /** Width of the part. */
  width: number;
}

/**
 * Cuts a part at a random place out of the images while training, at one place for a whole batch.
 *
 * Images that are not larger in both directions give their middle, enlarged if need be. As in Keras 3.15,
 * nothing is cut at inference: a model that needs the size then should get images of that size.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_crop/
 */
export class RandomCrop extends RandomImageLayer {
  /** Keras' name of the class. */
  static className = "RandomCrop";
  private readonly size: Size;

  constructor(options: RandomCropOptions) {
    super(options);
    const { height, width } = options;
    checkWhole("height", height, { low: 1, required: true });
    checkWhole("width", width, { low: 1, required: true });
    this.size = { height, width };
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const { height, width } = this.size;
    const [, rows, columns] = images.shape;
    if (rows > height && columns > width) {
      const places = tf.tensor1d([rows - height + 1, columns - width + 1]);
      const corner = tf.cast(tf.mul(randomUniform([2], this.keys), places), "int32");
      return cropAt(images, corner, this.size);
    }
    const { top, left } = centredWindow({ height: rows, width: columns }, this.size);
    const part = cutOut(images, { top, left, height, width });
    return resizeImages(part, this.size, { method: "bilinear", antialias: false });
  }

  /** The output's shape for an input's, `null` for what may vary. */
  override computeOutputShape(inputShape: (number | null)[] | (number | null)[][]) {
    return resizedShape(inputShape, this.size, this.dataFormat);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), ...this.size };
  }
}

/**
 * Cuts the same part out of all images.
 *
 * @param corner Its top and left, int32 `[2]`, both within the images.
 * @returns `[batch, size.height, size.width, channels]`; the caller disposes it.
 */
export function cropAt(images: Tensor4D, corner: Tensor, { height, width }: Size): Tensor {
  const [, rows, columns] = images.shape;
  const withGradient = tf.customGrad((x, save) => {
    (save as GradSaveFunc)([corner]);
    return {
      value: tf.tidy(() => {
        const size = tf.tensor1d([-1, height, width, -1], "int32");
        const attrs = { T: { type: DType.float32 }, Index: { type: DType.int32 } };
        return runKernel("Slice", [x as Tensor, fourAxes(corner), size], { attrs })[0]!;
      }),
      gradFunc: (gradient: Tensor, [place]: Tensor[]) =>
        tf.tidy(() => {
          const before = fourAxes(place!);
          const margins = tf.tensor1d([0, rows - height, columns - width, 0], "int32");
          const paddings = tf.stack([before, tf.sub(margins, before)], 1);
          const attrs = { T: { type: DType.float32 }, Tpaddings: { type: DType.int32 } };
          return runKernel("Pad", [gradient, paddings], { attrs })[0]!;
        }),
    };
  });
  return withGradient(images);
}

function fourAxes(corner: Tensor): Tensor {
  const none = tf.zeros([1], "int32");
  return tf.concat([none, corner, none]);
}
