/** Pictures as patches, made of steps that have gradients. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";

/** Which patches: rows before columns. */
export interface PatchOptions {
  size: [number, number];
  strides: [number, number];
  /** Gaps between the pixels of a patch. */
  rates: [number, number];
  padding: "valid" | "same";
}

/**
 * Takes a picture apart.
 *
 * @param images `[batch, height, width, channels]` float32.
 * @returns `[batch, rows, columns, height × width × channels]` of each patch; the caller disposes it.
 */
export function extractPatches(images: Tensor4D, options: PatchOptions): Tensor {
  const { size, strides, rates, padding } = options;
  const [batch, height, width, channels] = images.shape;
  const values = size[0] * size[1] * channels;
  const isTiled =
    size.every((side, i) => side === strides[i] && rates[i] === 1) &&
    height % size[0] === 0 &&
    width % size[1] === 0;
  return tf.tidy(() => {
    if (isTiled) {
      const [rows, columns] = [height / size[0], width / size[1]];
      const tiles = tf.reshape(images, [batch, rows, size[0], columns, size[1], channels]);
      const apart = tf.transpose(tiles, [0, 1, 3, 2, 4, 5]);
      return tf.reshape(apart, [batch, rows, columns, values]);
    }
    const each = tf.reshape(tf.eye(values), [...size, channels, values]) as Tensor4D;
    return tf.conv2d(images, each, strides, padding, "NHWC", rates);
  });
}
