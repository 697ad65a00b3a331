/**
 * Convolutions with a dilation, trained and computed as TensorFlow's Python does it.
 *
 * TensorFlow's kernels for a processor have no gradient of a dilated convolution, and depthwise ones don't look at the
 * dilation at all. So pictures are taken apart: of every d-th row and column a picture is made, on which the
 * convolution has no gaps.
 */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { DType } from "./binding";
import { insides } from "./insides";
import { runKernel } from "./kernels";
import { prototypeOf } from "./prototypes";
import * as tf from "./tfjs";

type Kernel = "Conv2D" | "DepthwiseConv2dNative";
type Conv2DInfo = Parameters<typeof tf.backend_util.computeConv2DInfo>;

/** How tfjs describes a convolution. */
interface Settings {
  strides: Conv2DInfo[2];
  pad: Conv2DInfo[4];
  dilations?: Conv2DInfo[3] | null;
  dimRoundingMode?: Conv2DInfo[5];
  dataFormat?: string;
}

/** Gives dilated convolutions a gradient, and depthwise ones their dilation. */
export function dilateAsKeras(): void {
  for (const kernel of ["Conv2D", "DepthwiseConv2dNative"] as const) registerGradient(kernel);
  registerDepthwise();
  replaceFused();
  repairDepthwiseLayer();
}

function isDilated(dilations: Settings["dilations"]): boolean {
  return [dilations ?? 1].flat().some((rate) => rate !== 1);
}

function registerGradient(kernel: Kernel): void {
  const { gradFunc, ...config } = tf.getGradient(kernel);
  tf.unregisterGradient(kernel);
  tf.registerGradient({
    ...config,
    gradFunc: (dy, saved, attrs) => {
      const settings = attrs as unknown as Settings;
      // TensorFlow has no convolution of channels first on a processor, and tfjs says so.
      const isOurs = isDilated(settings.dilations) && settings.dataFormat !== "NCHW";
      if (!isOurs) return gradFunc(dy, saved, attrs);
      const [x, filter] = saved as [Tensor4D, Tensor4D];
      return gradients(kernel, { x, filter, dy: dy as Tensor4D, settings });
    },
  });
}

function registerDepthwise(): void {
  const kernelName = "DepthwiseConv2dNative";
  const { kernelFunc, ...config } = tf.getKernel(kernelName, "tensorflow");
  tf.unregisterKernel(kernelName, "tensorflow");
  tf.registerKernel({
    ...config,
    kernelFunc: (call) => {
      const settings = call.attrs as unknown as Settings;
      if (!isDilated(settings.dilations)) return kernelFunc(call);
      const { x, filter } = call.inputs as unknown as { x: Tensor4D; filter: Tensor4D };
      return tf.tidy(() => {
        const { block, paddings, crops, strides } = takenApart(x.shape, filter.shape, settings);
        const apart = tf.spaceToBatchND(x, block, paddings);
        const convolved = tf.depthwiseConv2d(apart as Tensor4D, filter, 1, "valid");
        const whole = tf.batchToSpaceND(convolved, block, crops);
        if (isOne(strides)) return whole;
        return tf.stridedSlice(whole, [0, 0, 0, 0], whole.shape, [1, ...strides, 1]);
      });
    },
  });
}

/** tfjs' fused convolution refuses the gradient in a function of its own, whatever is registered. */
function replaceFused(): void {
  const { conv2d } = tf.fused;
  const replacement: typeof conv2d = (options) => {
    const { x, filter, strides, pad, dataFormat, dilations, dimRoundingMode, bias } = options;
    const isLinear = (options.activation ?? "linear") === "linear";
    if (!isLinear || !isDilated(dilations)) return conv2d(options);
    return tf.tidy(() => {
      const output = tf.conv2d(x, filter, strides, pad, dataFormat, dilations, dimRoundingMode);
      return bias == null ? output : tf.add<typeof output>(output, bias);
    });
  };
  Object.assign(tf.fused, { conv2d: replacement });
}

/** How pictures are taken apart for a convolution, and put together again. */
interface Apart {
  /** Of how many pictures, by height and width. */
  block: number[];
  /** What is added around a picture before. */
  paddings: number[][];
  /** What is cut off the result. */
  crops: number[][];
  /** Of the whole result, every so many rows and columns count. */
  strides: [number, number];
  /** Height and width of the whole result. */
  full: number[];
}

