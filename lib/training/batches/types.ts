/** What training reads batches from. */
import type { data, Tensor, TensorContainer } from "@tensorflow/tfjs-node-gpu";
import type { Batch } from "../../compiled";

/** One, one for each input or output in the model's order, or one by each name. */
export type Several<T> = T | T[] | { [name: string]: T };

/** One tensor, one for each input or output in the model's order, or one by each name. */
export type Tensors = Several<Tensor>;

/** What a dataset yields: batches of inputs, labels and, if wanted, sample weights. */
export interface DatasetElement {
  /** Inputs, `[batch, …]`. */
  xs: Tensors;
  /** Labels, `[batch, …]`. */
  ys: Tensors;
  /** Weights of the samples in the loss, `[batch]`. */
  sampleWeights?: Tensors;
}

/** A dataset of `DatasetElement`; what it yields is checked batch by batch. */
export type BatchDataset = data.Dataset<TensorContainer>;

/** A dataset that says what it holds and has a number for each pass, as `ImageDataset` does. */
export interface KnownDataset extends BatchDataset {
  /** Passes begun so far. The order of a pass follows from its number. */
  passes: number;
  /** A hash of everything that its batches follow from. */
  contentHash(): Promise<string>;
}

/** What `fit` and `evaluate` train and measure on. */
export type TrainingData =
  | [x: Tensors, y: Tensors]
  | [x: Tensors, y: Tensors, sampleWeight: Tensors]
  | BatchDataset;

/** Gives batches, pass after pass. */
export interface BatchSource {
  /** Batches of one pass; undefined where only reading tells. */
  readonly steps: number | undefined;
  /** Whether the next batch may be read while a step runs: reading draws no random numbers. */
  readonly readsAhead: boolean;
  /** Starts a pass; draws a new order where the source shuffles. */
  open(): Promise<Pass>;
  /** Where an order stands that the source keeps by itself; undefined when the random state alone decides. */
  getOrder(): unknown;
  /**
   * Brings the order of the next pass to a kept state, to resume a run.
   *
   * @param options.mayRead Whether data may be read for it; not when nothing will be trained.
   */
  setOrder(order: unknown, options: { mayRead: boolean }): Promise<void>;
  /** What the data is and how it is cut into batches: equal for the same data in another process. */
  identity(): Promise<unknown>;
}

/** One pass over the data. */
export interface Pass {
  /** The next batch, or undefined at the end. The caller releases it. */
  next(): Promise<Batch | undefined>;
  /** Frees what the pass holds; needed when it is left before its end. */
  close(): Promise<void>;
}
