/** Limits gradients before a step, as Keras does. */
import type { Scalar, Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";

/** At most one of the three is set. As in Keras, 0 is no limit. */
export interface Clipping {
  /** Largest norm of each weight's gradient. */
  clipNorm: number | null;
  /** Largest absolute value in any gradient. */
  clipValue: number | null;
  /** Largest norm of all gradients together. */
  globalClipNorm: number | null;
}

/**
 * Limits gradients.
 *
 * @returns One tensor for each gradient; the gradients themselves where nothing is limited.
 */
export function clipGradients(
  gradients: Tensor[],
  { clipNorm, clipValue, globalClipNorm }: Clipping,
): Tensor[] {
  if (clipNorm !== null && clipNorm > 0) {
    return gradients.map((gradient) =>
      tf.div(tf.mul(gradient, clipNorm), tf.maximum(norm([gradient]), clipNorm)),
    );
  }
  if (globalClipNorm !== null && globalClipNorm > 0) {
    const size = norm(gradients);
    const scale = tf.mul(tf.minimum(tf.div(1, size), 1 / globalClipNorm), globalClipNorm);
    // 0, or NaN when a gradient is infinite, so that a broken step does not pass for a small one.
    const broken = tf.sub(size, size);
    return gradients.map((gradient) => tf.mul(gradient, tf.add(scale, broken)));
  }
  if (clipValue !== null && clipValue > 0) {
    return gradients.map((gradient) => tf.minimum(tf.maximum(gradient, -clipValue), clipValue));
  }
  return gradients;
}

function norm(tensors: Tensor[]): Scalar {
  return tf.sqrt(tf.addN(tensors.map((tensor) => tf.sum<Scalar>(tf.square(tensor)))));
}
