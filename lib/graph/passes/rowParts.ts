/**
 * Runs what looks at each example by itself, and is remembered by nobody, for a part of the batch after another.
 *
 * A frozen base is such a thing: no gradient asks for its activations, and the first of them are by far the largest
 * values of a step. VGG16's first block makes two of 265 MB from 32 pictures of 180×180; from 8 at a time, two of 66.
 */
import { DType } from "../../tfjs";
import type { GraphBuilder, GraphNode, Output } from "../graphBuilder";
import { nodeName } from "../graphBuilder";
import { largestRows, type Rows, rowBytes, rowsOf, sourceOf } from "./rows";
import { Users } from "./structure";

/** What is computed in parts, and by how many of them. */
export interface RowParts {
  parts: number;
  /** Only where a value has at least so many bytes for the whole batch. */
  fromBytes: number;
}

/**
 * The smallest batch of which a graph could compute something in parts; undefined where there is nothing.
 *
 * Each part has two examples or more: TensorFlow has cases of its own for one, and for none.
 */
export function batchForParts(graph: GraphBuilder, options: RowParts): number | undefined {
  const { parts, fromBytes } = options;
  const [rows, users] = [rowsOf(graph), new Users(graph)];
  const largest = largestRows(graph, rows);
  let least = Number.POSITIVE_INFINITY;
  for (const exit of rows.keys()) {
    const largestRow = largest.get(exit)!;
    const from = Math.max(2 * parts, Math.ceil(fromBytes / largestRow));
    // Regions come last: a deep network has as many as nodes, each with all that is before it.
    if (from >= least || !isWorthIt({ exit, largestRow }, from, options)) continue;
    const region = regionOf(graph, { exit, rows, users });
    if (region !== undefined && isClosed(region, users)) least = from;
  }
  return Number.isFinite(least) ? least : undefined;
}

/** Rewrites `graph` in place, for batches from `batchForParts` on; `batchSize` is a usual one. */
export function computeInParts(
  graph: GraphBuilder,
  { batchSize, ...options }: RowParts & { batchSize: number },
): void {
  // Settled before: the parts themselves must not be taken apart again.
  const rows = rowsOf(graph);
  for (;;) {
    const users = new Users(graph);
    const largest = largestRows(graph, rows);
    let best: Region | undefined;
    for (const exit of rows.keys()) {
      if (!isWorthIt({ exit, largestRow: largest.get(exit)! }, batchSize, options)) continue;
      const region = regionOf(graph, { exit, rows, users });
      if (region === undefined) continue;
      if (best !== undefined && region.nodes.size <= best.nodes.size) continue;
      if (isClosed(region, users)) best = region;
    }
    if (best === undefined) return;
    replace(graph, best, options.parts);
    for (const node of best.nodes) rows.delete(node);
  }
}

/** Nodes of which only the last one's value is used elsewhere. */
interface Region {
  /** Each behind the nodes whose values it takes. */
  nodes: Set<GraphNode>;
  exit: GraphNode;
  /** Values from elsewhere whose rows the nodes take. */
  roots: Set<Output>;
}

/** What leads to a node; undefined as soon as a value of it is seen to be used elsewhere. */
function regionOf(
  graph: GraphBuilder,
  { exit, rows, users }: { exit: GraphNode; rows: Rows; users: Users },
): Region | undefined {
  const nodes = new Set<GraphNode>();
  const roots = new Set<Output>();
  const open = [exit];
  for (let node = open.at(-1); node !== undefined; node = open.at(-1)) {
    // A copy would run without what the node waits for.
    if (node.control.length > 0) return undefined;
    if (node !== exit && users.of(node).some((user) => !rows.has(user))) return undefined;
    const missing: GraphNode[] = [];
    for (const input of rows.get(node)!) {
      const source = sourceOf(graph, rows, input);
      if (source === undefined) roots.add(input);
      else if (!nodes.has(source)) missing.push(source);
    }
    open.push(...missing);
    if (missing.length > 0) continue; // the node comes again, behind them
    nodes.add(node);
    open.pop();
  }
  return { nodes, exit, roots };
}

function isClosed({ nodes, exit, roots }: Region, users: Users): boolean {
  for (const node of nodes) {
    if (node !== exit && users.of(node).some((user) => !nodes.has(user))) return false;
  }
  return roots.size > 0;
}

/** Whether a value on the way is large, and what comes out is not. */
function isWorthIt(
  { exit, largestRow }: { exit: GraphNode; largestRow: number },
  batchSize: number,
  { fromBytes }: RowParts,
): boolean {
  if (batchSize * rowBytes(exit) > fromBytes / 4) return false;
  return batchSize * largestRow >= fromBytes;
}

function replace(graph: GraphBuilder, { nodes, exit, roots }: Region, parts: number): void {
  const partsOf = new Map([...roots].map((root) => [root, splitRows(graph, root, parts)]));
  let last: Output | undefined;
  const results: Output[] = [];
  for (let part = 0; part < parts; part++) {
    const copies = new Map<string, Output>();
    for (const node of nodes) {
      const rows = node.inputs.map((input) => partsOf.get(input)?.[part]);
      const startsPart = rows.some((row) => row !== undefined);
      const inputs = node.inputs.map((input, i) => rows[i] ?? copies.get(nodeName(input)) ?? input);
      const copy = graph.op(node.op, inputs, {
        attrs: node.attrs,
        name: `${node.name}/part_${part}`,
        control: startsPart && last !== undefined ? [last] : [],
        shapes: node.shapes,
        dtypes: node.dtypes,
      });
      copies.set(node.name, copy);
    }
    last = copies.get(exit.name)!;
    results.push(last);
  }
  for (const node of nodes) if (node !== exit) graph.remove(node);
  const dtype = { type: exit.dtypes[0]! };
  exit.op = "ConcatV2";
  exit.inputs = [...results, graph.int32(0)];
  exit.attrs = { N: { int: parts }, T: dtype, Tidx: { type: DType.int32 } };
  exit.shapes = [exit.shapes[0]];
}

/** A value's rows in parts of one size or, the first of them, of one less. */
function splitRows(graph: GraphBuilder, value: Output, parts: number): Output[] {
  const int32 = { type: DType.int32 };
  const dtype = graph.dtypeOf(value)!;
  const shape = graph.op("Shape", [value], { attrs: { T: { type: dtype }, out_type: int32 } });
  const bounds = [[0], [1], [1]].map((bound) => graph.int32(bound));
  const rows = graph.op("StridedSlice", [shape, ...bounds], {
    attrs: { T: int32, Index: int32, shrink_axis_mask: { int: 1 } },
  });
  const edge = (first: number) => {
    const numbers = graph.int32(Array.from({ length: parts }, (_, i) => first + i));
    const product = graph.op("Mul", [rows, numbers], { attrs: { T: int32 } });
    return graph.op("FloorDiv", [product, graph.int32(parts)], { attrs: { T: int32 } });
  };
  const sizes = graph.op("Sub", [edge(1), edge(0)], { attrs: { T: int32 } });
  const outputs = Array.from({ length: parts }, () => graph.shapeOf(value));
  const split = graph.op("SplitV", [value, sizes, graph.int32(0)], {
    attrs: { num_split: { int: parts }, T: { type: dtype }, Tlen: int32 },
    shapes: outputs,
    dtypes: outputs.map(() => dtype),
  });
  return outputs.map((_, i) => (i === 0 ? split : `${split}:${i}`));
}
