/** Moves pixels: rotation, zoom and translation of images by one TensorFlow op. */
import type { GradSaveFunc, Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { DType, runKernel, tf } from "../tfjs";

export const fillModes = ["reflect", "constant", "wrap", "nearest"] as const;
export const interpolations = ["bilinear", "nearest"] as const;
/** What lies beyond the image's edge. @inline */
export type FillMode = (typeof fillModes)[number];
/** How a pixel between four others is found. @inline */
export type Interpolation = (typeof interpolations)[number];

/** How the pixels of a transformed image are found. */
export interface Sampling {
  fillMode: FillMode;
  interpolation: Interpolation;
  fillValue: number;
}

/** An affine transform that depends linearly on a few parameters: `constant + Σ parameter · row`. */
export interface LinearTransform {
  /** One row of 8 numbers for each parameter. */
  rows: number[][];
  constant: number[];
}

/**
 * Transforms from parameters.
 *
 * A sum of products rather than a matrix product, which a GPU would round to TF32 and shift images by.
 *
 * @param parameters `[batch, parameters, 1]` float32.
 * @returns `[batch, 8]` float32; the caller disposes it.
 */
export function linearTransforms(parameters: Tensor, { rows, constant }: LinearTransform): Tensor {
  return tf.tidy(() =>
    tf.add(tf.sum(tf.mul(parameters, tf.tensor3d([rows])), 1), tf.tensor1d(constant)),
  );
}

/**
 * Takes each output pixel (x, y) from the input at (a0·x + a1·y + a2, b0·x + b1·y + b2) / (c0·x + c1·y + 1).
 *
 * @param images `[batch, height, width, channels]` float32.
 * @param transforms `[batch, 8]` float32: a0, a1, a2, b0, b1, b2, c0, c1.
 * @returns Images of the same shape; the caller disposes them. The gradient is TensorFlow's own: the gradient
 * image moved back by the inverse transform.
 * @see https://www.tensorflow.org/api_docs/python/tf/raw_ops/ImageProjectiveTransformV3
 */
export function projectiveTransform(
  images: Tensor4D,
  transforms: Tensor,
  sampling: Sampling,
): Tensor {
  const withGradient = tf.customGrad((x, save) => {
    (save as GradSaveFunc)([transforms]);
    return {
      value: move(x as Tensor, transforms, sampling),
      gradFunc: (gradient: Tensor, saved: Tensor[]) =>
        move(gradient, invert(saved[0]!), { ...sampling, fillValue: 0 }),
    };
  });
  return withGradient(images);
}

function move(images: Tensor, transforms: Tensor, sampling: Sampling): Tensor {
  return tf.tidy(() => {
    const size = tf.tensor1d(images.shape.slice(1, 3), "int32");
    const inputs = [images, transforms, size, tf.scalar(sampling.fillValue)];
    const attrs = {
      dtype: { type: DType.float32 },
      interpolation: { string: sampling.interpolation.toUpperCase() },
      fill_mode: { string: sampling.fillMode.toUpperCase() },
    };
    return runKernel("ImageProjectiveTransformV3", inputs, { attrs })[0]!;
  });
}

function invert(transforms: Tensor): Tensor {
  return tf.tidy(() => {
    const batch = transforms.shape[0]!;
    const full = tf.reshape(tf.concat([transforms, tf.ones([batch, 1])], 1), [batch, 3, 3]);
    const [inverse] = runKernel("MatrixInverse", [full], {
      attrs: { T: { type: DType.float32 }, adjoint: { bool: false } },
    });
    const nine = tf.reshape(inverse!, [batch, 9]);
    return tf.div(tf.slice(nine, [0, 0], [batch, 8]), tf.slice(nine, [0, 8], [batch, 1]));
  });
}
