/** What a loop over steps takes out of its arguments, and where it puts results. */
import { DType } from "../../engine";
import type { GraphBuilder, Output, TypedValue } from "../../graph";

/** The size of the first dimension. */
export function lengthOf(graph: GraphBuilder, { value, dtype }: TypedValue): Output {
  const shape = graph.op("Shape", [value], {
    attrs: { T: { type: dtype }, out_type: { type: DType.int32 } },
    dtypes: [DType.int32],
  });
  const [first, second] = [graph.int32([0]), graph.int32([1])];
  return graph.op("StridedSlice", [shape, first, second, graph.int32([1])], {
    attrs: { T: { type: DType.int32 }, Index: { type: DType.int32 }, shrink_axis_mask: { int: 1 } },
    shapes: [[]],
    dtypes: [DType.int32],
  });
}

/** Item `turn` of the first dimension. */
export function sliceAt(body: GraphBuilder, from: Output, turn: Output): Output {
  const int32 = { type: DType.int32 };
  const bound = (value: Output) =>
    body.op("Pack", [value], { attrs: { N: { int: 1 }, T: int32, axis: { int: 0 } } });
  const end = body.op("AddV2", [turn, body.int32(1)], { attrs: { T: int32 } });
  const dtype = body.dtypeOf(from)!;
  return body.op("StridedSlice", [from, bound(turn), bound(end), body.int32([1])], {
    attrs: { T: { type: dtype }, Index: int32, shrink_axis_mask: { int: 1 } },
    dtypes: [dtype],
  });
}

/** A value in another dtype. */
export function cast(
  body: GraphBuilder,
  value: Output,
  { from, to }: { from: number; to: number },
): Output {
  if (from === to) return value;
  return body.op("Cast", [value], {
    attrs: { SrcT: { type: from }, DstT: { type: to }, Truncate: { bool: false } },
    dtypes: [to],
  });
}

/** Puts a vector into a matrix as its row `turn`. */
export function setRow(
  body: GraphBuilder,
  { results, turn, row }: { results: Output; turn: Output; row: Output },
): Output {
  const first = body.int32(0);
  const expand = (value: Output, dtype: number) =>
    body.op("ExpandDims", [value, first], {
      attrs: { T: { type: dtype }, Tdim: { type: DType.int32 } },
    });
  const place = expand(expand(turn, DType.int32), DType.int32);
  return body.op("TensorScatterUpdate", [results, place, expand(row, DType.float32)], {
    attrs: { T: { type: DType.float32 }, Tindices: { type: DType.int32 } },
    dtypes: [DType.float32],
  });
}
