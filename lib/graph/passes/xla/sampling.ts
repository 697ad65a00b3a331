/**
 * Moved images in small ops, as `ImageProjectiveTransformV3` samples them between four pixels.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/v2.21.0/tensorflow/core/kernels/image/image_ops.h
 */
import { DType } from "../../../engine";
import type { GraphBuilder, GraphNode, Output } from "../../graphBuilder";
import { Arithmetic } from "./arithmetic";

/** What lies beyond the edge of images of `length` pixels: the place in them that a place stands for. */
const BEYOND: Record<string, (ops: Arithmetic, place: Output, length: number) => Output> = {
  CONSTANT: (_, place) => place,
  NEAREST: (ops, place, length) => clamp(ops, place, length),
  REFLECT: (ops, place, length) => {
    const around = ops.float("FloorMod", place, 2 * length);
    const back = ops.float("Sub", 2 * length - 1, around);
    return clamp(
      ops,
      select(ops, ops.compare("GreaterEqual", around, length), back, around),
      length,
    );
  },
};

/** Whether a node is a sampling that can be written out. */
export function canSample(graph: GraphBuilder, node: GraphNode): boolean {
  if (node.op !== "ImageProjectiveTransformV3") return false;
  const shape = graph.shapeOf(node.inputs[0]!);
  const isKnown = shape?.length === 4 && shape.slice(1).every((size) => size > 0);
  return isKnown && text(node, "interpolation") === "BILINEAR" && text(node, "fill_mode") in BEYOND;
}

/** The sampled images. */
export function sample(graph: GraphBuilder, node: GraphNode): Output {
  const ops = new Arithmetic(graph);
  const [images, transforms, , fill] = node.inputs as [Output, Output, Output, Output];
  const [, height = 0, width = 0, channels = 0] = graph.shapeOf(images)!;
  const beyond = BEYOND[text(node, "fill_mode")]!;
  const { x, y } = places(ops, transforms, { height, width });
  const [u, v] = [beyond(ops, x, width), beyond(ops, y, height)];
  const [left, top] = [ops.float("Floor", u), ops.float("Floor", v)];
  const [right, bottom] = [ops.float("AddV2", left, 1), ops.float("AddV2", top, 1)];
  const source = { images, fill, height, width, channels };
  const read = (row: Output, column: Output) => pixels(ops, source, { row, column });
  const between = (row: Output) =>
    ops.float(
      "AddV2",
      weighted(ops, ops.float("Sub", right, u), read(row, left)),
      weighted(ops, ops.float("Sub", u, left), read(row, right)),
    );
  return ops.float(
    "AddV2",
    weighted(ops, ops.float("Sub", bottom, v), between(top)),
    weighted(ops, ops.float("Sub", v, top), between(bottom)),
  );
}

interface Source {
  images: Output;
  fill: Output;
  height: number;
  width: number;
  channels: number;
}

/** Where each pixel comes from, [batch, height, width]. */
function places(
  ops: Arithmetic,
  transforms: Output,
  { height, width }: { height: number; width: number },
): { x: Output; y: Output } {
  const numbers = (size: number, shape: number[]) =>
    ops.reshape(ops.cast(ops.range(size), DType.int32, DType.float32), shape);
  const column = numbers(width, [1, 1, width]);
  const row = numbers(height, [1, height, 1]);
  const entry = (i: number) => ops.reshape(ops.slice(transforms, [0, i], [-1, 1]), [-1, 1, 1]);
  const linear = (first: number) =>
    ops.float(
      "AddV2",
      ops.float("Mul", entry(first), column),
      ops.float("Mul", entry(first + 1), row),
    );
  const depth = ops.float("AddV2", linear(6), 1);
  const place = (first: number) =>
    ops.float("RealDiv", ops.float("AddV2", linear(first), entry(first + 2)), depth);
  return { x: place(0), y: place(3) };
}

/** The pixels at places that are whole numbers; `fill` outside of the images. */
function pixels(
  ops: Arithmetic,
  { images, fill, height, width, channels }: Source,
  { row, column }: { row: Output; column: Output },
): Output {
  const [r, c] = [clamp(ops, row, height), clamp(ops, column, width)];
  const isInside = ops.add(
    "LogicalAnd",
    [ops.compare("Equal", r, row), ops.compare("Equal", c, column)],
    { dtypes: [DType.bool] },
  );
  const whole = (value: Output) => ops.cast(value, DType.float32, DType.int32);
  const place = ops.int("AddV2", ops.int("Mul", whole(r), width), whole(c));
  const flat = ops.reshape(images, [-1, height * width, channels]);
  const found = ops.add(
    "GatherV2",
    [flat, ops.reshape(place, [-1, height * width], DType.int32), ops.ints(1)],
    {
      attrs: {
        Tparams: { type: DType.float32 },
        Tindices: { type: DType.int32 },
        Taxis: { type: DType.int32 },
        batch_dims: { int: 1 },
      },
      dtypes: [DType.float32],
    },
  );
  const there = ops.reshape(isInside, [-1, height, width, 1], DType.bool);
  return select(ops, there, ops.reshape(found, [-1, height, width, channels]), fill);
}

/** Pixels times one number for each place. */
function weighted(ops: Arithmetic, weights: Output, values: Output): Output {
  const expanded = ops.add("ExpandDims", [weights, ops.ints(-1)], {
    attrs: { T: { type: DType.float32 }, Tdim: { type: DType.int32 } },
    dtypes: [DType.float32],
  });
  return ops.float("Mul", expanded, values);
}

function clamp(ops: Arithmetic, place: Output, length: number): Output {
  return ops.float("Minimum", ops.float("Maximum", place, 0), length - 1);
}

function select(ops: Arithmetic, condition: Output, yes: Output, no: Output): Output {
  return ops.add("SelectV2", [condition, yes, no], {
    attrs: { T: { type: DType.float32 } },
    dtypes: [DType.float32],
  });
}

function text({ attrs }: GraphNode, name: string): string {
  const attr = attrs[name];
  return attr !== undefined && "string" in attr ? attr.string : "";
}
