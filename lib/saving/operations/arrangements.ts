/** Operations that put values in another order or shape, join tensors, or take some out. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { type Shape, tf } from "../../tfjs";
import { only } from "../options";
import { strong } from "../types";
import { axes, count, list, nullable, number, type Option, oneOf, whole } from "../values";
import { itemShape, takeItem } from "./getItem";
import { OperandsError } from "./operandsError";
import { dtype, margins, newSizes } from "./options";
import type { OperationRule, OperationTable } from "./rule";
import { concatenated, fromFront, meantAxes, reshaped } from "./shapes";
import { inFloat32, together, togetherAsTensors } from "./typeRules";

/** An order of axes from which one has moved to another place. */
function moved(rank: number, source: number | number[], destination: number | number[]): number[] {
  const from = [source].flat().map((axis) => fromFront(axis, rank));
  const to = [destination].flat().map((axis) => fromFront(axis, rank));
  const order = Array.from({ length: rank }, (_, i) => i).filter((axis) => !from.includes(axis));
  const places = to.map((place, i) => [place, from[i]!] as const).sort(([a], [b]) => a - b);
  for (const [place, axis] of places) order.splice(place, 0, axis);
  return order;
}

const swapped = (rank: number, one: number, other: number) => {
  const order = Array.from({ length: rank }, (_, i) => i);
  const [a, b] = [fromFront(one, rank), fromFront(other, rank)];
  [order[a], order[b]] = [order[b]!, order[a]!];
  return order;
};

/** Puts axes in another order, which `orderOf` says. */
const transposing = (
  options: Record<string, Option>,
  orderOf: (rank: number, settings: Parameters<OperationRule["compute"]>[1]) => number[],
): OperationRule => ({
  options,
  operands: 1,
  shape: ([shape], settings) => orderOf(shape!.length, settings).map((axis) => shape![axis]!),
  compute: ([x], settings) => tf.transpose(x!, orderOf(x!.rank, settings)),
});

/** The sizes of the parts that an axis is split into. */
function partsOf(size: number | null, sections: number | number[]): (number | null)[] {
  if (typeof sections === "number") {
    if (size !== null && size % sections !== 0) {
      throw new OperandsError(`splits ${size} values into ${sections} equal parts`);
    }
    return Array<number | null>(sections).fill(size === null ? null : size / sections);
  }
  return [...sections, size].map((end, i) => (end === null ? null : end - (sections[i - 1] ?? 0)));
}

/** Repeats for each axis, as many ones before as are left out. */
const timesOf = (repeats: number | number[], rank: number) => {
  const given = [repeats].flat();
  return [...Array<number>(Math.max(0, rank - given.length)).fill(1), ...given];
};

const shaping: OperationTable = {
  ExpandDims: {
    options: { axis: axes() },
    operands: 1,
    shape: ([shape], { axis }) => expanded(shape!, axis as number | number[]),
    compute: ([x], { axis }) =>
      tf.reshape(x!, expanded(x!.shape, axis as number | number[]) as number[]),
  },
  Reshape: {
    options: { newshape: newSizes },
    operands: 1,
    shape: ([shape], { newshape }) =>
      reshaped(shape!, newshape).map((size) => (size === -1 ? null : size)),
    compute: ([x], { newshape }) =>
      tf.reshape(
        x!,
        newshape.map((size, axis) => size ?? x!.shape[axis]!),
      ),
  },
  Squeeze: {
    options: { axis: nullable(axes()) },
    operands: 1,
    shape: ([shape], { axis }) => squeezed(shape!, axis),
    compute: ([x], { axis }) => tf.reshape(x!, squeezed(x!.shape, axis) as number[]),
  },
  Moveaxis: transposing({ source: axes(), destination: axes() }, (rank, { source, destination }) =>
    moved(rank, source, destination),
  ),
  Swapaxes: transposing({ axis1: whole(), axis2: whole() }, (rank, { axis1, axis2 }) =>
    swapped(rank, axis1, axis2),
  ),
  Transpose: transposing({ axes: nullable(list()) }, (rank, { axes: order }) =>
    (order ?? Array.from({ length: rank }, (_, i) => rank - 1 - i)).map((axis) =>
      fromFront(axis, rank),
    ),
  ),
};

function expanded(shape: Shape, axis: number | number[]): Shape {
  const added = [axis].flat();
  const rank = shape.length + added.length;
  const places = added.map((each) => fromFront(each, rank));
  const own = [...shape];
  return Array.from({ length: rank }, (_, i) => (places.includes(i) ? 1 : own.shift()!));
}

function squeezed(shape: Shape, axis: number | number[] | null): Shape {
  const gone = axis === null ? undefined : meantAxes(axis, shape.length);
  if (gone?.some((each) => shape[each] !== 1)) {
    throw new OperandsError(`squeezes axes ${gone} of [${shape}], which aren't 1`);
  }
  return shape.filter((size, i) => (gone === undefined ? size !== 1 : !gone.includes(i)));
}

