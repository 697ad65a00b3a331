/** Rectangles of random size and place, one for each image. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { type KeySource, randomUniform } from "../engine";
import { tf } from "../tfjs";

/** Sides of a rectangle for each image, `[batch, 1, 1, 1]` each, in pixels that needn't be whole. */
export interface Boxes {
  left: Tensor;
  right: Tensor;
  top: Tensor;
  bottom: Tensor;
}

/**
 * Rectangles anywhere within the images.
 *
 * @param shares `[batch, 1, 1, 1]` each: of the images' height and width.
 */
export function drawBoxes(
  images: Tensor4D,
  { height, width }: { height: Tensor; width: Tensor },
  keys: KeySource,
): Boxes {
  const [batch, rows, columns] = images.shape;
  const span = (size: number, share: Tensor) => {
    const length = tf.mul(share, size);
    const start = tf.mul(randomUniform([batch, 1, 1, 1], keys), tf.sub(size, length));
    return [start, tf.add(start, length)] as const;
  };
  const [left, right] = span(columns, width);
  const [top, bottom] = span(rows, height);
  return { left, right, top, bottom };
}

/** Which pixels lie within each image's rectangle: bool `[batch, height, width, 1]`. */
export function withinBoxes(images: Tensor4D, { left, right, top, bottom }: Boxes): Tensor {
  const [, rows, columns] = images.shape;
  const places = (size: number) => Array.from({ length: size }, (_, i) => i);
  const x = tf.reshape(tf.tensor1d(places(columns)), [1, 1, columns, 1]);
  const y = tf.reshape(tf.tensor1d(places(rows)), [1, rows, 1, 1]);
  const inWidth = tf.logicalAnd(tf.greaterEqual(x, left), tf.less(x, right));
  const inHeight = tf.logicalAnd(tf.greaterEqual(y, top), tf.less(y, bottom));
  return tf.logicalAnd(inWidth, inHeight);
}

/** The share of each image that its rectangle covers, `[batch, 1, 1, 1]`. */
export function areas(images: Tensor4D, { left, right, top, bottom }: Boxes): Tensor {
  const [, rows, columns] = images.shape;
  return tf.div(tf.mul(tf.sub(right, left), tf.sub(bottom, top)), rows * columns);
}
