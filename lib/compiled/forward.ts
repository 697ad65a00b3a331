/** The parts of a training step. */
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import type { Normalizer } from "../objectives";
import { innerLayersOf, keepingLogits, type Layer, type Masks, replaceCall, tf } from "../tfjs";

/** Each output's loss when there are several. */
export function sharesOf({ outputLosses }: Forward): Tensor[] {
  return outputLosses.length > 1 ? outputLosses : [];
}

/** What a step computes before it updates anything. */
export interface Forward {
  loss: Scalar;
  outputLosses: Scalar[];
  yPreds: Tensor[];
  /** For each output which time steps count. */
  masks: Masks;
  /** Of several workers, what this one's losses count; they are multiplied by it. */
  counts: Counts | undefined;
}

/** What this worker's part of a batch counts in what all have. */
export interface Counts {
  /** Of what is a mean over samples. */
  examples: Tensor;
  /** Of what is a sum over samples: 1, or 0 where none of them counts. */
  present: Tensor;
  /** Of each output's loss. */
  outputs: Tensor[];
  /** Whether these are shares of the whole; otherwise what is summed is yet to be divided by the sum of `examples`. */
  areShares: boolean;
}

/** Says it, of what each output's loss is divided by. */
export type Counting = (normalizers: readonly Normalizer[]) => Counts;

/** A number of the objective, and how those of batches combine. */
export interface Measured {
  value: Tensor;
  combine: "mean" | "sum";
}

/** tfjs has no gradient of what was frozen since, which is trained until the next `compile`. */
export function trainable<T>(variables: Variable[], step: () => T): T {
  const frozen = variables.filter((variable) => !variable.trainable);
  for (const variable of frozen) variable.trainable = true;
  try {
    return step();
  } finally {
    for (const variable of frozen) variable.trainable = false;
  }
}

/** Losses and metrics may ask for logits. */
export function computing(step: () => Tensor[]): Tensor[] {
  return tf.tidy(() => keepingLogits(step));
}

/** The regularizers of a layer and of the layers within it: tfjs' recurrent layers don't pass on their cells'. */
export function regularizersOf(layer: Layer): (() => Scalar)[] {
  return [...new Set([...layer.losses, ...innerLayersOf(layer).flatMap(regularizersOf)])];
}

/** A frozen BatchNormalization normalises by its moving statistics and leaves them alone, as in Keras. */
export function useMovingStatistics(layer: Layer): () => void {
  const { call } = layer;
  return replaceCall(layer, (inputs, kwargs) =>
    call.call(layer, inputs, { ...kwargs, training: false }),
  );
}