const joining: OperationTable = {
  Concatenate: {
    options: { axis: nullable(whole()) },
    operands: "list",
    shape: (shapes, { axis }) => concatenated(shapes, axis as number),
    types: togetherAsTensors,
    compute: (parts, { axis }) => tf.concat(parts, fromFront(axis as number, parts[0]!.rank)),
  },
  Split: {
    options: { indices_or_sections: axes(), axis: whole() },
    operands: 1,
    shape: ([shape], { axis, indicesOrSections }) => {
      const along = fromFront(axis as number, shape!.length);
      return partsOf(shape![along]!, indicesOrSections).map((size) => shape!.with(along, size));
    },
    compute: ([x], { axis, indicesOrSections }) => {
      const along = fromFront(axis as number, x!.rank);
      return tf.split(x!, partsOf(x!.shape[along]!, indicesOrSections) as number[], along);
    },
  },
  Stack: {
    options: { axis: whole() },
    operands: "list",
    shape: ([shape, ...others], { axis }) =>
      expanded(shape!, axis as number).map((size, i) =>
        i === fromFront(axis as number, shape!.length + 1) ? others.length + 1 : size,
      ),
    types: together,
    compute: (parts, { axis }) => tf.stack(parts, fromFront(axis as number, parts[0]!.rank + 1)),
  },
};

const repeating: OperationTable = {
  BroadcastTo: {
    options: { shape: list({ low: 1 }) },
    operands: 1,
    shape: (_, { shape }) => shape,
    compute: ([x], { shape }) => tf.broadcastTo(x!, shape),
  },
  Flip: {
    options: { axis: nullable(axes()) },
    operands: 1,
    shape: ([shape]) => shape!,
    compute: ([x], { axis }) => tf.reverse(x!, meantAxes(axis, x!.rank)),
  },
  Pad: {
    options: { pad_width: margins, mode: oneOf("constant", "reflect", "symmetric") },
    operands: 1,
    shape: ([shape], { padWidth }) =>
      shape!.map((size, i) => (size === null ? null : size + padWidth[i]![0] + padWidth[i]![1])),
    compute: ([x], { padWidth, mode, constantValues }) =>
      mode === "constant" ? tf.pad(x!, padWidth, constantValues) : tf.mirrorPad(x!, padWidth, mode),
  },
  Repeat: {
    options: { repeats: count, axis: whole() },
    operands: 1,
    shape: ([shape], { axis, repeats }) => {
      const along = fromFront(axis as number, shape!.length);
      return shape!.map((size, i) =>
        i === along && size !== null ? size * (repeats as number) : size,
      );
    },
    compute: ([x], { axis, repeats }) => {
      const along = fromFront(axis as number, x!.rank);
      const times = [...x!.shape.map(() => 1), 1].with(along + 1, repeats as number);
      const apart = tf.tile(tf.expandDims(x!, along + 1), times);
      return tf.reshape(apart, x!.shape.with(along, x!.shape[along]! * (repeats as number)));
    },
  },
  Tile: {
    options: { repeats: axes() },
    operands: 1,
    shape: ([shape], { repeats }) => {
      const times = timesOf(repeats, shape!.length);
      const padded = [...Array<1>(times.length - shape!.length).fill(1), ...shape!];
      return padded.map((size, i) => (size === null ? null : size * times[i]!));
    },
    compute: ([x], { repeats }) => {
      const times = timesOf(repeats, x!.rank);
      const padded = [...Array<1>(times.length - x!.rank).fill(1), ...x!.shape];
      return tf.tile(tf.reshape(x!, padded), times);
    },
  },
};

/** Operations that arrange values, by Keras' class names. */
export const arrangements: OperationTable = {
  ...shaping,
  ...joining,
  ...repeating,
  Cast: {
    options: { dtype },
    operands: 1,
    shape: ([shape]) => shape!,
    types: ([type], settings) => ({ operands: [strong(type!)], result: settings.dtype! }),
    compute: ([x]) => tf.clone(x!),
  },
  ConvertToTensor: {
    options: { dtype: nullable(dtype), sparse: only(null, false), ragged: only(null, false) },
    operands: 1,
    shape: ([shape]) => shape!,
    types: ([type], settings) => ({
      operands: [strong(type!)],
      result: settings.dtype ?? strong(type!),
    }),
    compute: ([x]) => tf.clone(x!),
  },
  GetItem: {
    operands: 1,
    shape: ([shape], { key }) => itemShape(shape!, key),
    compute: ([x], { key }) => takeItem(x!, key),
  },
  Normalize: {
    options: { axis: axes(), order: only(2), epsilon: nullable(number({ low: 0 })) },
    operands: 1,
    shape: ([shape]) => shape!,
    types: inFloat32,
    compute: ([x], { axis, epsilon }) => {
      const squares = tf.sum(tf.square(x!), meantAxes(axis, x!.rank), true);
      return tf.mul(x!, tf.minimum(tf.rsqrt(squares), 1 / (epsilon ?? 1e-7)));
    },
  },
  OneHot: {
    options: { num_classes: count, axis: only(-1), dtype: nullable(dtype), sparse: only(false) },
    operands: 1,
    shape: ([shape], { numClasses }) => [...shape!, numClasses],
    types: (_, { dtype: type }) => ({ operands: ["int32"], result: type ?? "float32" }),
    compute: ([x], { numClasses }) => tf.oneHot(x as Tensor, numClasses),
  },
};