function takenApart(
  xShape: Tensor4D["shape"],
  filterShape: Tensor4D["shape"],
  { strides, pad, dilations, dimRoundingMode }: Settings,
): Apart {
  const info = tf.backend_util.computeConv2DInfo(
    xShape,
    filterShape,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    true,
  );
  const { top, bottom, left, right } = info.padInfo;
  const axes = [
    { size: info.inHeight, reach: info.effectiveFilterHeight, before: top, after: bottom },
    { size: info.inWidth, reach: info.effectiveFilterWidth, before: left, after: right },
  ];
  const block = [info.dilationHeight, info.dilationWidth];
  const padded = axes.map(({ size, before, after }) => size + before + after);
  const extra = padded.map((size, i) => (block[i]! - (size % block[i]!)) % block[i]!);
  return {
    block,
    paddings: axes.map(({ before, after }, i) => [before, after + extra[i]!]),
    crops: extra.map((count) => [0, count]),
    strides: [info.strideHeight, info.strideWidth],
    full: axes.map(({ reach }, i) => padded[i]! - reach + 1),
  };
}

const isOne = (strides: [number, number]) => strides.every((stride) => stride === 1);

function gradients(
  kernel: Kernel,
  { x, filter, dy, settings }: { x: Tensor4D; filter: Tensor4D; dy: Tensor4D; settings: Settings },
) {
  const { block, paddings, crops, strides, full } = takenApart(x.shape, filter.shape, settings);
  const [batch, height, width, channels] = x.shape;
  const whole = isOne(strides) ? dy : spread(dy, full, strides);
  const apart = tf.spaceToBatchND(whole, block, crops);
  const plain = { strides: [1, 1], pad: "valid", dataFormat: "NHWC", dilations: [1, 1] };
  const run = (name: string, inputs: Record<string, Tensor>, shapes: Record<string, number[]>) =>
    tf.engine().runKernel<Tensor>(`${kernel}${name}`, inputs, { ...plain, ...shapes });
  return {
    x: () => {
      const [rows, columns] = [height, width].map(
        (size, i) => (size + paddings[i]![0]! + paddings[i]![1]!) / block[i]!,
      );
      const inputShape = [batch * block[0]! * block[1]!, rows!, columns!, channels];
      const part = run("BackpropInput", { dy: apart, filter }, { inputShape });
      return tf.batchToSpaceND(part, block, paddings);
    },
    filter: () => {
      const inputs = { x: tf.spaceToBatchND(x, block, paddings), dy: apart };
      return run("BackpropFilter", inputs, { filterShape: filter.shape });
    },
  };
}

/** Zeros between the rows and columns of a gradient, where strides left something out. */
function spread(dy: Tensor4D, [height, width]: number[], strides: [number, number]): Tensor {
  const ints = (...values: number[]) => tf.tensor1d(values, "int32");
  const shape = [dy.shape[0], height!, width!, dy.shape[3]];
  const inputs = [ints(...shape), ints(0, 0, 0, 0), ints(...shape), ints(1, ...strides, 1), dy];
  const masks = ["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"];
  const attrs = {
    T: { type: DType.float32 },
    Index: { type: DType.int32 },
    ...Object.fromEntries(masks.map((name) => [name, { int: 0 }])),
  };
  return runKernel("StridedSliceGrad", inputs, { attrs })[0]!;
}

/** tfjs' layer leaves its `dilationRate` out of the call and of the shape that it promises. */
function repairDepthwiseLayer(): void {
  const layer = prototypeOf("DepthwiseConv2D");
  const { call, computeOutputShape } = layer;
  layer.call = function (inputs, kwargs) {
    const inside = insides("DepthwiseConv2D", this);
    const { depthwiseKernel, bias, activation, strides, padding, dilationRate, dataFormat } =
      inside;
    if (!isDilated(dilationRate)) return call.call(this, inputs, kwargs);
    return tf.tidy(() => {
      const isFirst = dataFormat === "channelsFirst";
      const input = [inputs].flat()[0]!;
      const images = (isFirst ? tf.transpose(input, [0, 2, 3, 1]) : input) as Tensor4D;
      const kernel = depthwiseKernel.read() as Tensor4D;
      const convolved = tf.depthwiseConv2d(images, kernel, strides, padding, "NHWC", dilationRate);
      const output = bias == null ? convolved : tf.add(convolved, bias.read());
      return activation.apply(isFirst ? tf.transpose(output, [0, 3, 1, 2]) : output);
    });
  };
  layer.computeOutputShape = function (inputShape) {
    const { kernelSize, dilationRate } = insides("DepthwiseConv2D", this);
    // As a kernel without gaps that reaches as far.
    const reach = kernelSize.map((size, i) => (size - 1) * dilationRate[i]! + 1);
    return computeOutputShape.call(
      Object.create(this, { kernelSize: { value: reach } }),
      inputShape,
    );
  };
}
