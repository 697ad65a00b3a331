/** Between a step's lists of tensors and what they stand for. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { HostTensor } from "../graph";
import type { TensorBatch } from "./eager";
import type { Batch } from "./step";

/** Makes batches of tensors of the same form as `model` from their list. */
export function rebuilder(model: Batch): (tensors: Tensor[]) => TensorBatch {
  return (tensors) => {
    const rest = [...tensors];
    const xs = rest.splice(0, model.xs.length);
    const ys = rest.splice(0, model.ys.length);
    const sampleWeights = model.sampleWeights?.map((weights) =>
      weights === undefined ? undefined : rest.shift(),
    );
    return { xs, ys, sampleWeights, counted: model.share && rest.shift() };
  };
}

/** The numbers of a step whose results are packed. */
export function numbersOf([packed]: HostTensor[]): number[] {
  return Array.from(packed!.data as Float32Array);
}
