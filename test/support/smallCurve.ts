/** A small network with given weights and a curve to learn, as tests have them in Keras, too. */
import type { Optimizer, Sequential, Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../../lib/index";

/** Three inputs, two hidden units, one output; the mean squared error. */
export function curveModel(optimizer: Optimizer): Sequential {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 2, activation: "tanh", inputShape: [3] }),
      tf.layers.dense({ units: 1 }),
    ],
  });
  tf.tidy(() =>
    model.setWeights([
      tf.linspace(-1, 1, 6).reshape([3, 2]),
      tf.fill([2], 0.5),
      tf.tensor2d([[0.7], [-0.4]]),
      tf.fill([1], 0.3),
    ]),
  );
  model.compile({ optimizer, loss: "meanSquaredError" });
  return model;
}

/** Eight rows of numbers in [-1, 1], and the cosine of each row's first; the caller disposes them. */
export function curveData(): [Tensor, Tensor] {
  const x = tf.tensor2d(
    Array.from({ length: 24 }, (_, i) => -1 + (2 * i) / 23),
    [8, 3],
  );
  return [x, tf.tidy(() => tf.cos(tf.slice(x, [0, 0], [8, 1])))];
}
