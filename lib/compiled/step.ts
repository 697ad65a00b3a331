/** The contract between the training loop and what runs one step. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Objective } from "../objectives";

/** One batch. The loop owns the tensors and disposes them after the step. */
export interface Batch {
  /** One tensor for each input, in the model's order, shaped and typed as the model wants them. */
  xs: Tensor[];
  /** One tensor for each output, shaped and typed as the loss wants them. */
  ys: Tensor[];
  /** One for each output: float32 [batch] (or [batch, steps]), or undefined for weight 1. */
  sampleWeights?: (Tensor | undefined)[];
  /** Number of samples. */
  size: number;
}

/** Runs steps of a model; one for each `fit`, `evaluate` or `predict` call. */
export interface StepRunner {
  readonly kind: "graph" | "eager";
  /** One training step. Resolves to the values named by the objective: loss first. */
  train(batch: Batch): Promise<number[]>;
  /** The same values without training. */
  evaluate(batch: Batch): Promise<number[]>;
  /** The model's outputs; the caller disposes them. */
  predict(xs: Tensor[]): Promise<Tensor[]>;
  /** After it, the tfjs model and its optimizer hold the current weights and state. Cheap when nothing changed. */
  pull(): Promise<void>;
  /** Tells the runner that somebody outside (a callback, `setWeights`, learning rate) may have changed the model. */
  push(): Promise<void>;
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
}
