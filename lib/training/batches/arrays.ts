/**
 * Batches cut from whole tensors.
 *
 * Rows in order are views of the whole. In a random order they are copied into memory that batches take in turns.
 */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { type Batch, rowsOf, type Share, shareInfo } from "../../compiled";
import { invalidArgument } from "../../errors";
import { hashArrays } from "../../files";
import type { HostTensor } from "../../graph";
import type { Objective } from "../../objectives";
import { DType, tf } from "../../tfjs";
import {
  type ClassWeight,
  checkClassWeight,
  refuseBothWeights,
  weightsOfClasses,
} from "./classWeight";
import { emptyLike, gatherRows, permutation } from "./order";
import {
  type Column,
  checkLabelValues,
  commonLength,
  inModelOrder,
  inputColumn,
  labelColumn,
  weightColumn,
} from "./shapes";
import type { BatchSource, Pass, Tensors } from "./types";
import { readValues, type Values } from "./values";

/** A checked column whose numbers are still in its tensor. */
interface UnreadColumn extends Column {
  tensor: Tensor;
  length: number;
}

/** A column with its numbers. */
interface FilledColumn extends Column {
  values: Values;
  length: number;
}

/** Whole data in JavaScript memory, checked against a model. */
export interface ArrayData {
  xs: FilledColumn[];
  ys: FilledColumn[];
  sampleWeights: (FilledColumn | undefined)[];
  length: number;
}

/**
 * Checks whole tensors against a model and takes their numbers, large ones in parts.
 *
 * @param data.y May be left out to predict.
 * @throws InvalidArgumentError for whatever would not train.
 */
export async function readArrays(
  model: LayersModel,
  objective: Objective | undefined,
  data: { x: Tensors; y?: Tensors; sampleWeight?: Tensors },
): Promise<ArrayData> {
  const xs = inModelOrder(data.x, model.inputNames, "x").map(({ tensor, label }, i) =>
    unread(tensor, inputColumn(model, i, tensor, label)),
  );
  const ys =
    data.y === undefined || objective === undefined
      ? []
      : inModelOrder(data.y, model.outputNames, "y").map((given, i) =>
          unread(given.tensor, labelColumn(model, i, objective.outputs[i]!, given)),
        );
  const weights =
    data.sampleWeight === undefined
      ? []
      : weightsInOrder(data.sampleWeight, model.outputNames).map(({ tensor, label }) =>
          unread(tensor, weightColumn(tensor, label)),
        );
  const length = commonLength([...xs, ...ys, ...weights]);
  const labels = await Promise.all(ys.map(filled));
  labels.forEach(({ values, label }, i) => {
    const classes = model.outputs[i]!.shape.at(-1) ?? null;
    checkLabelValues(objective!.outputs[i]!, values, { classes, label });
  });
  const sampleWeights = await Promise.all(weights.map(filled));
  return { xs: await Promise.all(xs.map(filled)), ys: labels, sampleWeights, length };
}

/**
 * Weighs samples by their classes.
 *
 * @throws InvalidArgumentError when the samples have weights, or the model several outputs.
 */
export function weighClasses(data: ArrayData, classWeight: ClassWeight): ArrayData {
  const { ys, sampleWeights, length } = data;
  if (sampleWeights.length > 0) refuseBothWeights();
  checkClassWeight(classWeight, ys.length);
  const weights = weightsOfClasses(ys[0]!, classWeight);
  return {
    ...data,
    sampleWeights: [{ label: "classWeight", dtype: "float32", length, ...weights }],
  };
}

/** One tensor of weights serves every output. */
function weightsInOrder(given: Tensors, names: string[]): { label: string; tensor: Tensor }[] {
  const single = given instanceof tf.Tensor ? given : undefined;
  return inModelOrder(single ? names.map(() => single) : given, names, "sampleWeight").map(
    (item) => (single ? { ...item, label: "sampleWeight" } : item),
  );
}

function unread(tensor: Tensor, column: Column): UnreadColumn {
  return { ...column, tensor, length: tensor.shape[0]! };
}

async function filled({ tensor, ...column }: UnreadColumn): Promise<FilledColumn> {
  return { ...column, values: await readValues(tensor, column.dtype) };
}

/**
 * Splits off the last samples, as Keras' `validationSplit` does, before any shuffling.
 *
 * @param fraction Share of the samples that becomes validation data, in (0, 1).
 */
