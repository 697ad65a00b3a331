/** How many floating-point operations a graph's nodes do. */
import type { NodeTime } from "../../lib/graph";

const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);

/** Operations of one output value of a filter, [height, width, channels, filters]. */
const perValue = (filter: readonly number[]) => 2 * product(filter.slice(0, 3));

/** By op, oneDNN's name left out; products and sums count apart, as is usual. */
const counts: readonly [op: RegExp, count: (node: NodeTime) => number][] = [
  [
    /DepthwiseConv2dNativeBackpropInput$/,
    ({ inputs }) => 2 * filterSize(inputs[1]) * product(inputs[2]!),
  ],
  [
    /DepthwiseConv2dNativeBackpropFilter$/,
    ({ shape, inputs }) => 2 * filterSize(shape) * product(inputs[2]!),
  ],
  [/DepthwiseConv2dNative$/, ({ shape, inputs }) => 2 * filterSize(inputs[1]) * product(shape)],
  [/Conv2DBackpropInput$/, ({ inputs }) => perValue(inputs[1]!) * product(inputs[2]!)],
  [
    /Conv2DBackpropFilter(WithBias)?$/,
    ({ shape, inputs }) => perValue(shape) * product(inputs[2]!),
  ],
  [/Conv2D$/, ({ shape, inputs }) => perValue(inputs[1]!) * product(shape)],
  [/ConvolveDepthwise$/, ({ shape, inputs }) => 2 * filterSize(inputs[1]) * product(shape)],
  [/Convolve$/, ({ shape, inputs }) => 2 * packedDepth(inputs[1]!, shape) * product(shape)],
  // A window of 2 × 2 for each pooled value; its gradient goes to one of them.
  [/ConvPoolAvx\d+$/, ({ shape, inputs }) => 4 * perValue(inputs[1]!) * product(shape)],
  [/ConvPoolGradAvx\d+$/, ({ shape, inputs }) => perValue(shape) * product(inputs[2]!)],
  // A matrix of m × k, whichever way it lies, with one of k × n.
  [/MatMul(V2)?$/, ({ shape, inputs }) => 2 * product(inputs[0]!) * (shape.at(-1) ?? 0)],
];

/** Height times width. */
function filterSize(filter: readonly number[] = []): number {
  return product(filter.slice(0, 2));
}

/** Height times width times channels of a filter in panels of sixteen, each with its bias. */
function packedDepth([values = 0]: readonly number[], result: readonly number[]): number {
  return values / (16 * Math.ceil(result.at(-1)! / 16)) - 1;
}

/** The operations of a node; 0 of what computes little beside reading and writing. */
export function flopsOf(node: NodeTime): number {
  const count = counts.find(([op]) => op.test(node.op))?.[1];
  const known = node.shape.length > 0 && node.inputs.every((shape, i) => i > 2 || shape.length > 0);
  return count === undefined || !known ? 0 : count(node);
}
