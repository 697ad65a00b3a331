/**
 * Gives convolutions by fixed filters kernels of their own (`lib/native/session/convolve.cc`).
 *
 * The filter is put in order once, with its bias; the zeros around a picture, the addition and the activation are part
 * of the convolution. After `useBiasKernels` and `foldNormalizations`, which make the additions, and before `keepFixed`,
 * which keeps the filters.
 */
import { DType } from "../../tfjs";
import type { GraphAttr } from "../attributes";
import type { GraphBuilder, GraphNode, Output } from "../graphBuilder";
import { type IsFixed, Origins } from "./kept";
import { constantInts, convolutionOps, Users } from "./structure";

/** What activations make of what is less or more. */
const bounds: Record<string, { least: number; most: number }> = {
  Relu: { least: 0, most: Number.POSITIVE_INFINITY },
  Relu6: { least: 0, most: 6 },
};
const unbounded = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };

/** Rewrites `graph` in place; only where the kernels run (`hasConvolve()` of lib/engine). */
export function useConvolve(graph: GraphBuilder, options: { isFixed: IsFixed }): void {
  const users = new Users(graph);
  const origins = new Origins(graph, options.isFixed);
  for (const node of graph.nodes) {
    const found = fixedConvolution(graph, { conv: node, users, origins });
    if (found !== undefined) replace(graph, found, users);
  }
}

/** Whether a graph has convolutions with kernels of our own. */
export function convolves(graph: GraphBuilder): boolean {
  return graph.nodes.some(({ op }) => op.startsWith("ConvnetsConvolve"));
}

/** A convolution and what it does besides. */
interface FixedConvolution {
  conv: GraphNode;
  bias: GraphNode | undefined;
  activation: GraphNode | undefined;
  /** What it reads pictures through. */
  pad: Padding | undefined;
}

function fixedConvolution(
  graph: GraphBuilder,
  { conv, users, origins }: { conv: GraphNode; users: Users; origins: Origins },
): FixedConvolution | undefined {
  if (!convolutionOps.has(conv.op) || !hasKernel(graph, conv)) return undefined;
  if (!origins.of(conv.inputs[1]!).isFixed) return undefined;
  const onlyUser = (node: GraphNode) => {
    const [user, ...others] = users.of(node);
    return others.length === 0 && user?.inputs[0] === node.name ? user : undefined;
  };
  const next = onlyUser(conv);
  const hasBias = next?.op === "BiasAdd" && origins.of(next.inputs[1]!).isFixed;
  const bias = hasBias ? next : undefined;
  const last = onlyUser(bias ?? conv);
  const activation = last !== undefined && last.op in bounds ? last : undefined;
  return { conv, bias, activation, pad: paddingOf(graph, conv) };
}

function hasKernel(graph: GraphBuilder, { op, attrs, inputs }: GraphNode): boolean {
  const [images, filter] = inputs.map((input) => graph.shapeOf(input));
  if (images?.length !== 4 || filter?.length !== 4 || filter.some((size) => size < 1)) return false;
  const [, , channels, filters] = filter as [number, number, number, number];
  const isDepthwise = op === "DepthwiseConv2dNative";
  return (
    images[3] === channels &&
    (!isDepthwise || (filters === 1 && channels % 8 === 0)) &&
    isSame(attrs.T, { type: DType.float32 }) &&
    (attrs.data_format === undefined || isSame(attrs.data_format, { string: "NHWC" })) &&
    (attrs.dilations === undefined || isSame(attrs.dilations, { ints: [1, 1, 1, 1] })) &&
    (isSame(attrs.padding, { string: "VALID" }) || isSame(attrs.padding, { string: "SAME" }))
  );
}

function isSame(attr: GraphAttr | undefined, wanted: GraphAttr): boolean {
  return JSON.stringify(attr) === JSON.stringify(wanted);
}

/** Zeros around pictures. */
interface Padding {
  node: GraphNode;
  /** Rows and columns: top, bottom, left, right. */
  pads: number[];
}

function paddingOf(graph: GraphBuilder, { attrs, inputs }: GraphNode): Padding | undefined {
  const node = graph.node(inputs[0]!);
  if (!["Pad", "PadV2"].includes(node.op) || isSame(attrs.padding, { string: "SAME" })) {
    return undefined;
  }
  const [, sizes, value] = node.inputs as [Output, Output, Output?];
  const pads = constantInts(graph.node(sizes));
  if (pads?.length !== 8 || pads.some((size) => size < 0)) return undefined;
  if ([0, 1, 6, 7].some((i) => pads[i] !== 0)) return undefined;
  return value === undefined || isZero(graph.node(value))
    ? { node, pads: pads.slice(2, 6) }
    : undefined;
}

function isZero({ op, attrs: { value } }: GraphNode): boolean {
  if (op !== "Const" || value === undefined || !("tensor" in value)) return false;
  const { buffer, byteOffset, byteLength } = value.tensor.values;
  return new Uint8Array(buffer, byteOffset, byteLength).every((byte) => byte === 0);
}

function replace(
  graph: GraphBuilder,
  { conv, bias, activation, pad }: FixedConvolution,
  users: Users,
): void {
  const [images, filter] = [pad?.node.inputs[0] ?? conv.inputs[0]!, conv.inputs[1]!];
  const filterShape = graph.shapeOf(filter)!;
  const isDepthwise = conv.op === "DepthwiseConv2dNative";
  const [height, width, channels, multiplier] = filterShape as [number, number, number, number];
  const filters = isDepthwise ? channels : multiplier;
  const addend = bias?.inputs[1] ?? graph.float32(new Array(filters).fill(0));
  const strides = (conv.attrs.strides as { ints: number[] }).ints.slice(1, 3);
  const { least, most } = activation === undefined ? unbounded : bounds[activation.op]!;
  const last = activation ?? bias ?? conv;
  for (const node of [conv, bias]) if (node !== undefined && node !== last) graph.remove(node);
  if (pad !== undefined && users.of(pad.node).length === 1) graph.remove(pad.node);
  last.op = isDepthwise ? "ConvnetsConvolveDepthwise" : "ConvnetsConvolve";
  last.inputs = isDepthwise
    ? [images, filter, addend]
    : [images, packed(graph, filter, { addend, depth: height * width * channels, filters })];
  last.attrs = {
    filter_shape: { ints: [height, width, channels, filters] },
    strides: { ints: strides },
    pads: { ints: pad?.pads ?? [0, 0, 0, 0] },
    same: { bool: isSame(conv.attrs.padding, { string: "SAME" }) },
    least: { float: least },
    most: { float: most },
  };
  last.shapes = [last.shapes[0] ?? conv.shapes[0]];
  last.dtypes = [DType.float32];
}

/** A filter as the kernel takes it: sixteens of its channels, each with the bias first. */
function packed(
  graph: GraphBuilder,
  filter: Output,
  { addend, depth, filters }: { addend: Output; depth: number; filters: number },
): Output {
  return graph.op("ConvnetsPackFilter", [filter, addend], {
    shapes: [[Math.ceil(filters / 16) * 16 * (1 + depth)]],
    dtypes: [DType.float32],
  });
}
