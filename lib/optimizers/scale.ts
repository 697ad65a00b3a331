/** A loss that is multiplied for its gradients, which are divided again. */
import type { Scalar, Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import type { Pair } from "./state";

/** A loss with its own value, whose gradients are multiplied. */
export function scaledLoss(loss: () => Scalar, scale: number | Tensor): () => Scalar {
  const scaled = tf.customGrad((value) => ({
    value: tf.clone(value as Tensor),
    gradFunc: (dy: Tensor) => tf.mul(dy, scale),
  }));
  return () => scaled(loss()) as Scalar;
}

/** Gradients of the loss as it is. */
export function unscaled(pairs: readonly Pair[], scale: number | Tensor | null): readonly Pair[] {
  if (scale === null) return pairs;
  return pairs.map(({ variable, gradient }) => ({ variable, gradient: tf.div(gradient, scale) }));
}
