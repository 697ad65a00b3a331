/**
 * Computes the heavy ops in bfloat16.
 *
 * Convolutions, matrix products, pooling, activations between them and the gradients of all these take and give
 * bfloat16; variables, losses, statistics and everything else stay float32. Casts stand only where the two meet.
 *
 * @see https://arxiv.org/abs/1905.12322 (A study of bfloat16 for deep learning training)
 */
import { DType } from "../../tfjs";
import type { GraphAttr } from "../attributes";
import type { GraphBuilder, GraphNode, Output } from "../graphBuilder";
import { nodeName } from "../graphBuilder";

/** For each op, which of its inputs hold values (the others are shapes and the like). */
const HEAVY: Record<string, number[]> = {
  Conv2D: [0, 1],
  Conv2DBackpropFilter: [0, 2],
  Conv2DBackpropInput: [1, 2],
  DepthwiseConv2dNative: [0, 1],
  DepthwiseConv2dNativeBackpropFilter: [0, 2],
  DepthwiseConv2dNativeBackpropInput: [1, 2],
  MatMul: [0, 1],
  BatchMatMulV2: [0, 1],
};

/** Cheap ops that keep bfloat16 behind heavy ones; on images ([batch, h, w, c]) only. */
const BETWEEN: Record<string, number[]> = {
  BiasAdd: [0, 1],
  BiasAddGrad: [0],
  Relu: [0],
  ReluGrad: [0, 1],
  Relu6: [0],
  Relu6Grad: [0, 1],
  MaxPool: [0],
  MaxPoolGrad: [0, 1, 2],
  AvgPool: [0],
  AvgPoolGrad: [1],
};

/**
 * Rewrites `graph` in place.
 *
 * @param options.ops The heavy ops that it is for. All by default.
 */
export function useBfloat16(
  graph: GraphBuilder,
  { ops }: { ops?: ReadonlySet<string> } = {},
): void {
  const nodes = graph.nodes;
  const chosen = chosenNodes(graph, ops);
  const casts = new Map<string, Output>();
  const cast = (value: Output, from: number, to: number): Output => {
    const key = `${value}>${to}`;
    const made =
      casts.get(key) ??
      graph.op("Cast", [value], {
        attrs: { SrcT: { type: from }, DstT: { type: to }, Truncate: { bool: false } },
        shapes: [graph.shapeOf(value)],
        dtypes: [to],
      });
    casts.set(key, made);
    return made;
  };
  for (const node of nodes) {
    const values = chosen.get(node.name);
    node.inputs = node.inputs.map((input, i) => {
      const isLow = chosen.has(nodeName(input));
      const wantsLow = values?.includes(i) ?? false;
      if (isLow === wantsLow) return input;
      return wantsLow
        ? cast(input, DType.float32, DType.bfloat16)
        : cast(input, DType.bfloat16, DType.float32);
    });
    if (values !== undefined) {
      node.attrs.T = { type: DType.bfloat16 };
      node.dtypes[0] = DType.bfloat16;
    }
  }
}

/** Of each heavy op in `graph` the node with the largest values. */
export function heavyNodes(graph: GraphBuilder): GraphNode[] {
  const largest = new Map<string, { node: GraphNode; size: number }>();
  for (const node of graph.nodes) {
    const values = heavyInputs(node);
    if (values === undefined) continue;
    const shapes = [node.name, ...values.map((i) => node.inputs[i]!)].map((value) =>
      graph.shapeOf(value),
    );
    if (shapes.includes(undefined)) continue;
    const size = shapes.reduce((sum, shape) => sum + Math.abs(productOf(shape!)), 0);
    if (size > (largest.get(node.op)?.size ?? 0)) largest.set(node.op, { node, size });
  }
  return [...largest.values()].map(({ node }) => node);
}

const productOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Which inputs of a heavy op on float32 hold values; undefined for any other op. */
export function heavyInputs({ op, attrs }: GraphNode): readonly number[] | undefined {
  return isFloat32(attrs.T) ? HEAVY[op] : undefined;
}

/** The nodes that compute in bfloat16, by name, with the inputs that hold values. */
function chosenNodes(
  graph: GraphBuilder,
  ops: ReadonlySet<string> | undefined,
): Map<string, readonly number[]> {
  const chosen = new Map<string, readonly number[]>();
  for (const node of graph.nodes) {
    const values = heavyInputs(node);
    if (values !== undefined && (ops?.has(node.op) ?? true)) chosen.set(node.name, values);
  }
  // A cheap op follows what it is given, and what it gives may be given to others.
  for (let before = -1; before < chosen.size; ) {
    before = chosen.size;
    for (const node of graph.nodes) {
      const values = BETWEEN[node.op];
      if (values === undefined || chosen.has(node.name) || !isFloat32(node.attrs.T)) continue;
      if (graph.shapeOf(node.inputs[values[0]!]!)?.length !== 4) continue;
      const isGiven = values.some((i) => chosen.has(nodeName(node.inputs[i]!)));
      if (isGiven) chosen.set(node.name, values);
    }
  }
  return chosen;
}

const isFloat32 = (type: GraphAttr | undefined) =>
  type === undefined || !("type" in type) || type.type === DType.float32;
