/** Layers that do something else for a while. Each change gives the function that takes it back. */
import { tf } from "./tensorflow";

/** Lets a layer be called in another way. */
export function replaceCall<Layer extends { call: unknown }>(
  layer: Layer,
  replacement: Layer["call"],
): () => void {
  const { call } = layer;
  const isOwn = Object.hasOwn(layer, "call");
  layer.call = replacement;
  return () => {
    if (isOwn) layer.call = call;
    else delete (layer as Partial<Layer>).call;
  };
}

/** A layer that may have an activation at its end. */
export interface Activated {
  activation?: object;
}

/** Leaves out the activation of a layer that has one of its own. */
export function leaveOutActivation(layer: Activated): () => void {
  const { activation } = layer;
  if (activation === undefined) return () => {};
  layer.activation = linearActivation();
  return () => {
    layer.activation = activation;
  };
}

let linear: object | undefined;
function linearActivation(): object {
  linear ??= (tf.layers.activation({ activation: "linear" }) as Activated).activation!;
  return linear;
}
