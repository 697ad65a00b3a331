/** What a network's first layer takes, by TensorFlow's ops and by the kernels of `../native/session/conv_pool.cc`. */
import type { VectorKernels } from "../native";
import { DType } from "../tfjs";
import { GraphBuilder, type Output } from "./graphBuilder";
import type { HostTensor } from "./hostTensor";
import { type FirstLayerSize, useBfloat16, useConvPool } from "./passes";
import { noise, type Timed, timeGraphs } from "./timing";

/** Values of the convolution that are enough to time it by: four pictures of 180×180 with 32 filters. */
const TIMED_VALUES = 2 ** 22;

/** What is timed. */
interface FirstLayerOptions extends Pick<Timed, "parallel"> {
  /** The batch, of which as much is timed as takes some milliseconds. */
  batchSize: number;
  /** Which of the library's own kernels. */
  kernels: VectorKernels;
  /** Whether TensorFlow's ops are timed in bfloat16, too; the kernels compute in float32. */
  precision: "float32" | "bfloat16";
}

/** What is timed in a precision. */
export function firstLayerAlternatives(precision: "float32" | "bfloat16"): string[] {
  return ["tensorflow", "own", ...(precision === "bfloat16" ? ["tensorflow bfloat16"] : [])];
}

/** The milliseconds of a layer with its gradient, by alternative. */
export function timeFirstLayer(
  size: FirstLayerSize,
  options: FirstLayerOptions,
): Promise<Record<string, number>> {
  const { batchSize, kernels, precision, parallel } = options;
  const values = size.height * size.width * size.filters;
  const images = Math.min(batchSize, Math.max(4, Math.round(TIMED_VALUES / values)));
  const timed = (pass: (graph: GraphBuilder) => void): Timed => {
    const graph = new GraphBuilder();
    const { feeds, result } = addFirstLayer(graph, { ...size, images });
    pass(graph);
    return { graph, feeds, fetches: [result], parallel };
  };
  const passes: Record<string, (graph: GraphBuilder) => void> = {
    own: (graph) => useConvPool(graph, { kernels }),
    tensorflow: () => {},
    "tensorflow bfloat16": useBfloat16,
  };
  const names = firstLayerAlternatives(precision);
  return timeGraphs(Object.fromEntries(names.map((name) => [name, timed(passes[name]!)])));
}

/** Adds a convolution, bias, pooling, and the gradients of the bias and of the filter for the pooled values. */
function addFirstLayer(
  graph: GraphBuilder,
  { images, height, width, channels, filters }: FirstLayerSize & { images: number },
): { feeds: Record<string, HostTensor>; result: Output } {
  const op = (name: string, inputs: Output[], attrs: object, shape: number[]) =>
    graph.op(name, inputs, {
      attrs: { T: { type: DType.float32 }, ...attrs },
      shapes: [shape],
      dtypes: [DType.float32],
    });
  const given = {
    images: noise([images, height, width, channels]),
    filter: noise([3, 3, channels, filters]),
    bias: noise([filters]),
  };
  const [x, filter, bias] = Object.entries(given).map(([name, { dtype, shape }]) =>
    graph.placeholder(name, dtype, shape),
  ) as [Output, Output, Output];
  const format = { data_format: { string: "NHWC" }, padding: { string: "VALID" } };
  const conv = { ...format, strides: ints(1, 1, 1, 1), dilations: ints(1, 1, 1, 1) };
  const pooling = { ...format, strides: ints(1, 2, 2, 1), ksize: ints(1, 2, 2, 1) };
  const full = [images, height - 2, width - 2, filters];
  const half = [images, Math.floor(height / 2) - 1, Math.floor(width / 2) - 1, filters];
  const sums = op("Conv2D", [x, filter], conv, full);
  const biased = op("BiasAdd", [sums, bias], { data_format: format.data_format }, full);
  const pooled = op("MaxPool", [biased], pooling, half);
  const gradient = op("MaxPoolGrad", [biased, pooled, pooled], pooling, full);
  const sizes = graph.int32([3, 3, channels, filters]);
  const filterShape = [3, 3, channels, filters];
  const result = op("Conv2DBackpropFilter", [x, sizes, gradient], conv, filterShape);
  return { feeds: given, result: op("Identity", [result], {}, filterShape) };
}

const ints = (...values: number[]) => ({ ints: values });
