/** Layers that do something else for a while. Each change gives the function that takes it back. */
import { insides } from "./insides";
import type { Layer } from "./layer";
import { tf } from "./tensorflow";

/** Lets a layer be called in another way. */
export function replaceCall(layer: Layer, replacement: Layer["call"]): () => void {
  const { call } = layer;
  const isOwn = Object.hasOwn(layer, "call");
  layer.call = replacement;
  return () => {
    if (isOwn) layer.call = call;
    else Reflect.deleteProperty(layer, "call"); // the class's own comes back
  };
}

/** Leaves out the activation of a layer that has one of its own. */
export function leaveOutActivation(layer: Layer): () => void {
  const activated = insides("Activated", layer);
  const { activation } = activated;
  if (activation === undefined) return () => {};
  activated.activation = linearActivation();
  return () => {
    activated.activation = activation;
  };
}

/** Asks before a layer makes each of its weights; what `check` throws, the layer's `build` throws. */
export function checkNewWeights(
  layer: Layer,
  check: (weight: { name: string; shape: number[] }) => void,
): () => void {
  const maker = insides("Layer", layer);
  const addWeight = maker.addWeight.bind(layer);
  maker.addWeight = (name, shape, ...rest) => {
    check({ name, shape });
    return addWeight(name, shape, ...rest);
  };
  return () => Reflect.deleteProperty(layer, "addWeight");
}

type Activation = NonNullable<ReturnType<typeof insides<"Activated">>["activation"]>;

let linear: Activation | undefined;
function linearActivation(): Activation {
  // A name of its own: without one it would be counted, and the user's next activation be called `activation_1`.
  const config = { activation: "linear", name: "linear" } as const;
  linear ??= insides("Activated", tf.layers.activation(config)).activation!;
  return linear;
}
