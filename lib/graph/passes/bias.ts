/**
 * Gives biases their own kernels.
 *
 * tfjs adds a bias by a broadcasting addition and gets its gradient by a sum over all other axes. TensorFlow's
 * `BiasAdd` and `BiasAddGrad` compute the same, can be fused with the convolution before them and take the batch
 * apart among threads.
 */
import { DType } from "../../tfjs";
import type { GraphBuilder, GraphNode, Output } from "../graphBuilder";
import { constantInts } from "./structure";

/** Rewrites the additions and sums of `graph` in place. */
export function useBiasKernels(graph: GraphBuilder): void {
  for (const node of graph.nodes) {
    if (node.op === "AddV2" || node.op === "Add") rewriteAddition(graph, node);
    else if (node.op === "Sum") rewriteSum(graph, node);
  }
}

function rewriteAddition(graph: GraphBuilder, node: GraphNode): void {
  const [values, addend] = node.inputs as [Output, Output];
  const shape = graph.shapeOf(values);
  const bias = biasVector(graph, addend);
  if (bias === undefined || shape === undefined || shape.length < 2) return;
  if (shape.at(-1) !== graph.shapeOf(bias)![0] || node.dtypes[0] !== DType.float32) return;
  node.op = "BiasAdd";
  node.inputs = [values, bias];
  node.attrs = { T: { type: DType.float32 }, data_format: { string: "NHWC" } };
}

/** The vector behind an addend of shape [c] or [1, …, 1, c], when it is a variable's value. */
function biasVector(graph: GraphBuilder, addend: Output): Output | undefined {
  let source = addend;
  if (graph.node(source).op === "Reshape") {
    const shape = graph.shapeOf(source);
    if (shape?.slice(0, -1).some((size) => size !== 1)) return undefined;
    source = graph.node(source).inputs[0]!;
  }
  const isVector = graph.shapeOf(source)?.length === 1;
  return isVector && graph.node(source).op === "ReadVariableOp" ? source : undefined;
}

function rewriteSum(graph: GraphBuilder, node: GraphNode): void {
  const [values, axes] = node.inputs as [Output, Output];
  const rank = graph.shapeOf(values)?.length;
  const keepDims = node.attrs.keep_dims;
  if (rank === undefined || rank < 2 || graph.dtypeOf(values) !== DType.float32) return;
  if (keepDims !== undefined && "bool" in keepDims && keepDims.bool) return;
  const summed = constantInts(graph.node(axes));
  if (summed === undefined || summed.length !== rank - 1) return;
  if ([...summed].sort((a, b) => a - b).some((axis, i) => axis !== i)) return;
  node.op = "BiasAddGrad";
  node.inputs = [values];
  node.attrs = { T: { type: DType.float32 }, data_format: { string: "NHWC" } };
}
