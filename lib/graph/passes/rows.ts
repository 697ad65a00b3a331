/** Which nodes of a graph look at each example of a batch by itself. */
import type { GraphBuilder, GraphNode, Output } from "../graphBuilder";
import { constantInts } from "./structure";

/** Ops whose first input alone has the examples; row for row. */
const ofFirst = new Set([
  "Conv2D",
  "DepthwiseConv2dNative",
  "ConvnetsConvolve",
  "ConvnetsConvolveDepthwise",
  "BiasAdd",
  "MaxPool",
  "AvgPool",
  "Cast",
  "Identity",
  "Relu",
  "Relu6",
  "Elu",
  "Selu",
  "LeakyRelu",
  "Sigmoid",
  "Tanh",
  "Softplus",
  "Square",
  "Neg",
  "Exp",
]);
/** Ops of two values of the same rows, or of one and a constant. */
const ofBoth = new Set(["AddV2", "Add", "Sub", "Mul", "RealDiv", "Maximum", "Minimum"]);
/** Ops that are row for row only by what their other inputs and attributes say. */
const normalizations = new Set(["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]);

/** What `rowInputs` finds, for all nodes of which it finds something. */
export type Rows = Map<GraphNode, Output[]>;

/** Finds the rows of a graph. */
export function rowsOf(graph: GraphBuilder): Rows {
  const rows: Rows = new Map();
  for (const node of graph.nodes) {
    const inputs = rowInputs(graph, node);
    if (inputs !== undefined) rows.set(node, inputs);
  }
  return rows;
}

/** Bytes of one row of a node's value. */
export function rowBytes({ shapes: [shape] }: GraphNode): number {
  return shape!.reduce((product, size) => product * Math.abs(size), 4);
}

/** Bytes of the largest row among a node's and those that lead to it. */
export function largestRows(graph: GraphBuilder, rows: Rows): Map<GraphNode, number> {
  const largest = new Map<GraphNode, number>();
  for (const last of rows.keys()) {
    const open = [last];
    for (let node = open.at(-1); node !== undefined; node = open.at(-1)) {
      const sources = rows.get(node)!.map((input) => sourceOf(graph, rows, input));
      const missing = sources.filter((source) => source !== undefined && !largest.has(source));
      open.push(...(missing as GraphNode[]));
      if (missing.length > 0) continue; // the node comes again, behind them
      let bytes = rowBytes(node);
      for (const source of sources) if (source) bytes = Math.max(bytes, largest.get(source)!);
      largest.set(node, bytes);
      open.pop();
    }
  }
  return largest;
}

/** The node that a value comes from, where its rows are followed further. */
export function sourceOf(graph: GraphBuilder, rows: Rows, input: Output): GraphNode | undefined {
  const source = graph.node(input);
  return source.name === input && rows.has(source) ? source : undefined;
}

/** The inputs whose rows become the rows of a node's value; undefined where that isn't all that the node does. */
function rowInputs(graph: GraphBuilder, node: GraphNode): Output[] | undefined {
  if (!hasRows(node.shapes[0])) return undefined;
  const [first, second] = node.inputs as [Output, Output];
  if (ofBoth.has(node.op)) {
    const rank = node.shapes[0]!.length;
    const shapes = [first, second].map((input) => graph.shapeOf(input));
    const rows = [first, second].filter((_, i) => shapes[i]?.length === rank && hasRows(shapes[i]));
    const isSame = (shape: readonly number[] | undefined) =>
      shape !== undefined && (shape.length < rank || shape[0] === 1 || hasRows(shape));
    return rows.length > 0 && shapes.every(isSame) ? rows : undefined;
  }
  const isOfRows =
    ofFirst.has(node.op) ||
    (node.op === "Pad" &&
      constantInts(graph.node(second))
        ?.slice(0, 2)
        .every((n) => n === 0)) ||
    (node.op === "Reshape" && keepsRows(graph, node)) ||
    (normalizations.has(node.op) && isFixed(node));
  return isOfRows && hasRows(graph.shapeOf(first)) ? [first] : undefined;
}

/** Whether a shape begins with the batch. */
function hasRows(shape: readonly number[] | undefined): boolean {
  return shape !== undefined && shape.length > 1 && shape[0] === -1 && !shape.includes(-1, 1);
}

/** Whether a reshape changes each row by itself; tfjs leaves many that change nothing. */
function keepsRows(
  graph: GraphBuilder,
  { inputs: [value, sizes], shapes: [shape] }: GraphNode,
): boolean {
  const product = (of: readonly number[]) => of.slice(1).reduce((all, size) => all * size, 1);
  const given = graph.shapeOf(value!);
  return (
    given !== undefined &&
    product(given) === product(shape!) &&
    constantInts(graph.node(sizes!))?.[0] === -1
  );
}

/** Whether a normalisation is by fixed statistics. */
function isFixed({ attrs: { is_training: training } }: GraphNode): boolean {
  return training !== undefined && "bool" in training && !training.bool;
}
