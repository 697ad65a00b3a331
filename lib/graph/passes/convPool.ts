/**
 * Gives a network's first convolution and the pooling behind it kernels of their own
 * (`lib/native/session/conv_pool.cc`).
 *
 * What a first convolution makes is by far the largest of all values, and a 2×2 pooling throws three quarters of them
 * away. The kernels never write them: they keep what the pooling leaves and where in its window that was, and the
 * filter's gradient needs no more. After `useBiasKernels` and `activateAfterPooling`, which make the chain that is
 * looked for.
 */
import { DType } from "../../tfjs";
import type { GraphAttr } from "../attributes";
import type { GraphBuilder, GraphNode, Output } from "../graphBuilder";
import { nodeName } from "../graphBuilder";
import { Users } from "./structure";

/** Rewrites `graph` in place; only where the kernels run (`hasConvPool()` of lib/engine). */
export function useConvPool(graph: GraphBuilder): void {
  const users = new Users(graph);
  for (const node of graph.nodes) {
    const found = firstLayer(graph, { conv: node, users });
    if (found !== undefined) replace(graph, found);
  }
}

/** Convolution → bias → pooling, and how the gradient of the filter comes back. */
interface FirstLayer {
  conv: GraphNode;
  bias: GraphNode;
  pool: GraphNode;
  /** The pooling's gradient, and reshapes that tfjs leaves behind it. */
  gradients: GraphNode[];
  filterGrad: GraphNode;
}

/** The layer of a convolution that needs no gradient of its images; undefined for any other. */
function firstLayer(
  graph: GraphBuilder,
  { conv, users }: { conv: GraphNode; users: Users },
): FirstLayer | undefined {
  if (conv.op !== "Conv2D" || !hasKernel(graph, conv)) return undefined;
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
  return { conv, bias, pool, gradients, filterGrad };
}

/** 3×3 on 1 or 3 channels to a multiple of 16, without padding, one pixel at a time. */
function hasKernel(graph: GraphBuilder, { attrs, inputs }: GraphNode): boolean {
  const [height, width, channels = 0, filters = 0] = graph.shapeOf(inputs[1]!) ?? [];
  return (
    height === 3 &&
    width === 3 &&
    [1, 3].includes(channels) &&
    filters > 0 &&
    filters % 16 === 0 &&
    isSame(attrs.T, { type: DType.float32 }) &&
    isSame(attrs.strides, { ints: [1, 1, 1, 1] }) &&
    isSame(attrs.dilations, { ints: [1, 1, 1, 1] }) &&
    isSame(attrs.padding, { string: "VALID" }) &&
    isSame(attrs.data_format, { string: "NHWC" })
  );
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
): void {
  const [images, filter] = conv.inputs as [Output, Output];
  const places = `${pool.name}:1`;
  Object.assign(pool, {
    op: "ConvnetsConvPool",
    inputs: [images, filter, bias.inputs[1]],
    attrs: {},
    shapes: [pool.shapes[0], pool.shapes[0]],
    dtypes: [DType.float32, DType.uint8],
  });
  Object.assign(filterGrad, {
    op: "ConvnetsConvPoolGrad",
    inputs: [images, places, gradients[0]!.inputs[2]],
    attrs: {},
  });
  for (const node of [conv, bias, ...gradients]) graph.remove(node);
}
