/** Keeping the aspect ratio: what is cut off, or what is filled up. */

import type { GraphBuilder, Output } from "../../graph";
import { DType } from "../../tfjs";
import {
  asBatch,
  divide,
  divisor,
  lengthsOf,
  maximum,
  minimum,
  pack,
  toFloat,
  toInt,
} from "./graphOps";
import { resize } from "./interpolate";
import type { ResizeSettings } from "./settings";

/** The largest part in the middle that has the wanted aspect ratio. */
export function cropped(graph: GraphBuilder, image: Output, settings: ResizeSettings): Output {
  const [height, width] = lengthsOf(graph, image);
  const rows = cropLength(graph, height, width, settings.height, settings.width);
  const columns = cropLength(graph, width, height, settings.width, settings.height);
  const begin = pack(graph, [
    cropStart(graph, height, rows),
    cropStart(graph, width, columns),
    graph.int32(0),
  ]);
  const size = pack(graph, [rows, columns, graph.int32(-1)]);
  return graph.op("Slice", [image, begin, size], {
    attrs: { T: { type: DType.uint8 }, Index: { type: DType.int32 } },
  });
}

/** As much of `length` as fits: `other · target / otherTarget`, within [1, length]. */
function cropLength(
  graph: GraphBuilder,
  length: Output,
  other: Output,
  target: number,
  otherTarget: number,
): Output {
  const product = graph.op("Mul", [other, graph.int32(target)], {
    attrs: { T: { type: DType.int32 } },
  });
  const wanted = toInt(graph, divide(graph, toFloat(graph, product), divisor(graph, otherTarget)));
  return maximum(graph, minimum(graph, length, wanted, DType.int32), graph.int32(1), DType.int32);
}

function cropStart(graph: GraphBuilder, length: Output, kept: Output): Output {
  const rest = graph.op("Sub", [length, kept], { attrs: { T: { type: DType.int32 } } });
  return toInt(graph, divide(graph, toFloat(graph, rest), divisor(graph, 2)));
}

/** The whole image in the middle, zeros around it. */
export function resizedAndPadded(
  graph: GraphBuilder,
  image: Output,
  settings: ResizeSettings,
): Output {
  const [height, width] = lengthsOf(graph, image).map((length) => toFloat(graph, length)) as [
    Output,
    Output,
  ];
  const targets = {
    height: divisor(graph, settings.height),
    width: divisor(graph, settings.width),
  };
  const ratio = maximum(
    graph,
    divide(graph, width, targets.width),
    divide(graph, height, targets.height),
    DType.float32,
  );
  const rows = padded(graph, divide(graph, height, ratio), targets.height, settings.height);
  const columns = padded(graph, divide(graph, width, ratio), targets.width, settings.width);
  const small = resize(
    graph,
    asBatch(graph, image),
    pack(graph, [rows.length, columns.length]),
    settings.interpolation,
  );
  const none = graph.int32(0);
  const margins = pack(graph, [
    none,
    none,
    rows.before,
    rows.after,
    columns.before,
    columns.after,
    none,
    none,
  ]);
  const paddings = graph.op("Reshape", [margins, graph.int32([4, 2])], {
    attrs: { T: { type: DType.int32 }, Tshape: { type: DType.int32 } },
  });
  const made = settings.interpolation === "nearest" ? DType.uint8 : DType.float32;
  return graph.op("Pad", [small, paddings], {
    attrs: { T: { type: made }, Tpaddings: { type: DType.int32 } },
  });
}

/** A length in whole pixels and the margins that fill it up to the target. */
function padded(graph: GraphBuilder, exact: Output, floatTarget: Output, target: number) {
  const T = { type: DType.float32 };
  const length = toInt(graph, graph.op("Floor", [exact], { attrs: { T } }));
  const rest = graph.op("Sub", [floatTarget, exact], { attrs: { T } });
  const half = graph.op("Floor", [divide(graph, rest, divisor(graph, 2))], { attrs: { T } });
  const before = maximum(graph, graph.int32(0), toInt(graph, half), DType.int32);
  const filled = graph.op("AddV2", [before, length], { attrs: { T: { type: DType.int32 } } });
  const after = graph.op("Sub", [graph.int32(target), filled], {
    attrs: { T: { type: DType.int32 } },
  });
  return { length, before, after };
}
