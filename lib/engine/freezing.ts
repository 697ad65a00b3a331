/** Freezing as Keras does it: a model's `trainable` sets that of every layer in it. */
import type { LayersModel, layers } from "@tensorflow/tfjs-node-gpu";

/**
 * Makes `model.trainable = value` reach the layers' own flags, at any depth.
 *
 * tfjs 4.22 leaves the flags as they were, so that a layer frozen by itself stays frozen when its model is unfrozen.
 */
export function passFreezingOn(model: { prototype: LayersModel }): void {
  const container = Object.getPrototypeOf(model.prototype);
  const { get } = Object.getOwnPropertyDescriptor(container, "trainable")!;
  Object.defineProperty(container, "trainable", {
    configurable: true,
    get,
    set(this: { layers: layers.Layer[]; trainable_: boolean }, value: boolean) {
      for (const layer of this.layers) layer.trainable = value;
      this.trainable_ = value;
    },
  });
}
