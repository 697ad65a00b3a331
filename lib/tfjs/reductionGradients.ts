/**
 * Gradients of sums and means.
 *
 * tfjs makes the ones that it spreads a gradient with in JavaScript, as many as the sum has summands: for a global
 * pooling or a batch normalisation that is one array as large as the activations, at each step. TensorFlow fills them
 * in by itself.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "./tensorflow";

/** Registers them with tfjs. */
export function registerReductionGradients(): void {
  register("Sum", (spread) => spread);
  register("Mean", (spread, count) => tf.div(spread, count));
}

function register(kernelName: string, scale: (spread: Tensor, count: number) => Tensor): void {
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    kernelName,
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attrs) => ({
      x: () => {
        const { shape } = saved[0] as Tensor;
        const axes = tf.util.parseAxisParam((attrs as { axis?: number[] }).axis!, shape);
        const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
        const spread = tf.mul(tf.reshape(dy as Tensor, kept), tf.fill(shape, 1));
        const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
        return scale(spread, count);
      },
    }),
  });
}
