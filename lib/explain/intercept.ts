/**
 * Looking at layers' outputs while a model runs, or putting others in their places.
 *
 * A model of the layers' outputs would do for a flat model, but not where they are inside a nested one, which has
 * inputs of its own.
 */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { activationName, isModel, type Layer, leaveOutActivation, replaceCall, tf } from "../tfjs";

type LayerCall = Layer["call"];

/** Gets a layer's output and gives the one that the model goes on with, and frees. */
export type Change = (output: Tensor) => Tensor;

/** Runs a model on a batch without training, with the outputs of some layers changed. */
export function runWith(
  model: LayersModel,
  batch: Tensor,
  changes: ReadonlyMap<Layer, Change>,
): Tensor {
  const undo = Array.from(changes, ([layer, change]) => {
    const original = layer.call;
    const changed: LayerCall = (inputs, kwargs) => {
      const output = original.call(layer, inputs, kwargs);
      return change((Array.isArray(output) ? output[0] : output) as Tensor);
    };
    return replaceCall(layer, changed);
  });
  try {
    const output = model.apply(batch) as Tensor | Tensor[];
    return Array.isArray(output) ? output[0]! : output;
  } finally {
    for (const restore of undo) restore();
  }
}

/** What layers answer to a batch. The caller disposes the tensors. */
export function outputsOf(model: LayersModel, batch: Tensor, list: readonly Layer[]): Tensor[] {
  const seen = new Map<Layer, Tensor>();
  const look = (layer: Layer) => (output: Tensor) => {
    seen.get(layer)?.dispose(); // a shared layer is called more than once
    seen.set(layer, tf.keep(output.clone()));
    return output;
  };
  tf.tidy(() => {
    runWith(model, batch, new Map(list.map((layer) => [layer, look(layer)])));
  });
  return list.map((layer) => seen.get(layer)!);
}

/** What turns a model's last numbers into probabilities. */
export type Head = "sigmoid" | "softmax";

/**
 * Runs a model without the sigmoid or softmax at its end.
 *
 * @returns The output and which of the two was left out: a model that ends in another way is run as it is.
 */
export function withoutHead(
  model: LayersModel,
  run: () => Tensor,
): { output: Tensor; head: Head | undefined } {
  const last = lastLayer(model);
  const name = activationName(last);
  if (name !== "sigmoid" && name !== "softmax") return { output: run(), head: undefined };
  return { output: withoutActivation(last, run), head: name };
}

/** Runs something while a layer that has an activation of its own goes without. */
export function withoutActivation<T>(layer: Layer, run: () => T): T {
  const restore = leaveOutActivation(layer);
  try {
    return run();
  } finally {
    restore();
  }
}

/** The layer that makes a model's output, also where that is inside a nested model. */
function lastLayer(model: LayersModel): Layer {
  const { sourceLayer } = model.outputs[0]!;
  return isModel(sourceLayer) ? lastLayer(sourceLayer) : sourceLayer;
}
