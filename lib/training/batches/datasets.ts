/** Batches from a `tf.data.Dataset` of `{ xs, ys }`. */

import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { type Batch, rowsOf, type Share, shareInfo } from "../../compiled";
import { ConvnetsError, invalidArgument } from "../../errors";
import { hashOf } from "../../files";
import type { HostTensor } from "../../graph";
import type { Objective } from "../../objectives";
import { DType } from "../../tfjs";
import {
  type ClassWeight,
  checkClassWeight,
  refuseBothWeights,
  weightsOfClasses,
} from "./classWeight";
import { type Element, type Outline, openElements } from "./elements";
import {
  type Column,
  checkLabelValues,
  commonLength,
  inModelOrder,
  inputColumn,
  labelColumn,
  weightColumn,
} from "./shapes";
import { shareOf } from "./share";
import type { BatchDataset, BatchSource, KnownDataset, Pass, Several } from "./types";
import { converted, type Values } from "./values";

/** Whether a value is a `tf.data.Dataset`. */
export function isDataset(value: unknown): value is BatchDataset {
  return typeof (value as { iterator?: unknown } | null)?.iterator === "function";
}

/** Whether a dataset says what it holds. */
export function isKnownDataset(dataset: BatchDataset): dataset is KnownDataset {
  const { passes, contentHash } = dataset as Partial<KnownDataset>;
  return typeof passes === "number" && typeof contentHash === "function";
}

/** Passes that `fit` has started on each dataset of this process. */
const passesStarted = new WeakMap<BatchDataset, number>();

/** Reads a dataset pass after pass; each starts a new iterator. */
export class DatasetSource implements BatchSource {
  /** From the dataset, where it knows; afterwards what the first full pass had. */
  steps: number | undefined;
  readonly readsAhead = false;
  /** Batches of the newest pass that had any. */
  private counted = 0;

  constructor(
    private readonly dataset: BatchDataset,
    private readonly use: {
      model: LayersModel;
      /** Without an objective only inputs are read. */
      objective?: Objective;
      classWeight?: ClassWeight;
      /** Of several workers, which part of each batch is wanted. */
      share?: Share;
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
      (await pass.next())?.release?.();
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
    const { share } = this.use;
    const pass = await openElements(this.dataset, share && ((size) => rowsOf(size, share)));
    const { counted } = this;
    let count = 0;
    return {
      next: async () => {
        const element = await pass.next();
        if (element !== undefined) {
          this.counted = ++count;
          const batch = this.toBatch(element);
          return share === undefined
            ? batch
            : partOf(batch, { share, element, isFirst: count === 1 });
        }
        if (count === 0) throw counted > 0 ? usedUp(this.use.label) : emptyDataset(this.use.label);
        this.steps = count;
        return undefined;
      },
      close: () => pass.close(),
    };
  }

  private toBatch(element: Element): Batch {
    try {
      return { ...this.checkedBatch(element), release: element.release };
    } catch (error) {
      element.release();
      throw error;
    }
  }

  private checkedBatch(element: Element): Batch {
    const { model, objective, classWeight, label } = this.use;
    const { xs, ys, sampleWeights } = asElement(element.value, {
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
    const host = ({ tensor, column }: GivenColumn): HostTensor & { data: Values } => ({
      dtype: DType[column.dtype],
      shape: [size, ...column.sampleShape],
      data: converted(element.read(tensor).data as Values, column.dtype),
    });
    const targets = labels.map(host);
    labels.forEach(({ column }, i) => {
      const classes = model.outputs[i]!.shape.at(-1) ?? null;
      const { data } = targets[i]!;
      checkLabelValues(objective!.outputs[i]!, data, { classes, label: column.label });
    });
    const batchWeights: HostTensor[] = weights.map(host);
    if (classWeight !== undefined) {
      if (batchWeights.length > 0) refuseBothWeights();
      const labelled = { ...labels[0]!.column, values: targets[0]!.data };
      const { values, sampleShape } = weightsOfClasses(labelled, classWeight);
      batchWeights.push({ dtype: DType.float32, shape: [size, ...sampleShape], data: values });
    }
    return {
      xs: inputs.map(({ tensor, column }) => {
        const given = element.read(tensor);
        return given.dtype === DType.uint8 && column.dtype === "float32"
          ? { ...given, shape: [size, ...column.sampleShape] }
          : host({ tensor, column });
      }),
      ys: targets,
      ...(batchWeights.length > 0 && { sampleWeights: batchWeights }),
      size,
    };
  }
}

/** A worker's part of a batch; of the first of a pass, the workers compare the whole. */
function partOf(
  batch: Batch,
  { share, element, isFirst }: { share: Share; element: Element; isFirst: boolean },
): Batch {
  const { whole } = element;
  if (whole === undefined) return shareOf(batch, share, { isCompared: isFirst });
  const info = shareInfo(rowsOf(whole.size, share), whole.size);
  return { ...batch, share: { ...info, hash: isFirst ? hashOf(whole.names) : undefined } };
}

/** What an element holds, and how it goes in. */
interface GivenColumn {
  tensor: Outline;
  column: Column;
}

function asElement(
  element: unknown,
  options: { label: string; needsLabels: boolean },
): { xs: Several<Outline>; ys?: Several<Outline>; sampleWeights?: Several<Outline> } {
  const record = element as ReturnType<typeof asElement> | null;
  const hasBoth = typeof record === "object" && record !== null && "xs" in record && "ys" in record;
  if (hasBoth) return record;
  if (options.needsLabels) {
    throw invalidArgument(options.label, {
      expected: "a dataset of batches `{ xs, ys }`",
      received: element,
    });
  }
  return { xs: element as Several<Outline> };
}

function usedUp(label: string): ConvnetsError {
  return new ConvnetsError(
    `\`${label}\` can be read once only: it had no batch left for the next epoch.`,
    {
      hint: "Make it of a function that begins anew each time: `tf.data.generator(function* () { … })`.",
    },
  );
}

function emptyDataset(label: string): ConvnetsError {
  return new ConvnetsError(`\`${label}\` must have at least one batch. Received: an empty dataset`);
}