export function splitOff(
  data: ArrayData,
  fraction: number,
): { training: ArrayData; validation: ArrayData } {
  const at = Math.floor(data.length * (1 - fraction));
  if (at === 0 || at === data.length) {
    throw invalidArgument("validationSplit", {
      expected: `such that both parts of the ${data.length} samples have at least one`,
      received: fraction,
    });
  }
  const cut = (column: FilledColumn, start: number, end: number): FilledColumn => {
    const size = rowSize(column);
    return {
      ...column,
      values: column.values.subarray(start * size, end * size),
      length: end - start,
    };
  };
  const part = (start: number, end: number): ArrayData => ({
    xs: data.xs.map((column) => cut(column, start, end)),
    ys: data.ys.map((column) => cut(column, start, end)),
    sampleWeights: data.sampleWeights.map((column) => column && cut(column, start, end)),
    length: end - start,
  });
  return { training: part(0, at), validation: part(at, data.length) };
}

/** Batches of whole data, in a new random order each pass where wanted. */
export class ArraySource implements BatchSource {
  readonly steps: number;
  readonly readsAhead = true;
  /** Memory of released batches: as many as were ever in use at once. */
  private readonly spare: Map<FilledColumn, Values>[] = [];

  constructor(
    private readonly data: ArrayData,
    private readonly options: { batchSize: number; shuffle: boolean },
    private readonly share?: Share,
  ) {
    this.steps = Math.ceil(data.length / options.batchSize);
  }

  async open(): Promise<Pass> {
    const order = this.options.shuffle ? permutation(this.data.length) : undefined;
    let start = 0;
    return {
      next: async () => {
        if (start >= this.data.length) return undefined;
        const end = Math.min(start + this.options.batchSize, this.data.length);
        const rows =
          this.share === undefined
            ? { start: 0, end: end - start, count: true }
            : rowsOf(end - start, this.share);
        const [from, to] = [start + rows.start, start + rows.end];
        const batch =
          order === undefined ? this.cut(from, to) : this.gather(order.subarray(from, to));
        if (this.share !== undefined) batch.share = shareInfo(rows, end - start);
        start = end;
        return batch;
      },
      close: async () => {},
    };
  }

  /** The order comes from the library's random state, which a resumed run restores. */
  getOrder(): undefined {}
  async setOrder(): Promise<void> {}

  async identity(): Promise<unknown> {
    const { xs, ys, sampleWeights } = this.data;
    const columns = [...xs, ...ys, ...sampleWeights].filter((column) => column !== undefined);
    return {
      columns: columns.map(({ sampleShape, dtype, length }) => [length, sampleShape, dtype]),
      values: await hashArrays(columns.map(({ values }) => values)),
      ...this.options,
    };
  }

  /** Rows that follow one another. */
  private cut(start: number, end: number): Batch {
    return this.batchOf(end - start, (column) => {
      const size = rowSize(column);
      return column.values.subarray(start * size, end * size);
    });
  }

  /** Rows by number, in memory that a later batch takes when this one is released. */
  private gather(rows: Uint32Array): Batch {
    const memory = this.spare.pop() ?? new Map<FilledColumn, Values>();
    const batch = this.batchOf(rows.length, (column) => {
      const size = rowSize(column);
      let place = memory.get(column);
      if (place === undefined) {
        place = emptyLike(column.values, this.options.batchSize * size);
        memory.set(column, place);
      }
      gatherRows(column.values, rows, { size, into: place });
      return place.subarray(0, rows.length * size);
    });
    batch.release = () => this.spare.push(memory);
    return batch;
  }

  private batchOf(size: number, values: (column: FilledColumn) => Values): Batch {
    const host = (column: FilledColumn): HostTensor => ({
      dtype: DType[column.dtype],
      shape: [size, ...column.sampleShape],
      data: values(column),
    });
    const { xs, ys, sampleWeights } = this.data;
    return {
      xs: xs.map(host),
      ys: ys.map(host),
      ...(sampleWeights.length > 0 && {
        sampleWeights: sampleWeights.map((column) => column && host(column)),
      }),
      size,
    };
  }
}

function rowSize(column: Column): number {
  return column.sampleShape.reduce((product, size) => product * size, 1);
}
