/**
 * Gradients of activations: one kernel of TensorFlow's each, and its own gradient.
 *
 * tfjs composes them from several small ops (a step function, a product, …); one kernel does the same in a single pass
 * over memory. Eager training gains a third from `ReluGrad` alone. At 0 `selu` has TensorFlow's slope, that at its right, and at
 * just 6 `relu6` has none.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { DType } from "./binding";
import { runKernel } from "./kernels";
import * as tf from "./tfjs";

/** An activation, and its gradient as an op of what arrives and of the activation's output or input. */
interface Activation {
  /** tfjs' kernel; TensorFlow's op for its gradient is called so, with "Grad". */
  kernel: string;
  /** Whether the op takes the activation's input. @default its output */
  ofInput?: boolean;
  /** Whether the op takes what arrives second. @default first */
  dySecond?: boolean;
  /** Names of numbers that the activation was given. @default none */
  numbers?: string[];
  /** The derivative of the op for its other tensor, times `g`. @default 0, as of what is made of straight lines */
  bend?: (g: Tensor, given: { dy: Tensor; of: Tensor }) => Tensor;
}

const belowZero: Activation["bend"] = (g, { dy, of }) =>
  tf.mul(tf.mul(g, dy), tf.cast(tf.less(of, 0), "float32"));

const activations: Activation[] = [
  { kernel: "Relu" },
  { kernel: "Relu6" },
  { kernel: "LeakyRelu", ofInput: true, numbers: ["alpha"] },
  { kernel: "Elu", bend: belowZero },
  { kernel: "Selu", bend: belowZero },
  {
    kernel: "Sigmoid",
    dySecond: true,
    bend: (g, { dy, of }) => tf.mul(tf.mul(g, dy), tf.sub(1, tf.mul(2, of))),
  },
  {
    kernel: "Tanh",
    dySecond: true,
    bend: (g, { dy, of }) => tf.mul(tf.mul(g, dy), tf.mul(-2, of)),
  },
  {
    kernel: "Softplus",
    ofInput: true,
    bend: (g, { dy, of }) => {
      const share = tf.sigmoid(of);
      return tf.mul(tf.mul(g, dy), tf.mul(share, tf.sub(1, share)));
    },
  },
];

/** Registers them with tfjs. */
export function differentiateActivations(): void {
  for (const activation of activations) register(activation);
}

function register(activation: Activation): void {
  const { kernel, ofInput = false, dySecond = false, numbers = [], bend } = activation;
  const op = `${kernel}Grad`;
  // tfjs has an `EluGrad` of its own, with other inputs.
  const kernelName = `TensorFlow's ${op}`;
  const gradient = (dy: Tensor, of: Tensor, attrs: object) =>
    tf.engine().runKernel<Tensor>(kernelName, { dy, of }, { ...attrs });
  tf.registerKernel({
    kernelName,
    backendName: "tensorflow",
    kernelFunc: ({ inputs, attrs = {} }) => {
      const { dy, of } = inputs as unknown as { dy: Tensor; of: Tensor };
      const more = numbers.map((name) => [name, { float: Number(attrs[name]) }] as const);
      return runKernel(op, dySecond ? [of, dy] : [dy, of], {
        attrs: { T: { type: DType.float32 }, ...Object.fromEntries(more) },
      })[0]!;
    },
  });
  tf.registerGradient({
    kernelName,
    inputsToSave: ["dy", "of"],
    gradFunc: (given, [dy, of], attrs) => {
      const g = given as Tensor;
      return {
        dy: () => gradient(g, of!, attrs),
        of: () => bend?.(g, { dy: dy!, of: of! }) ?? tf.zerosLike(of!),
      };
    },
  });
  tf.unregisterGradient(kernel);
  tf.registerGradient({
    kernelName: kernel,
    ...(ofInput ? { inputsToSave: ["x"] } : { outputsToSave: [true] }),
    gradFunc: (dy, [of], attrs) => ({ x: () => gradient(dy as Tensor, of!, attrs) }),
  });
}
