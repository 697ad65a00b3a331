/** Batches from a `tf.data.Dataset` of `{ xs, ys }`. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Batch } from "../../compiled";
import { ConvnetsError, invalidArgument } from "../../errors";
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
import type {
  BatchDataset,
  BatchSource,
  DatasetElement,
  KnownDataset,
  Pass,
  Tensors,
} from "./types";
import { converted } from "./values";

/** Whether a value is a `tf.data.Dataset`. */
export function isDataset(value: unknown): value is BatchDataset {
  return typeof (value as { iterator?: unknown } | null)?.iterator === "function";
}

/** Whether a dataset says what it holds. */
export function isKnownDataset(dataset: BatchDataset): dataset is KnownDataset {
  const { passes, contentHash } = dataset as Partial<KnownDataset>;
  return typeof passes === "number" && typeof contentHash === "function";
}

/** What is read from an iterator of tfjs; some can be closed before their end. */
interface ClosableIterator {
  next(): Promise<IteratorResult<unknown>>;
  return?(): Promise<unknown> | unknown;
}

/** Passes that `fit` has started on each dataset of this process. */
const passesStarted = new WeakMap<BatchDataset, number>();

/** Reads a dataset pass after pass; each starts a new iterator. */
export class DatasetSource implements BatchSource {
  /** From the dataset, where it knows; afterwards what the first full pass had. */
  steps: number | undefined;
  readonly readsAhead = false;

  constructor(
    private readonly dataset: BatchDataset,
    private readonly use: {
      model: InternalModel;
      /** Without an objective only inputs are read. */
      objective?: Objective;
      classWeight?: ClassWeight;
      /** What the user calls the dataset, for messages. */
      label: string;
    },
  ) {
    const { size } = dataset;
    this.steps = Number.isFinite(size) && size > 0 ? size : undefined;
    if (size === 0) throw emptyDataset(use.label);
    if (use.classWeight !== undefined)
      checkClassWeight(use.classWeight, use.objective!.outputs.length);
  }

  getOrder(): number {
    const { dataset } = this;
    return isKnownDataset(dataset) ? dataset.passes : (passesStarted.get(dataset) ?? 0);
  }

  /**
   * A dataset that shuffles may count its own passes, or draw a new order for each. Where the count can't be set,
   * a new process starts the earlier passes again, each for one element only, so that the next one has the order
   * of its number.
   */
  async setOrder(order: unknown, { mayRead }: { mayRead: boolean }): Promise<void> {
    if (typeof order !== "number") return;
    if (isKnownDataset(this.dataset)) {
      this.dataset.passes = order;
      return;
    }
    while (mayRead && (passesStarted.get(this.dataset) ?? 0) < order) {
      const pass = await this.open();
      const batch = await pass.next();
      if (batch !== undefined)
        tf.dispose([batch.xs, batch.ys, batch.sampleWeights ?? []] as Tensor[][]);
      await pass.close();
    }
  }

  /** Of a dataset that doesn't say what it holds, only the number of batches is known. */
  async identity(): Promise<unknown> {
    const { dataset, use } = this;
    const content = isKnownDataset(dataset)
      ? await dataset.contentHash()
      : { batches: Number.isFinite(dataset.size) ? dataset.size : null };
    return [content, use.classWeight ?? null];
  }

  async open(): Promise<Pass> {
    passesStarted.set(this.dataset, (passesStarted.get(this.dataset) ?? 0) + 1);
    const iterator = (await this.dataset.iterator()) as unknown as ClosableIterator;
    let count = 0;
    let ended = false;
    return {
      next: async () => {
        const result = await iterator.next();
        if (result.done) {
          ended = true;
          if (count === 0) throw emptyDataset(this.use.label);
          this.steps = count;
          return undefined;
        }
        count++;
        return this.toBatch(result.value);
      },
      close: async () => {
        if (!ended) await iterator.return?.();
      },
    };
  }

