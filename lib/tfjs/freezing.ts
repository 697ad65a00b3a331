/** Freezing as Keras does it: a model's `trainable` sets that of every layer in it. */
import type { LayersModel, LayerVariable, Sequential } from "@tensorflow/tfjs-node-gpu";
import { insides } from "./insides";
import { leavesOf } from "./layer";

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
      get(this: LayersModel): boolean {
        return insides("Model", this).trainable_;
      },
      set(this: LayersModel, value: boolean) {
        if (!isBuilding) for (const layer of this.layers) layer.trainable = value;
        insides("Model", this).trainable_ = value;
      },
    },
    trainableWeights: {
      get(this: LayersModel): LayerVariable[] {
        const isTrained = insides("Model", this).trainable_;
        return isTrained ? leavesOf(this).flatMap((layer) => layer.trainableWeights) : [];
      },
    },
    nonTrainableWeights: {
      get(this: LayersModel): LayerVariable[] {
        const all = leavesOf(this);
        const isTrained = insides("Model", this).trainable_;
        const frozen = isTrained ? [] : all.flatMap((layer) => layer.trainableWeights);
        return [...frozen, ...all.flatMap((layer) => layer.nonTrainableWeights)];
      },
    },
  });
}
