/**
 * Gradients of gradients: of the kernels that tfjs computes gradients with, most of which have none there.
 *
 * A gradient penalty, as that of a WGAN-GP's critic, is trained through the gradient of a network.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { DType } from "./binding";
import { runKernel } from "./kernels";
import * as tf from "./tfjs";

/** How tfjs describes a pooling. */
interface Window {
  strides: number | number[];
  pad: "valid" | "same";
  filterSize: number | number[];
}

const run = (name: string, inputs: Record<string, Tensor>, attrs: object) =>
  tf.engine().runKernel<Tensor>(name, inputs, { ...attrs });

/** A convolution's gradients are linear in each of what they take, and so is what leads back. */
function registerConvolutionGradients(): void {
  tf.registerGradient({
    kernelName: "Conv2DBackpropFilter",
    inputsToSave: ["x", "dy"],
    gradFunc: (g, [x, dy], attrs) => ({
      x: () =>
        run(
          "Conv2DBackpropInput",
          { dy: dy!, filter: g as Tensor },
          { ...attrs, inputShape: x!.shape },
        ),
      dy: () => run("Conv2D", { x: x!, filter: g as Tensor }, { dilations: [1, 1], ...attrs }),
    }),
  });
  const depthwise = "DepthwiseConv2dNative";
  tf.registerGradient({
    kernelName: `${depthwise}BackpropInput`,
    inputsToSave: ["dy", "filter"],
    gradFunc: (g, [dy, filter], attrs) => ({
      dy: () => run(depthwise, { x: g as Tensor, filter: filter! }, attrs),
      filter: () =>
        run(
          `${depthwise}BackpropFilter`,
          { x: g as Tensor, dy: dy! },
          { ...attrs, filterShape: filter!.shape },
        ),
    }),
  });
  tf.registerGradient({
    kernelName: `${depthwise}BackpropFilter`,
    inputsToSave: ["x", "dy"],
    gradFunc: (g, [x, dy], attrs) => ({
      x: () =>
        run(
          `${depthwise}BackpropInput`,
          { dy: dy!, filter: g as Tensor },
          { ...attrs, inputShape: x!.shape },
        ),
      dy: () => run(depthwise, { x: x!, filter: g as Tensor }, attrs),
    }),
  });
}

function registerPoolingGradients(): void {
  for (const [volumes, averaging] of [
    ["", "AvgPool"],
    ["3D", "AvgPool3D"],
  ] as const) {
    tf.registerGradient({
      kernelName: `${averaging}Grad`,
      gradFunc: (g, _saved, attrs) => ({
        dy: () => run(averaging, { x: g as Tensor }, attrs),
        input: () => tf.zeros((g as Tensor).shape),
      }),
    });
    tf.registerGradient({
      kernelName: `MaxPool${volumes}Grad`,
      inputsToSave: ["input", "output"],
      gradFunc: (given, [input, output], attrs) => {
        const g = given as Tensor;
        return {
          dy: () => atMaxima({ input: input!, output: output!, g }, attrs as unknown as Window),
          input: () => tf.zerosLike(input!),
          output: () => tf.zerosLike(output!),
        };
      },
    });
  }
}

/** Enlarging is linear: what leads back is the same again. */
function registerResizingGradient(): void {
  const nearest = "ResizeNearestNeighbor";
  tf.registerGradient({
    kernelName: `${nearest}Grad`,
    inputsToSave: ["dy"],
    gradFunc: (g, [dy], attrs) => ({
      dy: () => run(nearest, { images: g as Tensor }, { ...attrs, size: dy!.shape.slice(1, 3) }),
      images: () => tf.zerosLike(g as Tensor),
    }),
  });
}

/**
 * Of each window what `g` has at the place of the maximum.
 *
 * TensorFlow 2.21 gives zeros in a graph where what goes in is as large as what comes out: it writes over `g` before
 * it reads it. So such an input gets its border here.
 */
function atMaxima(
  { input, output, g }: { input: Tensor; output: Tensor; g: Tensor },
  { filterSize, strides, pad }: Window,
): Tensor {
  const axes = input.rank - 2;
  const windows = sizesOf(filterSize, axes);
  const isSameSize = tf.util.arraysEqual(input.shape, output.shape);
  if (isSameSize && windows.every((size) => size === 1)) return tf.clone(g);
  const around = [[0, 0], ...windows.map(bordersOf), [0, 0]] as [number, number][];
  const bordered = (x: Tensor, value: number) => (isSameSize ? tf.pad(x, around, value) : x);
  const ints = (sizes: number[]) => ({ ints: [1, ...sizes, 1] });
  const op = axes === 3 ? "MaxPool3DGradGrad" : "MaxPoolGradGrad";
  return runKernel(op, [bordered(input, -FLOAT32_MAX), output, bordered(g, 0)], {
    attrs: {
      T: { type: DType.float32 },
      ksize: ints(windows),
      strides: ints(sizesOf(strides, axes)),
      padding: { string: isSameSize ? "VALID" : pad.toUpperCase() },
      data_format: { string: axes === 3 ? "NDHWC" : "NHWC" },
    },
  })[0]!;
}

const FLOAT32_MAX = 3.4028234663852886e38;

/** What "same" adds before and after, for windows that move by one. */
const bordersOf = (size: number) => [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];

function sizesOf(given: number | number[], axes: number): number[] {
  return typeof given === "number" ? Array(axes).fill(given) : given;
}

/** Lets what computes gradients be trained through. */
export function differentiateGradients(): void {
  registerConvolutionGradients();
  registerPoolingGradients();
  registerResizingGradient();
}
