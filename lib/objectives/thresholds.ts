/** Scores by the thresholds that they exceed, as Keras counts them. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";

/** Keras' guard for what is rounded at 0 and 1. */
export const epsilon = 1e-7;

/** Whether thresholds, 0 and 1 among them, are evenly distributed, as numpy's `allclose` has it. */
export function areEven(all: readonly number[]): boolean {
  const isClose = (value: number, i: number) => {
    const even = i / (all.length - 1);
    return Math.abs(value - even) <= epsilon + 1e-5 * even;
  };
  return all.length >= 3 && all.every(isClose);
}

/** How many of `count` even thresholds from 0 to 1 each score exceeds; float32, shaped like the scores. */
export function exceededEven(scores: Tensor, count: number): Tensor {
  return tf.ceil(tf.mul(tf.clipByValue(scores, 0, 1), count - 1));
}

/** How many of any thresholds each score exceeds; float32, shaped like the scores. */
export function exceeded(scores: Tensor, thresholds: readonly number[]): Tensor {
  const all = tf.tensor1d([...thresholds]);
  return tf.sum(tf.cast(tf.greater(tf.expandDims(scores, -1), all), "float32"), -1);
}

/**
 * How much is true, and how much isn't, of each number of exceeded thresholds.
 *
 * @param places int32 [count], numbers of exceeded thresholds.
 * @param options.isTrue float32 [count], 0 or 1.
 * @param options.weights float32 [count]: what each counts.
 * @param options.buckets How many numbers there may be.
 * @returns float32 [2 × buckets], each time what is true before the rest.
 */
export function bucketSums(
  places: Tensor,
  { isTrue, weights, buckets }: { isTrue: Tensor; weights: Tensor | undefined; buckets: number },
): Tensor {
  const both = tf.stack([isTrue, tf.sub(1, isTrue)], -1);
  const counted = weights === undefined ? both : tf.mul(both, tf.expandDims(weights, -1));
  const flat = places as ReturnType<typeof tf.tensor1d>;
  return tf.reshape(tf.unsortedSegmentSum(counted, flat, buckets), [-1]);
}
