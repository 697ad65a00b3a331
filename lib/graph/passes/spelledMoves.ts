/**
 * The movement of pixels by a projective transform as gathers, which XLA can compile.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/kernels/image/image_ops.h
 */
import { DType } from "../../tfjs";
import type { GraphAttr } from "../attributes";
import type { GraphNode, Output } from "../graphBuilder";
import type { Formula } from "./formula";

/** Where to read along one axis, float32 [batch, height, width], and how long it is, int32. */
interface Axis {
  at: Output;
  length: Output;
}

const bool = { type: DType.bool };
const float32 = { type: DType.float32 };
const int32 = { type: DType.int32 };

/** What `ImageProjectiveTransformV3` gives of float32 images. */
export function movedPixels(formula: Formula, { inputs, attrs }: GraphNode): Output[] {
  const [images, transforms, size, fill] = inputs as [Output, Output, Output, Output];
  const { graph } = formula;
  const shape = formula.op("Shape", [images], { T: float32, out_type: int32 }, DType.int32);
  const [batch, height, width] = [0, 1, 2].map((axis) => formula.item(shape, axis));
  const [rows, columns] = [formula.item(size, 0), formula.item(size, 1)];
  const countTo = (count: Output, ...sizes: (Output | number)[]) =>
    formula.op(
      "Reshape",
      [formula.toFloats(formula.range(count)), formula.vector(...sizes)],
      { T: float32, Tshape: int32 },
      DType.float32,
    );
  const [x, y] = [countTo(columns, 1, 1, columns), countTo(rows, 1, rows, 1)];
  const by = (place: number) =>
    formula.reshape(formula.column(transforms, place), graph.int32([-1, 1, 1]));
  const linear = (first: number, last: Output | number) => {
    const sum = formula.floats(
      "AddV2",
      formula.floats("Mul", by(first), x),
      formula.floats("Mul", by(first + 1), y),
    );
    return formula.floats("AddV2", sum, last);
  };
  const projection = linear(6, 1);
  const axis = (first: number, length: Output): Axis => {
    const at = formula.floats("RealDiv", linear(first, by(first + 2)), projection);
    return { at: within(formula, { at, length }, textOf(attrs.fill_mode)), length };
  };
  const [across, down] = [axis(0, width!), axis(3, height!)];
  const read = reader(formula, { images, fill, batch: batch! });
  const moved =
    textOf(attrs.interpolation) === "NEAREST"
      ? read(rounded(formula, down), rounded(formula, across))
      : between(formula, { down, across, read });
  const beyond = asPixels(formula, formula.compares("Equal", projection, 0), { T: bool });
  return [formula.select(beyond, fill, moved)];
}

/** Coordinates beyond the image as the fill mode brings them back. */
function within(formula: Formula, { at, length }: Axis, mode: string): Output {
  if (mode === "CONSTANT") return at;
  const f = (op: string, ...values: (Output | number)[]) => formula.floats(op, ...values);
  const len = formula.toFloats(length);
  const last = f("Sub", len, 1);
  const clamped = (value: Output) => f("Minimum", f("Maximum", value, 0), last);
  if (mode === "NEAREST") return clamped(at);
  const isBefore = formula.compares("Less", at, 0);
  const turns = (value: Output, period: Output) => f("Floor", f("RealDiv", value, period));
  if (mode === "WRAP") {
    const period = f("Maximum", last, 1);
    const after = f("Sub", at, f("Mul", len, turns(at, period)));
    const before = f("AddV2", at, f("Mul", len, f("AddV2", turns(f("Neg", at), period), 1)));
    const isAfter = formula.compares("Greater", at, last);
    return clamped(formula.select(isBefore, before, formula.select(isAfter, after, at)));
  }
  const period = f("Mul", len, 2);
  const after = f("Sub", at, f("Mul", period, turns(at, period)));
  const before = f("AddV2", at, f("Mul", period, turns(f("Neg", at), period)));
  const mirrored = (value: Output) => f("Sub", f("Sub", period, value), 1);
  return clamped(
    formula.select(
      isBefore,
      formula.select(
        formula.compares("Less", before, f("Neg", len)),
        f("AddV2", before, period),
        f("Sub", f("Neg", before), 1),
      ),
      formula.select(formula.compares("GreaterEqual", after, len), mirrored(after), after),
    ),
  );
}

/** Halves go away from zero, as in C. */
function rounded(formula: Formula, { at, length }: Axis): Axis {
  const size = formula.floats("Floor", formula.floats("AddV2", formula.floats("Abs", at), 0.5));
  return { at: formula.floats("Mul", formula.floats("Sign", at), size), length };
}

type Read = (down: Axis, across: Axis) => Output;

/** Reads pixels at whole coordinates; the fill value where there are none. */
function reader(
  formula: Formula,
  { images, fill, batch }: { images: Output; fill: Output; batch: Output },
): Read {
  const first = formula.op(
    "Reshape",
    [formula.range(batch), formula.graph.int32([-1, 1, 1])],
    { T: int32, Tshape: int32 },
    DType.int32,
  );
  const inside = ({ at, length }: Axis) => {
    const last = formula.floats("Sub", formula.toFloats(length), 1);
    const index = formula.floats("Minimum", formula.floats("Maximum", at, 0), last);
    return { index: formula.toInts(index), isThere: formula.compares("Equal", index, at) };
  };
  return (down, across) => {
    const [y, x] = [inside(down), inside(across)];
    const example = formula.ints("AddV2", first, formula.ints("Mul", y.index, 0));
    const places = formula.op(
      "Pack",
      [example, y.index, x.index],
      { N: { int: 3 }, T: int32, axis: { int: 3 } },
      DType.int32,
    );
    const attrs = { Tparams: float32, Tindices: int32 };
    const pixels = formula.op("GatherNd", [images, places], attrs, DType.float32);
    const isThere = formula.op("LogicalAnd", [y.isThere, x.isThere], {}, DType.bool);
    return formula.select(asPixels(formula, isThere, { T: bool }), pixels, fill);
  };
}

/** Between the four pixels around each place. */
function between(
  formula: Formula,
  { down, across, read }: { down: Axis; across: Axis; read: Read },
): Output {
  const f = (op: string, ...values: (Output | number)[]) => formula.floats(op, ...values);
  const around = ({ at, length }: Axis) => {
    const floor = f("Floor", at);
    const ceil = f("AddV2", floor, 1);
    const share = (value: Output) => asPixels(formula, value, { T: float32 });
    return {
      floor: { at: floor, length },
      ceil: { at: ceil, length },
      ofFloor: share(f("Sub", ceil, at)),
      ofCeil: share(f("Sub", at, floor)),
    };
  };
  const [y, x] = [around(down), around(across)];
  const along = (row: Axis) =>
    f("AddV2", f("Mul", x.ofFloor, read(row, x.floor)), f("Mul", x.ofCeil, read(row, x.ceil)));
  return f("AddV2", f("Mul", y.ofFloor, along(y.floor)), f("Mul", y.ofCeil, along(y.ceil)));
}

/** Values of [batch, height, width] for all channels. */
function asPixels(formula: Formula, value: Output, { T }: { T: { type: number } }): Output {
  const axis = formula.graph.int32(3);
  return formula.op("ExpandDims", [value, axis], { T, Tdim: int32 }, T.type);
}

function textOf(attr: GraphAttr | undefined): string {
  return attr !== undefined && "string" in attr ? attr.string : "";
}
