/** Steps that `tf.data` lacks: from tensors to a dataset, and what a dataset gives. */

import type { data, Tensor, TensorContainer } from "@tensorflow/tfjs-node-gpu";
import { checkWhole, rejectUnknownOptions } from "../checks";
import { invalidArgument } from "../errors";
import type { HostTensor } from "../graph";
import { iteratorOf, lendTensor, tf } from "../tfjs";

/** A dataset of tfjs. @inline */
type Dataset<T extends TensorContainer> = data.Dataset<T>;

/** A tensor, or tensors in arrays and objects, as the elements of a dataset are. */
export type TensorStructure = Tensor | TensorStructure[] | { [name: string]: TensorStructure };

/** The same container with another leaf in the place of each tensor. */
export type Leaves<T extends TensorContainer, Leaf> = T extends Tensor
  ? Leaf
  : T extends readonly (infer Item extends TensorContainer)[]
    ? Leaves<Item, Leaf>[]
    : T extends object
      ? { [Name in keyof T]: T[Name] extends TensorContainer ? Leaves<T[Name], Leaf> : never }
      : Leaf;

/** A batch of a dataset in JavaScript's memory. */
export interface HostElement {
  xs: HostTensor;
  /** Labels, if there are any. */
  ys?: HostTensor;
  /** Of a batch in parts: how many rows the whole has, and what they are. */
  whole?: { size: number; names: string };
  /** Says that nobody reads it any more: the memory may be used for something else. */
  release: () => void;
}

/** Which rows of a batch of so many are wanted. */
export type BatchPart = (size: number) => { start: number; end: number };

/** A dataset that gives its batches without tensors, too; training takes them so. */
export interface HostDataset {
  /**
   * Starts a pass. Who takes an element releases it.
   *
   * @param part Says which rows of a batch of so many are wanted; a dataset may give all of them nonetheless. All by
   *   default.
   */
  hostElements(part?: BatchPart): AsyncGenerator<HostElement>;
}

/** Whether a dataset gives its batches without tensors. */
export function isHostDataset(value: unknown): value is HostDataset {
  return typeof (value as Partial<HostDataset> | null)?.hostElements === "function";
}

/** A tensor's numbers in JavaScript's memory. */
interface HostCopy {
  values: ReturnType<Tensor["dataSync"]>;
  shape: number[];
  dtype: Tensor["dtype"];
}

/**
 * Makes a dataset of the slices of a tensor along its first dimension.
 *
 * @param x A tensor, or an array or object of tensors (`{ xs, ys }`), all of the same first dimension. Its
 *   numbers are read at once: dispose it when you like.
 * @returns A dataset with as many elements as the first dimension is long, each one rank lower, of the same
 *   dtypes. Each pass makes new tensors; who iterates disposes them.
 * @throws InvalidArgumentError when there is no tensor, a scalar, or the first dimensions differ.
 * @example
 * import { fromTensorSlices, tf } from "convnets";
 * const xs = tf.randomNormal([100, 16]);
 * const dataset = fromTensorSlices(xs).batch(32);
 * xs.dispose();
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#from_tensor_slices
 */
export function fromTensorSlices<T extends TensorStructure>(x: T): Dataset<Leaves<T, Tensor>> {
  const copies: HostCopy[] = [];
  const container = mapTensors(x, (tensor) => {
    if (tensor.rank === 0) {
      throw invalidArgument("x", { expected: "of rank 1 or more", received: tensor });
    }
    copies.push({ values: tensor.dataSync(), shape: tensor.shape, dtype: tensor.dtype });
    return copies.at(-1)!;
  });
  const size = copies[0]?.shape[0];
  if (size === undefined || copies.some(({ shape }) => shape[0] !== size)) {
    throw invalidArgument("x", {
      expected: "a tensor, or tensors of the same first dimension",
      received: copies.map(({ shape }) => shape),
    });
  }
  const slice = ({ values, shape, dtype }: HostCopy, index: number) => {
    const each = values.length / size;
    return tf.tensor(values.slice(index * each, (index + 1) * each), shape.slice(1), dtype);
  };
  return new IteratedDataset<Leaves<T, Tensor>>(size, async function* () {
    for (let index = 0; index < size; index++) {
      yield mapLeaves(container, isHostCopy, (copy) => slice(copy, index)) as Leaves<T, Tensor>;
    }
  });
}

/** Options of `shapes`. */
export interface ShapesOptions {
  /** How many elements to look at. @default 1 */
  count?: number;
}