  private toBatch(element: unknown): Batch {
    try {
      return this.checkedBatch(element);
    } catch (error) {
      tf.dispose(element as Tensor);
      throw error;
    }
  }

  private checkedBatch(element: unknown): Batch {
    const { model, objective, classWeight, label } = this.use;
    const { xs, ys, sampleWeights } = asElement(element, {
      label,
      needsLabels: objective !== undefined,
    });
    const inputs = inModelOrder(xs, model.inputNames, "xs").map(({ tensor, label }, i) => ({
      tensor,
      column: inputColumn(model, i, tensor, label),
    }));
    const labels =
      objective === undefined
        ? []
        : inModelOrder(ys!, model.outputNames, "ys").map((given, i) => ({
            tensor: given.tensor,
            column: labelColumn(model, i, objective.outputs[i]!, given),
          }));
    const weights =
      sampleWeights === undefined || objective === undefined
        ? []
        : inModelOrder(sampleWeights, model.outputNames, "sampleWeights").map(
            ({ tensor, label }) => ({
              tensor,
              column: weightColumn(tensor, label),
            }),
          );
    const size = commonLength(
      [...inputs, ...labels, ...weights].map(({ tensor, column }) => ({
        label: column.label,
        length: tensor.shape[0]!,
      })),
    );
    const read = labels.map(({ tensor, column }) => onHost(tensor, column));
    labels.forEach(({ column }, i) => {
      const classes = model.outputs[i]!.shape.at(-1) ?? null;
      checkLabelValues(objective!.outputs[i]!, read[i]!.values, { classes, label: column.label });
    });
    const batchWeights = weights.map(({ tensor, column }) =>
      toTensor(size, onHost(tensor, column)),
    );
    if (classWeight !== undefined) {
      batchWeights.push(tf.tensor1d(weightsOfClasses(read[0]!.values, size, classWeight)));
    }
    const batch: Batch = {
      xs: inputs.map(({ tensor, column }) => shaped(tensor, size, column)),
      ys: read.map((values) => toTensor(size, values)),
      ...(batchWeights.length > 0 && { sampleWeights: batchWeights }),
      size,
    };
    for (const { tensor } of [...labels, ...weights]) tensor.dispose();
    if (ys !== undefined && objective === undefined) tf.dispose(ys as Tensor);
    return batch;
  }
}

interface HostColumn {
  column: Column;
  values: Float32Array | Int32Array | Uint8Array;
}

/** Labels and weights are small: brought to JavaScript, where they are checked and converted without an op. */
function onHost(tensor: Tensor, column: Column): HostColumn {
  const values = tensor.dataSync() as Float32Array;
  return { column, values: converted(values, column.dtype) };
}

function toTensor(size: number, { column, values }: HostColumn): Tensor {
  return tf.tensor(values, [size, ...column.sampleShape], column.dtype);
}

/** The tensor itself, or a reshaped one in its place. */
function shaped(tensor: Tensor, size: number, column: Column): Tensor {
  if (tensor.rank === column.sampleShape.length + 1) return tensor;
  const result = tf.reshape(tensor, [size, ...column.sampleShape]);
  tensor.dispose();
  return result;
}

function asElement(
  element: unknown,
  options: { label: string; needsLabels: boolean },
): { xs: Tensors; ys?: Tensors; sampleWeights?: Tensors } {
  const record = element as Partial<DatasetElement> | null;
  const hasBoth = typeof record === "object" && record !== null && "xs" in record && "ys" in record;
  if (hasBoth) return record as DatasetElement;
  if (options.needsLabels) {
    throw invalidArgument(options.label, {
      expected: "a dataset of batches `{ xs, ys }`",
      received: element,
    });
  }
  return { xs: element as Tensors };
}

function emptyDataset(label: string): ConvnetsError {
  return new ConvnetsError(`\`${label}\` must have at least one batch. Received: an empty dataset`);
}
