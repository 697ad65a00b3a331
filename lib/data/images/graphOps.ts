/** The ops that the image graphs are put together from. */

import type { GraphBuilder, Output } from "../../graph";
import { DType } from "../../tfjs";

/** Height and width of an image, int32 scalars. */
export function lengthsOf(graph: GraphBuilder, image: Output): [height: Output, width: Output] {
  const shape = graph.op("Shape", [image], {
    attrs: { T: { type: DType.uint8 }, out_type: { type: DType.int32 } },
  });
  const unpack = graph.op("Unpack", [shape], {
    attrs: { num: { int: 3 }, T: { type: DType.int32 }, axis: { int: 0 } },
  });
  return [unpack, `${unpack}:1`];
}

export function asBatch(graph: GraphBuilder, image: Output): Output {
  return graph.op("ExpandDims", [image, graph.int32(0)], {
    attrs: { T: { type: DType.uint8 }, Tdim: { type: DType.int32 } },
  });
}

export function pack(graph: GraphBuilder, scalars: Output[]): Output {
  return graph.op("Pack", scalars, {
    attrs: { N: { int: scalars.length }, T: { type: DType.int32 }, axis: { int: 0 } },
  });
}

export function minimum(graph: GraphBuilder, a: Output, b: Output, dtype: number): Output {
  return graph.op("Minimum", [a, b], { attrs: { T: { type: dtype } } });
}

export function maximum(graph: GraphBuilder, a: Output, b: Output, dtype: number): Output {
  return graph.op("Maximum", [a, b], { attrs: { T: { type: dtype } } });
}

export function divide(graph: GraphBuilder, a: Output, b: Output): Output {
  return graph.op("RealDiv", [a, b], { attrs: { T: { type: DType.float32 } } });
}

/**
 * A float32 constant to divide by. TensorFlow would turn the division by a plain constant into a multiplication
 * by its reciprocal, which rounds otherwise than Keras; a placeholder with a default it must leave alone.
 */
export function divisor(graph: GraphBuilder, value: number): Output {
  return graph.op("PlaceholderWithDefault", [graph.float32(value)], {
    attrs: { dtype: { type: DType.float32 }, shape: { shape: [] } },
  });
}

export function toFloat(graph: GraphBuilder, value: Output): Output {
  return cast(graph, value, DType.int32, DType.float32);
}

export function toInt(graph: GraphBuilder, value: Output): Output {
  return cast(graph, value, DType.float32, DType.int32);
}

export function cast(graph: GraphBuilder, value: Output, from: number, to: number): Output {
  return graph.op("Cast", [value], {
    attrs: { SrcT: { type: from }, DstT: { type: to }, Truncate: { bool: false } },
  });
}
