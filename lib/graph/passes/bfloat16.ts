/**
 * Computes the heavy ops in bfloat16.
 *
 * Convolutions, matrix products, pooling, activations between them and the gradients of all these take and give
 * bfloat16; variables, losses, statistics and everything else stay float32. Casts stand only where the two meet.
 *
 * @see https://arxiv.org/abs/1905.12322 (A study of bfloat16 for deep learning training)
 */
import { DType } from "../../tfjs";
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

/** Cheap ops that keep bfloat16 when they stand among heavy ones; on images ([batch, h, w, c]) only. */
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

/** Rewrites `graph` in place. */
export function useBfloat16(graph: GraphBuilder): void {
  const nodes = graph.nodes;
  const chosen = new Map<string, number[]>();
  for (const node of nodes) {
    const values = valueInputs(graph, node);
    if (values !== undefined) chosen.set(node.name, values);
  }
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

function valueInputs(graph: GraphBuilder, node: GraphNode): number[] | undefined {
  const type = node.attrs.T;
  if (type !== undefined && "type" in type && type.type !== DType.float32) return undefined;
  if (HEAVY[node.op] !== undefined) return HEAVY[node.op];
  const values = BETWEEN[node.op];
  return values !== undefined && graph.shapeOf(node.inputs[values[0]!]!)?.length === 4
    ? values
    : undefined;
}
