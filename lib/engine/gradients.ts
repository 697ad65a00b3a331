/**
 * Gradients that TensorFlow has kernels for.
 *
 * tfjs composes the gradient of an activation from several small ops (a step function, a product, …); one kernel
 * does the same in a single pass over memory. Eager training gains a third from `ReluGrad` alone.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { DType, runKernel } from "./kernels";
import { tf } from "./tensorflow";

/** tfjs kernels whose gradient is one TensorFlow op of (dy, y). */
const KERNELS: { kernel: string; op: string; dyFirst: boolean }[] = [
  { kernel: "Relu", op: "ReluGrad", dyFirst: true },
  { kernel: "Relu6", op: "Relu6Grad", dyFirst: true },
  { kernel: "Elu", op: "EluGrad", dyFirst: true },
  { kernel: "Sigmoid", op: "SigmoidGrad", dyFirst: false },
  { kernel: "Tanh", op: "TanhGrad", dyFirst: false },
];

let installed = false;

/** Registers the native gradients with tfjs, once; training calls it before its first step. */
export function useNativeGradients(): void {
  if (installed) return;
  installed = true;
  for (const { kernel, op, dyFirst } of KERNELS) {
    tf.unregisterGradient(kernel);
    tf.registerGradient({
      kernelName: kernel,
      outputsToSave: [true],
      gradFunc: (dy, saved) => ({
        x: () => {
          const y = saved[0] as Tensor;
          const inputs = dyFirst ? [dy as Tensor, y] : [y, dy as Tensor];
          return runKernel(op, inputs, { attrs: { T: { type: DType.float32 } } })[0]!;
        },
      }),
    });
  }
}
