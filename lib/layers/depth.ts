/** Pixels as channels, made of steps that have gradients. The way back is `tf.depthToSpace`. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";

/**
 * Makes of a square of `block²` pixels so many channels.
 *
 * @param images `[batch, block × height, block × width, channels]`.
 * @returns `[batch, height, width, block² × channels]`; the caller disposes it.
 */
export function spaceToDepth(images: Tensor4D, block: number): Tensor {
  return tf.tidy(() => {
    const [batch, rows, columns, channels] = images.shape;
    const [height, width] = [rows / block, columns / block];
    const blocks = tf.reshape(images, [batch, height, block, width, block, channels]);
    const depths = tf.transpose(blocks, [0, 1, 3, 2, 4, 5]);
    return tf.reshape(depths, [batch, height, width, channels * block ** 2]);
  });
}
