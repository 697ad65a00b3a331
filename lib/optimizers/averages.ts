/** Averages over steps: of weights, and of gradients. */
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { onlyIf, type Pair } from "./state";

/** Whether a step is every n-th, as a scalar that a compiled step computes; `step` counts from 1. */
function isEvery(count: number, step: Scalar): Tensor {
  return tf.equal(tf.mod(step, count), 0);
}

/**
 * Renews the moving averages of weights, and lets the weights become them where it is time to.
 *
 * @param weights Each weight with its average.
 * @param use.made How many steps were made before this one. The first average is the weight itself.
 */
export function renewAverages(
  weights: readonly { variable: Variable; average: Variable }[],
  use: { momentum: number; every: number | null; made: Scalar },
): void {
  const { made, every } = use;
  const momentum = tf.mul(tf.cast(tf.notEqual(made, 0), "float32"), use.momentum);
  const share = tf.sub(1, momentum);
  for (const { variable, average } of weights) {
    average.assign(tf.add(tf.mul(momentum, average), tf.mul(share, variable)));
  }
  if (every === null) return;
  const isDue = isEvery(every, tf.add(made, 1));
  for (const { variable, average } of weights) {
    variable.assign(tf.where(isDue, average, variable));
  }
}

/** Lets weights and their averages change places. */
export function swapAverages(weights: readonly { variable: Variable; average: Variable }[]): void {
  for (const { variable, average } of weights) {
    tf.tidy(() => {
      const value = tf.clone(variable);
      variable.assign(average);
      average.assign(value);
    });
  }
}

/**
 * Adds gradients up, and moves the weights by their mean at every n-th batch.
 *
 * @param pairs Each with the place where its gradients are added up.
 * @param use.batch The number of the batch, from 1.
 * @param use.variables All that `move` may change.
 */
export function accumulate(
  pairs: readonly (Pair & { accumulator: Variable })[],
  use: {
    every: number;
    batch: Scalar;
    variables: readonly Variable[];
    move: (pairs: Pair[]) => void;
  },
): void {
  const { every, variables, move } = use;
  const isDue = isEvery(every, use.batch);
  const sums = pairs.map(({ gradient, accumulator }) => tf.add(gradient, accumulator));
  const means = pairs.map(({ variable }, i) => ({ variable, gradient: tf.div(sums[i]!, every) }));
  onlyIf(isDue, { variables, change: () => move(means) });
  for (const [i, { accumulator }] of pairs.entries()) {
    accumulator.assign(tf.where(isDue, tf.zerosLike(sums[i]!), sums[i]!));
  }
}
