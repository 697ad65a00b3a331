/** Values of several steps in one: what a loop takes apart, and puts together. */
import type { GraphBuilder, Output } from "../graph";
import { DType } from "../tfjs";

const int32 = { type: DType.int32 };

/** How many numbers results of known shapes have together. */
export function widthOf(graph: GraphBuilder, results: readonly Output[]): number | undefined {
  let width = 0;
  for (const result of results) {
    const shape = graph.shapeOf(result);
    if (shape === undefined || shape.some((size) => size < 0)) return undefined;
    width += shape.reduce((product, size) => product * size, 1);
  }
  return width;
}

/** A vector that begins with a number of the graph. */
export function shapeOf(graph: GraphBuilder, first: Output, rest: readonly number[]): Output {
  const numbers = [first, ...rest.map((size) => graph.int32(size))];
  return graph.op("Pack", numbers, {
    attrs: { N: { int: numbers.length }, T: int32, axis: { int: 0 } },
    dtypes: [DType.int32],
  });
}

/** Rows one after another as `count` equal parts. */
export function stack(
  graph: GraphBuilder,
  value: Output,
  { count, each }: { count: Output; each: readonly number[] },
): Output {
  const dtype = graph.dtypeOf(value)!;
  return graph.op("Reshape", [value, shapeOf(graph, count, each)], {
    attrs: { T: { type: dtype }, Tshape: int32 },
    dtypes: [dtype],
  });
}

/** One of the items that a value is stacked of. */
export function itemOf(graph: GraphBuilder, stacked: Output, index: Output): Output {
  const dtype = graph.dtypeOf(stacked)!;
  return graph.op("GatherV2", [stacked, index, graph.int32(0)], {
    attrs: { Tparams: { type: dtype }, Tindices: int32, Taxis: int32, batch_dims: { int: 0 } },
    shapes: [graph.shapeOf(stacked)!.slice(1)],
    dtypes: [dtype],
  });
}

/** A matrix in which a vector has taken a row's place. */
export function withRow(
  graph: GraphBuilder,
  matrix: Output,
  { row, at }: { row: Output; at: Output },
): Output {
  const attrs = { T: { type: DType.float32 } };
  const flat = graph.op("Reshape", [row, graph.int32([1, -1])], {
    attrs: { ...attrs, Tshape: int32 },
    dtypes: [DType.float32],
  });
  return graph.op("XlaDynamicUpdateSlice", [matrix, flat, shapeOf(graph, at, [0])], {
    attrs: { ...attrs, Tindices: int32 },
    dtypes: [DType.float32],
  });
}
