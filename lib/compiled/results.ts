/** What a step takes and gives, in the dtype and form that is wanted. */
import type { GraphBuilder, Output } from "../graph";
import { DType } from "../tfjs";

/** A value of its own for a result: passes may change the node that made it, but not what is fetched. */
export function fetchable(graph: GraphBuilder, output: Output): Output {
  const dtype = graph.dtypeOf(output)!;
  return graph.op("Identity", [output], {
    attrs: { T: { type: dtype } },
    shapes: [graph.shapeOf(output)],
    dtypes: [dtype],
  });
}

/** All numbers of scalars and vectors, one after another. */
export function packNumbers(graph: GraphBuilder, results: Output[]): Output {
  const to = DType.float32;
  const [type, int32] = [{ type: to }, { type: DType.int32 }];
  const floats = results.map((value) =>
    castTo(graph, value, { from: graph.dtypeOf(value) ?? to, to }),
  );
  const N = { int: floats.length };
  if (floats.every((value) => graph.shapeOf(value)?.length === 0)) {
    const attrs = { N, T: type, axis: { int: 0 } };
    return graph.op("Pack", floats, { attrs, dtypes: [to] });
  }
  const vector = graph.int32([-1]);
  const rows = floats.map((value) =>
    graph.op("Reshape", [value, vector], { attrs: { T: type, Tshape: int32 }, dtypes: [to] }),
  );
  const attrs = { N, T: type, Tidx: int32 };
  return graph.op("ConcatV2", [...rows, graph.int32(0)], { attrs, dtypes: [to] });
}

/** A value in another dtype. */
export function castTo(
  graph: GraphBuilder,
  value: Output,
  { from, to }: { from: number; to: number },
): Output {
  if (from === to) return value;
  return graph.op("Cast", [value], {
    attrs: { SrcT: { type: from }, DstT: { type: to } },
    shapes: [graph.shapeOf(value)],
    dtypes: [to],
  });
}
