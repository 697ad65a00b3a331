/**
 * Batches cut from whole tensors.
 *
 * The rows are gathered in JavaScript, where a tensor made from an array still lives, so that a batch costs a
 * copy and no TensorFlow call.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Batch } from "../../compiled";
import { hostUniform } from "../../engine";
import { InvalidArgumentError, invalidArgument } from "../../errors";
import { hashArrays } from "../../files";
import type { Objective } from "../../objectives";
import type { InternalModel } from "../../tfjs";
import { tf } from "../../tfjs";
import { type ClassWeight, checkClassWeight, weightsOfClasses } from "./classWeight";
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
  model: InternalModel,
  objective: Objective | undefined,
  data: { x: Tensors; y?: Tensors; sampleWeight?: Tensors; classWeight?: ClassWeight },
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
  if (data.classWeight !== undefined) {
    if (data.sampleWeight !== undefined) {
      throw new InvalidArgumentError(
        "`classWeight` and `sampleWeight` must not be given together.",
      );
    }
    checkClassWeight(data.classWeight, labels.length);
    const values = weightsOfClasses(labels[0]!.values, length, data.classWeight);
    sampleWeights.push({ label: "classWeight", sampleShape: [], dtype: "float32", values, length });
  }
  return { xs: await Promise.all(xs.map(filled)), ys: labels, sampleWeights, length };
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

  constructor(
    private readonly data: ArrayData,
    private readonly options: { batchSize: number; shuffle: boolean },
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
        const batch = this.cut(start, end, order);
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

  private cut(start: number, end: number, order: Uint32Array | undefined): Batch {
    const rows = (column: FilledColumn) => {
      const size = rowSize(column);
      const values =
        order === undefined
          ? column.values.subarray(start * size, end * size)
          : gathered(column.values, order.subarray(start, end), size);
      return tf.tensor(values, [end - start, ...column.sampleShape], column.dtype);
    };
    const { xs, ys, sampleWeights } = this.data;
    return {
      xs: xs.map(rows),
      ys: ys.map(rows),
      ...(sampleWeights.length > 0 && {
        sampleWeights: sampleWeights.map((column) => column && rows(column)),
      }),
      size: end - start,
    };
  }
}

function rowSize(column: Column): number {
  return column.sampleShape.reduce((product, size) => product * size, 1);
}

function gathered(values: Values, rows: Uint32Array, size: number): Values {
  const result = new (values.constructor as new (length: number) => Values)(rows.length * size);
  if (size === 1)
    rows.forEach((row, i) => {
      result[i] = values[row]!;
    });
  else
    rows.forEach((row, i) => {
      result.set(values.subarray(row * size, (row + 1) * size), i * size);
    });
  return result;
}

/** A random order of 0 … length - 1 (Fisher and Yates), from the seeded generator. */
function permutation(length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(hostUniform() * (i + 1));
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}
