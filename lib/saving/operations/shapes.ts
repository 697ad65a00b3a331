/** What shapes operations give; null where any size will do. */

import type { Shape } from "../../tfjs";
import { OperandsError } from "./operandsError";

/** An axis counted from the front. */
export function fromFront(axis: number, rank: number): number {
  if (axis < -rank || axis >= rank) throw new OperandsError(`has no axis ${axis} of ${rank}`);
  return axis < 0 ? axis + rank : axis;
}

/** The axes that are meant, from the front and in order; all of them for null. */
export function meantAxes(axis: number | number[] | null | undefined, rank: number): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  const axes = [axis].flat().map((each) => fromFront(each, rank));
  return axes.sort((a, b) => a - b);
}

/** Of operands that are stretched to one another. */
export function broadcast(shapes: Shape[]): Shape {
  const rank = Math.max(...shapes.map(({ length }) => length));
  const padded = shapes.map((shape) => [...Array<1>(rank - shape.length).fill(1), ...shape]);
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = new Set(padded.map((shape) => shape[axis]!));
    sizes.delete(1);
    if (sizes.size === 0) return 1;
    const [size, other] = [...sizes].filter((each) => each !== null);
    if (other === undefined) return size ?? null;
    throw new OperandsError(`has operands of shapes ${shapesText(shapes)}, which don't fit`);
  });
}

/** Of a reduction. */
export function reduced(shape: Shape, axis: number | number[] | null, keepdims: boolean): Shape {
  const axes = meantAxes(axis, shape.length);
  if (keepdims) return shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return shape.filter((_, i) => !axes.includes(i));
}

/** Of the same values in another shape, of which one size may be -1, and null means the input's. */
export function reshaped(shape: Shape, target: readonly (number | null)[]): Shape {
  const product = (sizes: Shape) => sizes.reduce<number>((all, size) => all * (size ?? 1), 1);
  const given = target.map((size, axis) => (size === null ? (shape[axis] ?? null) : size));
  const open = given.indexOf(-1);
  if (open < 0) return given;
  const others = given.filter((_, axis) => axis !== open);
  // What is open on both sides is the batch, and cancels out.
  const isOpen = (sizes: Shape) => sizes.filter((size) => size === null).length;
  const isKnown = isOpen(shape) === isOpen(others);
  return given.map((size, axis): number | null => {
    if (axis !== open) return size;
    return isKnown ? product(shape) / product(others) : null;
  });
}

/** Of tensors joined along an axis. */
export function concatenated(shapes: Shape[], axis: number): Shape {
  const [first] = shapes as [Shape];
  const along = fromFront(axis, first.length);
  return first.map((_, i) => {
    const sizes = shapes.map((shape) => shape[i] ?? null);
    if (i !== along) return sizes.find((size) => size !== null) ?? null;
    return sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + size!, 0);
  });
}

/** Of a matrix product, batches of matrices before. */
export function multiplied([a, b]: Shape[]): Shape {
  if (a!.length < 2 || b!.length < 2) throw new OperandsError("multiplies vectors");
  if (a!.at(-1) !== b!.at(-2)) {
    throw new OperandsError(`multiplies matrices of shapes ${shapesText([a!, b!])}`);
  }
  return [...broadcast([a!.slice(0, -2), b!.slice(0, -2)]), a!.at(-2)!, b!.at(-1)!];
}

function shapesText(shapes: Shape[]): string {
  return shapes.map((shape) => `[${shape.map((size) => size ?? "null")}]`).join(" and ");
}
