/** Attention of projected queries to projected keys, as Keras 3.15.1 computes it. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { einsum } from "./einsum";

/** Equations of attention along some of the axes. */
export interface AttentionEquations {
  /** Keys and queries to scores. */
  scores: string;
  /** Scores and values to outputs. */
  outputs: string;
  /** Along how many axes a query looks for keys. */
  axes: number;
}

/** What Keras' kernel puts in the place of a masked score. */
const lowest = 3.38953e38 * -0.7;

/**
 * Attends as TensorFlow's kernel: where all keys are masked, to each of them alike.
 *
 * @param options.mask `[batch, queries, keys]`, or with heads before the queries.
 */
export function attendByKernel(options: {
  query: Tensor;
  key: Tensor;
  value: Tensor;
  mask: Tensor | undefined;
  scale: number;
}): Tensor {
  const { query, key, value, mask, scale } = options;
  const scores = tf.mul(einsum("btnh,bsnh->bnts", [query, key]), scale);
  const seen =
    mask === undefined
      ? scores
      : tf.where(ofRank(mask, { rank: 4, axes: 1 }), scores, tf.fill(scores.shape, lowest));
  return einsum("bnts,bsnh->btnh", [tf.softmax(seen), value]);
}

/**
 * Attends with scores that can be given or dropped; where all keys are masked, to none.
 *
 * @param options.drop What is done to the shares.
 */
export function attendByScores(options: {
  query: Tensor;
  key: Tensor;
  value: Tensor;
  mask: Tensor | undefined;
  scale: number;
  equations: AttentionEquations;
  drop: (shares: Tensor) => Tensor;
}): { output: Tensor; shares: Tensor } {
  const { query, key, value, mask, scale, equations, drop } = options;
  const scores = einsum(equations.scores, [key, tf.mul(query, scale)]);
  const { axes } = equations;
  const seen = mask && ofRank(mask, { rank: scores.rank, axes });
  const masked = seen ? tf.where(seen, scores, tf.fill(scores.shape, -1e9)) : scores;
  const whole = softmaxOver(masked, axes);
  const shares = seen ? tf.where(seen, whole, tf.zerosLike(whole)) : whole;
  return { output: einsum(equations.outputs, [drop(shares), value]), shares };
}

/** Softmax over the last axes. */
function softmaxOver(scores: Tensor, axes: number): Tensor {
  if (axes === 1) return tf.softmax(scores);
  const last = Array.from({ length: axes }, (_, i) => scores.rank - axes + i);
  return tf.exp(tf.sub(scores, tf.logSumExp(scores, last, true)));
}

/** A mask with axes of size 1 for what it leaves out, the heads among them. */
function ofRank(mask: Tensor, { rank, axes }: { rank: number; axes: number }): Tensor {
  const sizes = [...mask.shape];
  while (sizes.length < rank) sizes.splice(Math.max(0, sizes.length - 2 * axes), 0, 1);
  return tf.reshape(mask, sizes);
}
