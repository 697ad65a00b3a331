/** The contract between the training loop and what runs one step. */
import type { DeviceGroup, WorkerGroup } from "../distributed";
import type { HostTensor } from "../graph";
import type { Objective } from "../objectives";

/** One batch, in JavaScript's memory. Whoever took it from its source releases it when no step reads it any more. */
export interface Batch {
  /** One for each input, in the model's order, shaped and typed as the model wants them. */
  xs: HostTensor[];
  /** One for each output, shaped and typed as the loss wants them. */
  ys: HostTensor[];
  /** One for each output: float32 [batch] (or [batch, steps]), or undefined for weight 1. */
  sampleWeights?: (HostTensor | undefined)[];
  /** Number of samples. */
  size: number;
  /** What this one of several workers has of a whole batch. */
  share?: BatchShare;
  /** Gives the memory back to its owner; left out where nobody ever writes to it. */
  release?: () => void;
}

/** A worker's or a device's part of a batch. */
export interface BatchShare {
  /** Which of the samples count, float32 [batch]: all or, where the part has none and one stands in, none. */
  counted: HostTensor;
  /** How many samples the whole batch has. */
  of: number;
  /** What the whole batch is, where the workers are to compare it. */
  hash?: string;
}

/** How one call takes steps. */
export interface CallOptions {
  /** Without XLA: to learn what a step takes. @default false */
  plainly?: boolean;
}

/** Runs steps of a model; one for each `fit`, `evaluate` or `predict` call. */
export interface StepRunner {
  readonly kind: "graph" | "eager";
  /** One training step. Resolves to the values named by the objective: loss first. */
  train(batch: Batch): Promise<number[]>;
  /**
   * The same for several batches, one after another, of which as many are trained on as go into one call: at least the
   * first. Resolves to what `train` would have given for each of these; whoever looks meanwhile sees none or all.
   */
  trainMany(batches: readonly Batch[], options?: CallOptions): Promise<number[][]>;
  /** The same values without training. */
  evaluate(batch: Batch): Promise<number[]>;
  /** The model's outputs for a batch, of which only the inputs matter; their memory is the caller's. */
  predict(batch: Batch): Promise<HostTensor[]>;
  /** After it, the tfjs model and its optimizer hold the current weights and state. Cheap when nothing changed. */
  pull(): Promise<void>;
  /** Tells the runner that somebody outside (a callback, `setWeights`, learning rate) may have changed the model. */
  push(): Promise<void>;
  /** Makes all workers take the chief's variables before their next step. */
  share(): void;
  /** Frees what the runner holds. The model stays. */
  dispose(): void;
}

/** How a runner is chosen. */
export interface RunnerOptions {
  engine: "auto" | "graph" | "eager";
  precision: "float32" | "bfloat16";
  mode: "train" | "evaluate" | "predict";
  /** What is minimised and measured; not needed to predict. */
  objective?: Objective;
  /** The workers that compute together. */
  group?: WorkerGroup;
  /** The devices of this process that do. */
  devices?: DeviceGroup;
  /** Shows a text where the run shows its progress. */
  say?: (text: string) => void;
}

/** Does work and finds the right weights in the model meanwhile: all that it reads before its first `await`. */
export type ReadWeights = <T>(work: () => T) => T;

/** A runner that says with which weights it computes. */
export interface ModelRunner extends StepRunner {
  /** To read the weights that an evaluation or prediction computes with, whatever a `fit` beside has done to them. */
  readonly reading: ReadWeights;
}
