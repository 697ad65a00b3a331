/**
 * Samples images once where several layers in a row move their pixels.
 *
 * A flip, a rotation, a zoom and a translation each ask where an output pixel comes from. In a model, behind one
 * another, they are asked first and the image is sampled once, at the place where the product of their matrices
 * points to. With a flip that is the same picture. Two samplings would blur twice and cost twice, and what the first
 * moves out of the frame would be lost to the second, which may move it back.
 */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { projectiveTransform, type Sampling } from "./projectiveTransform";

/** How images came about. */
interface Move {
  /** What they were before. */
  images: Tensor4D;
  /** `[batch, 8]`, as `projectiveTransform` takes them. */
  transforms: Tensor;
  /** Undefined for a flip, which takes no samples between pixels. */
  sampling: Sampling | undefined;
}

let moves: Map<Tensor, Move> | undefined;

/** Runs `fn`, in which moves of the same images, one after another, are joined. @internal */
export function joiningMoves<T>(fn: () => T): T {
  const outer = moves;
  const own = new Map<Tensor, Move>();
  moves = own;
  try {
    return fn();
  } finally {
    moves = outer;
    for (const { transforms } of own.values()) transforms.dispose();
  }
}

/**
 * Moves the pixels of images, together with a move that they have just been through.
 *
 * @param images `[batch, height, width, channels]` float32.
 * @param transforms `[batch, 8]`; stays the caller's.
 * @returns Images of the same shape; the caller disposes them.
 */
export function movePixels(images: Tensor4D, transforms: Tensor, sampling: Sampling): Tensor {
  const before = moves?.get(images);
  if (before === undefined || before.images.isDisposed || !canJoin(before.sampling, sampling)) {
    const moved = projectiveTransform(images, transforms, sampling);
    remember(moved, { images, transforms, sampling });
    return moved;
  }
  const joined = product(before.transforms, transforms);
  const moved = projectiveTransform(before.images, joined, sampling);
  remember(moved, { images: before.images, transforms: joined, sampling });
  return moved;
}

/** Remembers, where moves are joined, that `moved` are images whose pixels were moved. */
export function remember(moved: Tensor, { images, transforms, sampling }: Move): void {
  // A clone, since the layer that made the transforms disposes its own.
  moves?.set(moved, { images, transforms: tf.keep(tf.clone(transforms)), sampling });
}

/** With "nearest", a place halfway between two pixels might choose the other one. */
function canJoin(first: Sampling | undefined, second: Sampling): boolean {
  if (second.interpolation !== "bilinear") return false;
  return first === undefined || JSON.stringify(first) === JSON.stringify(second);
}

/**
 * The transforms that do what `second` and then `first` say of a place.
 *
 * A sum of products rather than a matrix product, which a GPU would round to TF32 and shift images by.
 */
function product(first: Tensor, second: Tensor): Tensor {
  return tf.tidy(() => {
    const withLastOne = (transforms: Tensor) =>
      tf.pad(
        transforms,
        [
          [0, 0],
          [0, 1],
        ],
        1,
      );
    const left = tf.reshape(withLastOne(first), [-1, 3, 3, 1]);
    const right = tf.reshape(withLastOne(second), [-1, 1, 3, 3]);
    const nine = tf.reshape(tf.sum(tf.mul(left, right), 2), [-1, 9]);
    return tf.div(tf.slice(nine, [0, 0], [-1, 8]), tf.slice(nine, [0, 8], [-1, 1]));
  });
}
