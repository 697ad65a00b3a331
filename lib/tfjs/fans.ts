/** First values that depend on how many inputs and outputs a weight connects. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import * as tf from "./tfjs";

type Initializer = ReturnType<typeof tf.initializers.zeros>;

/**
 * Lets an initializer scale by given numbers of inputs and outputs; tfjs counts them as a convolution's.
 *
 * @returns The initializer itself where it doesn't scale.
 */
export function withFans(
  initializer: Initializer,
  [inputs, outputs]: [inputs: number, outputs: number],
): Initializer {
  if (!/^(Keras)?VarianceScaling$/.test(initializer.getClassName())) return initializer;
  const apply = (shape: number[], dtype?: "float32"): Tensor =>
    tf.tidy(() => {
      const size = shape.reduce((product, side) => product * side, 1);
      const drawn = tf.reshape(initializer.apply([inputs, outputs], dtype), [-1]);
      return tf.reshape(tf.slice(drawn, 0, size), shape);
    });
  return Object.create(initializer, { apply: { value: apply } });
}