/**
 * The shapes of a dataset's first elements.
 *
 * @param dataset Any dataset; the elements that are looked at are disposed.
 * @returns One entry for each element: the element with each tensor replaced by its shape.
 * @throws InvalidArgumentError when `count` is no positive integer.
 * @example
 * import { fromTensorSlices, shapes, tf } from "convnets";
 * const dataset = fromTensorSlices({ xs: tf.zeros([100, 16]), ys: tf.zeros([100, 1]) });
 * console.log(await shapes(dataset)); // [{ xs: [16], ys: [1] }]
 */
export async function shapes<T extends TensorContainer>(
  dataset: Dataset<T>,
  options: ShapesOptions = {},
): Promise<Leaves<T, number[]>[]> {
  rejectUnknownOptions(options, { count: true }, "shapes");
  const { count = 1 } = options;
  checkWhole("count", count, { low: 1 });
  const iterator = await dataset.iterator();
  const found: unknown[] = [];
  while (found.length < count) {
    const { value, done } = await iterator.next();
    if (done) break;
    found.push(mapTensors(value, (tensor) => tensor.shape));
    tf.dispose(value);
  }
  return found as Leaves<T, number[]>[];
}

/**
 * How many elements a dataset has, without reading it.
 *
 * @param dataset Any dataset.
 * @returns The number; `Infinity` when it repeats for ever; undefined when only reading it would tell.
 * @example
 * import { cardinality, fromTensorSlices, tf } from "convnets";
 * console.log(cardinality(fromTensorSlices(tf.zeros([100, 16])).batch(32))); // 4
 * @see https://www.tensorflow.org/api_docs/python/tf/data/experimental/cardinality
 */
export function cardinality(dataset: data.Dataset<TensorContainer>): number | undefined {
  return dataset.size ?? undefined;
}

/**
 * Keeps a dataset's elements in memory, so that later passes don't make them again.
 *
 * The first pass that reaches the end fills the cache; a pass that stops early leaves nothing behind. What
 * comes before, a shuffle or a random map, happens once: put those after the cache.
 *
 * @param dataset Any dataset of tensors.
 * @returns A dataset of the same elements. Each pass makes new tensors; who iterates disposes them. The cached
 *   numbers are ordinary JavaScript memory, freed with the dataset.
 * @example
 * import { cache, fromTensorSlices, tf } from "convnets";
 * const dataset = fromTensorSlices(tf.randomNormal([100, 16])).map((x) => tf.square(x as tf.Tensor));
 * const kept = cache(dataset).shuffle(100).batch(32);
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#cache
 */
export function cache<T extends TensorContainer>(dataset: Dataset<T>): Dataset<T> {
  let kept: unknown[] | undefined;
  return new IteratedDataset<T>(dataset.size, async function* () {
    if (kept !== undefined) {
      for (const element of kept) yield mapLeaves(element, isHostCopy, toTensor) as T;
      return;
    }
    const filling: unknown[] = [];
    const iterator = await dataset.iterator();
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) break;
      filling.push(
        mapTensors(value, (tensor) => ({
          values: tensor.dataSync().slice(),
          shape: tensor.shape,
          dtype: tensor.dtype,
        })),
      );
      yield value;
    }
    kept = filling;
  });
}

function toTensor({ values, shape, dtype }: HostCopy): Tensor {
  return lendTensor(values, { shape, dtype }); // every pass shares the memory
}

/** A dataset of known size whose passes come from a generator function. */
class IteratedDataset<T extends TensorContainer> extends tf.data.Dataset<T> {
  constructor(
    override readonly size: number,
    private readonly pass: () => AsyncGenerator<T>,
  ) {
    super();
  }

  override iterator() {
    return iteratorOf(this.pass);
  }
}

function mapTensors<Leaf>(value: unknown, change: (tensor: Tensor) => Leaf): unknown {
  return mapLeaves(value, (leaf) => leaf instanceof tf.Tensor, change);
}

/** Replaces the leaves of a container of arrays and objects; whatever else it holds stays as it is. */
function mapLeaves<From, To>(
  value: unknown,
  isLeaf: (value: unknown) => value is From,
  change: (leaf: From) => To,
): unknown {
  if (isLeaf(value)) return change(value);
  if (Array.isArray(value)) return value.map((item) => mapLeaves(item, isLeaf, change));
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, mapLeaves(item, isLeaf, change)]),
  );
}

function isHostCopy(value: unknown): value is HostCopy {
  return typeof value === "object" && value !== null && "values" in value && "dtype" in value;
}
