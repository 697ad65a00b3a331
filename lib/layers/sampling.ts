/** Takes pixels of images from anywhere. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import type { FillMode, Sampling } from "./projectiveTransform";

/**
 * Takes each pixel from a place of its own.
 *
 * @param x `[batch, height, width, 1]`: the column, which may lie between two or outside.
 * @param y Likewise the row.
 * @returns Images of the same shape; the caller disposes them.
 */
export function sampleAt(
  images: Tensor4D,
  { x, y }: { x: Tensor; y: Tensor },
  { interpolation, fillMode, fillValue }: Sampling,
): Tensor {
  const [batch, height, width, channels] = images.shape;
  const pixels = tf.reshape(images, [batch, height * width, channels]);
  const take = (row: Tensor, column: Tensor): Tensor => {
    const [insideY, insideX] = [within(row, height, fillMode), within(column, width, fillMode)];
    const index = tf.cast(tf.add(tf.mul(insideY, width), insideX), "int32");
    const flat = tf.reshape(index, [batch, height * width]);
    const found = tf.reshape(tf.gather(pixels, flat as never, 1, 1), images.shape);
    if (fillMode !== "constant") return found;
    const isInside = tf.logicalAnd(tf.equal(insideY, row), tf.equal(insideX, column));
    return tf.where(isInside, found, tf.scalar(fillValue));
  };
  if (interpolation === "nearest") return take(tf.round(y), tf.round(x));
  const ends = (place: Tensor): [Tensor, Tensor][] => {
    const lower = tf.floor(place);
    const share = tf.sub(place, lower);
    return [
      [lower, tf.sub(1, share)],
      [tf.add(lower, 1), share],
    ];
  };
  const parts = ends(y).flatMap(([row, down]) =>
    ends(x).map(([column, along]) => tf.mul(tf.mul(down, along), take(row, column))),
  );
  return tf.addN(parts);
}

/** The row or column within the image that stands for one outside. */
function within(index: Tensor, size: number, fillMode: FillMode): Tensor {
  if (fillMode === "wrap") return tf.mod(index, size);
  if (fillMode !== "reflect") return tf.clipByValue(index, 0, size - 1);
  const place = tf.mod(tf.abs(index), 2 * size);
  return tf.where(tf.less(place, size), place, tf.sub(2 * size - 1, place));
}
