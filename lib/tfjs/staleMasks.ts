/**
 * Masks in tfjs' own `model.predict`, `evaluate` and `fit`.
 *
 * tfjs 4.22 hands all layers of a model one object of options, and leaves a mask in it for those that come later and
 * have none.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { hasMask, runsInModel } from "./execution";
import type { Layer } from "./layer";
import * as tf from "./tfjs";

/** Options of calls: the mask in them, and the layer that was called with it first. */
const seen = new WeakMap<object, { mask: unknown; layer: Layer }>();

/** Takes a mask away from a layer whose inputs have none, where it was left by an earlier layer. */
export function leaveStaleMasks(): void {
  const { prototype } = tf.layers.Layer;
  const { apply } = prototype;
  Object.assign(prototype, {
    apply(this: Layer, inputs: Tensor | Tensor[], kwargs?: Record<string, unknown>) {
      const mask = kwargs?.mask;
      if (kwargs === undefined || mask == null || runsInModel()) {
        return apply.call(this, inputs, kwargs);
      }
      const before = seen.get(kwargs);
      if (before?.mask !== mask) seen.set(kwargs, { mask, layer: this });
      else if (before.layer !== this && !takesMasks(this)) {
        return apply.call(this, inputs, { ...kwargs, mask: undefined });
      }
      return apply.call(this, inputs, kwargs);
    },
  });
}

/** Whether a layer is called anywhere on something that has a mask. */
function takesMasks({ inboundNodes }: Layer): boolean {
  return inboundNodes.some(({ inputTensors }) => inputTensors.some(hasMask));
}
