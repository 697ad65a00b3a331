/**
 * Looking at a layer's output while a model runs, or putting another in its place.
 *
 * A model of the layer's output would do for a flat model, but not where the layer is inside a nested one, which has
 * inputs of its own.
 */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../engine";
import type { Layer } from "./layers";

type Call = Layer["call"];

/**
 * Runs a model on a batch without training.
 *
 * @param change Gets the layer's output and gives the one that the model goes on with, and frees.
 */
export function runWith(
  model: LayersModel,
  batch: Tensor,
  { layer, change }: { layer: Layer; change: (output: Tensor) => Tensor },
): Tensor {
  const original = layer.call;
  const changed: Call = (inputs, kwargs) => {
    const output = original.call(layer, inputs, kwargs);
    return change((Array.isArray(output) ? output[0] : output) as Tensor);
  };
  const own = Object.getOwnPropertyDescriptor(layer, "call");
  layer.call = changed;
  try {
    const output = model.apply(batch) as Tensor | Tensor[];
    return Array.isArray(output) ? output[0]! : output;
  } finally {
    if (own === undefined) delete (layer as Partial<Layer>).call;
    else Object.defineProperty(layer, "call", own);
  }
}

/** What layers answer to a batch. The caller disposes the tensors. */
export function outputsOf(model: LayersModel, batch: Tensor, list: readonly Layer[]): Tensor[] {
  return list.map((layer) =>
    tf.tidy(() => {
      let seen: Tensor | undefined;
      runWith(model, batch, {
        layer,
        change: (output) => {
          seen = tf.keep(output.clone());
          return output;
        },
      });
      return seen!;
    }),
  );
}

/** A layer that may have an activation at its end. */
export interface Activated {
  activation?: { getClassName(): string };
}

/**
 * Runs a model without the sigmoid or softmax at its end.
 *
 * @returns The output, and whether it is one of logits: a model that ends in another way is run as it is.
 */
export function withoutLastActivation(
  model: LayersModel,
  run: () => Tensor,
): { output: Tensor; isLogit: boolean } {
  const last = lastLayer(model) as Activated;
  const isLogit = ["sigmoid", "softmax"].includes(last.activation?.getClassName() ?? "");
  return { output: isLogit ? withoutActivation(last, run) : run(), isLogit };
}

/** Runs something while a layer that has an activation of its own goes without. */
export function withoutActivation<T>(layer: Activated, run: () => T): T {
  const own = layer.activation;
  if (own === undefined) return run();
  const linear = tf.layers.activation({ activation: "linear" }) as Activated;
  layer.activation = linear.activation!;
  try {
    return run();
  } finally {
    layer.activation = own;
  }
}

/** The layer that makes a model's output, also where that is inside a nested model. */
function lastLayer(model: LayersModel): unknown {
  const { sourceLayer } = model.outputs[0]!;
  return "layers" in sourceLayer ? lastLayer(sourceLayer as unknown as LayersModel) : sourceLayer;
}
