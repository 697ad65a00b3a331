/**
 * Gradients of sums, means and extremes.
 *
 * tfjs makes the ones that it spreads a gradient with in JavaScript, as many as the sum has summands: for a global
 * pooling or a batch normalisation that is one array as large as the activations, at each step. TensorFlow fills them
 * in by itself. And of several equal extremes tfjs gives the whole to each, where TensorFlow divides.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "./tensorflow";

/** tfjs names the axes of `min` differently. */
interface ReductionAttrs {
  axis?: number | number[];
  reductionIndices?: number | number[];
}

/** Registers them with tfjs. */
export function registerReductionGradients(): void {
  registerSpread("Sum", (spread) => spread);
  registerSpread("Mean", (spread, count) => tf.div(spread, count));
  for (const kernelName of ["Max", "Min"]) registerExtreme(kernelName);
}

function registerSpread(kernelName: string, scale: (spread: Tensor, count: number) => Tensor) {
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    kernelName,
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attrs) => ({
      x: () => {
        const { shape } = saved[0] as Tensor;
        const { axes, keptDims } = reductionOf(shape, attrs);
        const spread = tf.mul(tf.reshape(dy as Tensor, keptDims), tf.fill(shape, 1));
        const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
        return scale(spread, count);
      },
    }),
  });
}

function registerExtreme(kernelName: string): void {
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    kernelName,
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => ({
      x: () => {
        const [x, y] = saved as [Tensor, Tensor];
        const { axes, keptDims } = reductionOf(x.shape, attrs);
        const chosen = tf.cast(tf.equal(x, tf.reshape(y, keptDims)), "float32");
        const shares = tf.div(chosen, tf.sum(chosen, axes, true));
        return tf.mul(shares, tf.reshape(dy as Tensor, keptDims));
      },
    }),
  });
}

/** The axes that a reduction goes over, and its result's shape with each of them kept as 1. */
function reductionOf(shape: number[], attrs: object): { axes: number[]; keptDims: number[] } {
  const { axis: given, reductionIndices }: ReductionAttrs = attrs;
  const axes = tf.util.parseAxisParam((given ?? reductionIndices)!, shape);
  return { axes, keptDims: shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) };
}
