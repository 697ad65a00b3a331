/**
 * Gives a network's first convolution and the pooling behind it kernels of their own
 * (`lib/native/session/conv_pool.cc`).
 *
 * What a first convolution makes is by far the largest of all values, and a 2×2 pooling throws three quarters of them
 * away. The kernels never write them: they keep what the pooling leaves and where in its window that was, and the
 * filter's gradient needs no more. After `useBiasKernels` and `activateAfterPooling`, which make the chain that is
 * looked for.
 */
import type { VectorKernels } from "../../native";
import { DType } from "../../tfjs";
import type { GraphAttr } from "../attributes";
import type { GraphBuilder, GraphNode, Output } from "../graphBuilder";
import { nodeName } from "../graphBuilder";
import { Users } from "./structure";

/** What a first layer is given, and how many filters it has. */
export interface FirstLayerSize {
  height: number;
  width: number;
  channels: number;
  filters: number;
}

/** Sizes of the layers in `graph` that the kernels could compute. */
export function firstLayerSizes(graph: GraphBuilder): FirstLayerSize[] {
  return firstLayers(graph).map(({ size }) => size);
}

/**
 * Rewrites `graph` in place.
 *
 * @param options.kernels Which of them, as `ownKernels()` of lib/engine gives it.
 * @param options.where Which layers. All by default.
 */
export function useConvPool(
  graph: GraphBuilder,
  options: { kernels: VectorKernels; where?: (size: FirstLayerSize) => boolean },
): void {
  const { kernels, where = () => true } = options;
  for (const layer of firstLayers(graph)) {
    if (where(layer.size)) replace(graph, layer, kernels);
  }
}

function firstLayers(graph: GraphBuilder): FirstLayer[] {
  const users = new Users(graph);
  return graph.nodes.flatMap((conv) => firstLayer(graph, { conv, users }) ?? []);
}

/** Convolution → bias → pooling, and how the gradient of the filter comes back. */
interface FirstLayer {
  conv: GraphNode;
  bias: GraphNode;
  pool: GraphNode;
  /** The pooling's gradient, and reshapes that tfjs leaves behind it. */
  gradients: GraphNode[];
  filterGrad: GraphNode;
  size: FirstLayerSize;
}

/** The layer of a convolution that needs no gradient of its images; undefined for any other. */
function firstLayer(
  graph: GraphBuilder,
  { conv, users }: { conv: GraphNode; users: Users },
): FirstLayer | undefined {
  if (conv.op !== "Conv2D") return undefined;
  const size = sizeWithKernel(graph, conv);
  if (size === undefined) return undefined;
  const [bias, ...more] = users.of(conv);
  if (more.length > 0 || bias?.op !== "BiasAdd") return undefined;
  const pair = users.of(bias);
  const pool = pair.find(({ op }) => op === "MaxPool");
  const poolGrad = pair.find(({ op }) => op === "MaxPoolGrad");
  if (pair.length !== 2 || !pool || !poolGrad || !isHalving(pool)) return undefined;
  if (nodeName(poolGrad.inputs[1]!) !== pool.name) return undefined;
  const gradients = [poolGrad];
  let [filterGrad, ...others] = users.of(poolGrad);
  while (filterGrad?.op === "Reshape" && others.length === 0) {
    gradients.push(filterGrad);
    [filterGrad, ...others] = users.of(filterGrad);
  }
  if (others.length > 0 || filterGrad?.op !== "Conv2DBackpropFilter") return undefined;
  if (filterGrad.inputs[0] !== conv.inputs[0]) return undefined;
  return { conv, bias, pool, gradients, filterGrad, size };
}

/** The size of a layer of 3×3 on 1 or 3 channels to a multiple of 16, without padding, one pixel at a time. */
function sizeWithKernel(
  graph: GraphBuilder,
  { attrs, inputs }: GraphNode,
): FirstLayerSize | undefined {
  const [, height = -1, width = -1] = graph.shapeOf(inputs[0]!) ?? [];
  const [rows, columns, channels = 0, filters = 0] = graph.shapeOf(inputs[1]!) ?? [];
  const isKnown =
    height >= 4 &&
    width >= 4 &&
    rows === 3 &&
    columns === 3 &&
    [1, 3].includes(channels) &&
    filters > 0 &&
    filters % 16 === 0 &&
    isSame(attrs.T, { type: DType.float32 }) &&
    isSame(attrs.strides, { ints: [1, 1, 1, 1] }) &&
    isSame(attrs.dilations, { ints: [1, 1, 1, 1] }) &&
    isSame(attrs.padding, { string: "VALID" }) &&
    isSame(attrs.data_format, { string: "NHWC" });
  return isKnown ? { height, width, channels, filters } : undefined;
}

/** Whether a pooling takes the largest of each 2×2. */
function isHalving({ attrs }: GraphNode): boolean {
  return (
    isSame(attrs.ksize, { ints: [1, 2, 2, 1] }) &&
    isSame(attrs.strides, { ints: [1, 2, 2, 1] }) &&
    isSame(attrs.padding, { string: "VALID" })
  );
}

function isSame(attr: GraphAttr | undefined, wanted: GraphAttr): boolean {
  return JSON.stringify(attr) === JSON.stringify(wanted);
}

function replace(
  graph: GraphBuilder,
  { conv, bias, pool, gradients, filterGrad }: FirstLayer,
  kernels: VectorKernels,
): void {
  const [images, filter] = conv.inputs as [Output, Output];
  const places = `${pool.name}:1`;
  Object.assign(pool, {
    op: `ConvnetsConvPool${kernels}`,
    inputs: [images, filter, bias.inputs[1]],
    attrs: {},
    shapes: [pool.shapes[0], pool.shapes[0]],
    dtypes: [DType.float32, DType.uint8],
  });
  Object.assign(filterGrad, {
    op: `ConvnetsConvPoolGrad${kernels}`,
    inputs: [images, places, gradients[0]!.inputs[2]],
    attrs: {},
  });
  for (const node of [conv, bias, ...gradients]) graph.remove(node);
}
