/** What `x[…]` takes out of a tensor: slices with steps, single items, new axes. */

import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { isObject, type Json } from "../../json";
import { type Shape, tf } from "../../tfjs";
import { field, ModelFileError } from "../json";
import { OperandsError } from "./operandsError";

/** `start:stop:step`. */
interface Slice {
  start: number | null;
  stop: number | null;
  step: number;
}

/** One entry between the brackets. */
type Entry = number | Slice | "newaxis" | "ellipsis";

/** What stands between the brackets. */
export type Key = Entry[];

/** Reads it as Keras describes it. */
export function readKey(value: Json, where: string): Key {
  const entries = Array.isArray(value) ? value : [value];
  const key = entries.map((entry) => readEntry(entry, where));
  if (key.filter((entry) => entry === "ellipsis").length <= 1) return key;
  throw new ModelFileError(`${where} has more than one ellipsis`);
}

function readEntry(entry: Json, where: string): Entry {
  if (entry === null) return "newaxis";
  if (Number.isInteger(entry)) return entry as number;
  const className = isObject(entry) ? field(entry, "class_name") : undefined;
  const config = isObject(entry) ? field(entry, "config") : undefined;
  if (className === "__ellipsis__") return "ellipsis";
  if (className === "__slice__" && config !== undefined && isObject(config)) {
    const [start, stop, step] = ["start", "stop", "step"].map((name) => field(config, name));
    const isBound = (bound: unknown) => (bound ?? null) === null || Number.isInteger(bound);
    if (isBound(start) && isBound(stop) && isBound(step) && step !== 0) {
      return {
        start: (start ?? null) as number | null,
        stop: (stop ?? null) as number | null,
        step: (step ?? 1) as number,
      };
    }
  }
  throw new ModelFileError(
    `${where} takes an item by something else than whole numbers, slices, null and "..."`,
  );
}

const whole: Slice = { start: null, stop: null, step: 1 };

/** The entries with the axes that they stand for: the ellipsis as so many whole slices. */
function spelledOut(key: Key, rank: number): Exclude<Entry, "ellipsis">[] {
  const taken = key.filter((entry) => entry !== "newaxis" && entry !== "ellipsis").length;
  if (taken > rank) throw new OperandsError(`takes an item by ${taken} axes of ${rank}`);
  const others = Array<Slice>(rank - taken).fill(whole);
  const ellipsis = key.indexOf("ellipsis");
  const at = ellipsis < 0 ? key.length : ellipsis;
  return [...key.slice(0, at), ...others, ...key.slice(at + 1)] as Exclude<Entry, "ellipsis">[];
}

/** The indices that a slice takes of an axis, as Python's `slice.indices` has them. */
function indicesOf({ start, stop, step }: Slice, size: number): { first: number; count: number } {
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const within = (bound: number) => Math.min(Math.max(bound < 0 ? bound + size : bound, low), high);
  const first = start === null ? (step > 0 ? low : high) : within(start);
  const last = stop === null ? (step > 0 ? high : low) : within(stop);
  return { first, count: Math.max(0, Math.ceil((last - first) / step)) };
}

const isWhole = (entry: Slice) =>
  entry.start === null && entry.stop === null && Math.abs(entry.step) === 1;

/** The shape of what is taken. */
export function itemShape(shape: Shape, key: Key): Shape {
  let axis = 0;
  return spelledOut(key, shape.length).flatMap((entry): Shape => {
    if (entry === "newaxis") return [1];
    const size = shape[axis++]!;
    if (typeof entry === "number") return [];
    if (isWhole(entry)) return [size];
    return [size === null ? null : indicesOf(entry, size).count];
  });
}

/** Takes it; each step has a gradient in tfjs, which its own strided slices don't. */
export function takeItem(input: Tensor, key: Key): Tensor {
  const entries = spelledOut(key, input.rank);
  const own = entries.filter((entry) => entry !== "newaxis");
  const begin = input.shape.map(() => 0);
  const size = [...input.shape];
  let taken = input;
  own.forEach((entry, axis) => {
    const length = input.shape[axis]!;
    if (typeof entry === "number") {
      const index = entry < 0 ? entry + length : entry;
      if (index < 0 || index >= length)
        throw new OperandsError(`has no item ${entry} of ${length}`);
      begin[axis] = index;
      size[axis] = 1;
    } else if (entry.step === 1) {
      const { first, count } = indicesOf(entry, length);
      begin[axis] = first;
      size[axis] = count;
    } else if (entry.step === -1 && isWhole(entry)) {
      taken = tf.reverse(taken, axis);
    } else {
      const { first, count } = indicesOf(entry, length);
      const indices = Array.from({ length: count }, (_, i) => first + i * entry.step);
      taken = tf.gather(taken, tf.tensor1d(indices, "int32"), axis);
      size[axis] = count;
    }
  });
  const isSliced = size.some((length, axis) => length !== taken.shape[axis]);
  if (isSliced) taken = tf.slice(taken, begin, size);
  if (own.length === entries.length && !own.some((entry) => typeof entry === "number")) {
    return taken;
  }
  let axis = 0;
  const shape = entries.flatMap((entry) => {
    if (entry === "newaxis") return [1];
    const length = size[axis++]!;
    return typeof entry === "number" ? [] : [length];
  });
  return tf.reshape(taken, shape);
}
