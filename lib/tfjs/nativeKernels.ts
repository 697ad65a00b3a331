/**
 * Kernels and gradients of tfjs-node that TensorFlow does better.
 *
 * tfjs-node reads the indices of every gather back into JavaScript, to check what TensorFlow's kernel checks
 * again; that stalls each step of an embedding and keeps it out of a graph. The gradient of `tile` in tfjs takes one op
 * for each repetition. At 0, where dark pixels and biases are, tfjs goes down `abs` and `prelu` at the left, TensorFlow at neither
 * side.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { DType } from "./binding";
import { runKernel } from "./kernels";
import { registerReductionGradients } from "./reductionGradients";
import { tf } from "./tensorflow";

let installed = false;

/** Registers all this with tfjs, once; steps call it before they run. */
export function useNativeKernels(): void {
  if (installed) return;
  installed = true;
  registerGather();
  registerTileGradient();
  registerReductionGradients();
  registerAbsGradient();
  registerPreluGradient();
}

interface GatherCall {
  inputs: { x: Tensor; indices: Tensor };
  attrs: { axis: number; batchDims: number };
}

function registerGather(): void {
  tf.unregisterKernel("GatherV2", "tensorflow");
  tf.registerKernel({
    kernelName: "GatherV2",
    backendName: "tensorflow",
    kernelFunc: (call) => {
      const { inputs, attrs } = call as unknown as GatherCall;
      const { x, indices } = inputs;
      const axis = tf.scalar(attrs.axis, "int32");
      const [gathered] = runKernel("GatherV2", [x, indices, axis], {
        attrs: {
          batch_dims: { int: attrs.batchDims },
          Tparams: { type: dtypeNumber(x) },
          Tindices: { type: dtypeNumber(indices) },
          Taxis: { type: DType.int32 },
        },
      });
      axis.dispose();
      return gathered!;
    },
  });
}

/** tfjs adds up one slice for each repetition, which takes as many ops; one sum does the same. */
function registerTileGradient(): void {
  tf.unregisterGradient("Tile");
  tf.registerGradient({
    kernelName: "Tile",
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attrs) => ({
      x: () => {
        const { shape } = saved[0] as Tensor;
        const { reps } = attrs as unknown as { reps: number[] };
        const split = shape.flatMap((size, axis) => [reps[axis]!, size]);
        const repeats = shape.map((_, axis) => 2 * axis);
        return tf.sum(tf.reshape(dy as Tensor, split), repeats);
      },
    }),
  });
}

function registerAbsGradient(): void {
  tf.unregisterGradient("Abs");
  tf.registerGradient({
    kernelName: "Abs",
    inputsToSave: ["x"],
    gradFunc: (dy, saved) => ({ x: () => tf.mul(dy as Tensor, tf.sign(saved[0] as Tensor)) }),
  });
}

/** Keras has it as `relu(x) - alpha * relu(-x)`. */
function registerPreluGradient(): void {
  tf.unregisterGradient("Prelu");
  tf.registerGradient({
    kernelName: "Prelu",
    inputsToSave: ["x", "alpha"],
    gradFunc: (given, saved) => {
      const [x, alpha] = saved as [Tensor, Tensor];
      const dy = given as Tensor;
      const below = () => tf.mul(dy, tf.cast(tf.less(x, 0), "float32"));
      return {
        x: () => tf.add(tf.mul(dy, tf.cast(tf.greater(x, 0), "float32")), tf.mul(below(), alpha)),
        alpha: () => {
          const axes = tf.broadcast_util.getReductionAxes(alpha.shape, dy.shape);
          return tf.reshape(tf.sum(tf.mul(below(), x), axes), alpha.shape);
        },
      };
    },
  });
}

function dtypeNumber({ dtype }: Tensor): number {
  return dtype === "complex64" ? 8 : DType[dtype];
}
