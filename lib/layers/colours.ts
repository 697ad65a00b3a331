/** What layers that change colours share: the range of values, shades of grey, hue and saturation. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { DType, runKernel, tf } from "../tfjs";

/** Least and largest pixel value. */
export type Range = [number, number];

/** The range in which many of Keras' layers compute. */
export const bytes: Range = [0, 255];

/** Brings values from one range to another. */
export function rescaled(images: Tensor, from: Range, to: Range): Tensor {
  if (from[0] === to[0] && from[1] === to[1]) return images;
  const share = tf.div(tf.sub(images, from[0]), from[1] - from[0]);
  return tf.add(tf.mul(share, to[1] - to[0]), to[0]);
}

/** How bright each pixel is, `[batch, height, width, 1]`; images of one channel stay what they are. */
export function grey(images: Tensor4D): Tensor {
  const channels = images.shape[3];
  if (channels === 1) return images;
  checkColours(images);
  return tf.sum(tf.mul(images, [0.2989, 0.587, 0.114]), -1, true);
}

/** Hue, saturation and value of each pixel, from red, green and blue. */
export function toHsv(images: Tensor): Tensor {
  checkColours(images);
  return convert(images, "RGBToHSV");
}

/** The way back from `toHsv`. */
export function fromHsv(images: Tensor): Tensor {
  return convert(images, "HSVToRGB");
}

/**
 * What nothing is learnt through, since TensorFlow gives hues and tables of tones no gradient: it is 0 here.
 *
 * @param compute Gives images of the same shape.
 */
export function unlearnt(images: Tensor, compute: (images: Tensor) => Tensor): Tensor {
  return tf.customGrad((x) => ({
    value: tf.tidy(() => compute(x as Tensor)),
    gradFunc: (gradient: Tensor) => tf.zerosLike(gradient),
  }))(images);
}

function convert(images: Tensor, kernel: string): Tensor {
  const attrs = { T: { type: DType.float32 } };
  return unlearnt(images, (x) => runKernel(kernel, [x], { attrs })[0]!);
}

function checkColours(images: Tensor): void {
  if (images.shape.at(-1) === 3) return;
  throw invalidArgument("inputs", { expected: "images of three channels", received: images });
}
