/** Freezing as Keras does it: a model's `trainable` sets that of every layer in it. */
import type { LayersModel, LayerVariable, layers, Sequential } from "@tensorflow/tfjs-node-gpu";
import { leavesOf } from "./layerTree";

type Layer = layers.Layer & { layers?: Layer[] };
type Container = LayersModel & { trainable_: boolean };

/**
 * Makes `model.trainable = value` reach the layers' own flags, at any depth, and the lists of weights follow those.
 *
 * tfjs 4.22 leaves the flags as they were: a layer that was frozen by itself stays so when its model is unfrozen, and
 * one that is unfrozen by itself in a frozen model is not trained.
 */
export function freezeAsKeras(tf: {
  LayersModel: { prototype: LayersModel };
  Sequential: { prototype: Sequential };
}): void {
  // A Sequential builds a model of its own, and tells it that it is trainable, which is no wish of the user's.
  let isBuilding = false;
  const { build } = tf.Sequential.prototype;
  tf.Sequential.prototype.build = function (...args) {
    const before = isBuilding;
    isBuilding = true;
    try {
      build.apply(this, args);
    } finally {
      isBuilding = before;
    }
  };

  const container: object = Object.getPrototypeOf(tf.LayersModel.prototype);
  Object.defineProperties(container, {
    trainable: {
      get(this: Container): boolean {
        return this.trainable_;
      },
      set(this: Container, value: boolean) {
        if (!isBuilding) for (const layer of this.layers) layer.trainable = value;
        this.trainable_ = value;
      },
    },
    trainableWeights: {
      get(this: Container): LayerVariable[] {
        return this.trainable_
          ? leavesOf<Layer>(this).flatMap((layer) => layer.trainableWeights)
          : [];
      },
    },
    nonTrainableWeights: {
      get(this: Container): LayerVariable[] {
        const all = leavesOf<Layer>(this);
        const frozen = this.trainable_ ? [] : all.flatMap((layer) => layer.trainableWeights);
        return [...frozen, ...all.flatMap((layer) => layer.nonTrainableWeights)];
      },
    },
  });
}
