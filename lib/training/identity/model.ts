/** What makes a model the same model in another process. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { ReadWeights } from "../../compiled";
import { hashArrays, hashOf } from "../../files";
import { allWeights, type Layer, layersOf } from "../../tfjs";

/**
 * A hash of a model's layers: their classes, settings and connections.
 *
 * Names don't count, since tfjs numbers them on from model to model; initializers don't either, since the weights
 * that they made are there, nor what is frozen, which changes no output.
 */
export function hashArchitecture(model: LayersModel): string {
  const names = new Map<string, string>();
  const collect = (layer: Layer) => {
    if (!names.has(layer.name)) names.set(layer.name, `#${names.size}`);
    for (const inner of layersOf(layer)) collect(inner);
  };
  collect(model);
  const config = JSON.stringify(model.getConfig(), (key, value: unknown) => {
    if (/initializer$|^trainable$/i.test(key)) return undefined;
    // Names stand by that key, or first in a reference: other texts may be alike, as the activation "softmax" is.
    const mayName = key === "name" || key === "0";
    return mayName && typeof value === "string" ? (names.get(value) ?? value) : value;
  });
  return hashOf([model.getClassName(), config]);
}

/**
 * A hash of all weights of a model, in their order.
 *
 * @param reading Finds the weights that are meant. Those that are in the model by default.
 */
export function hashWeights(
  model: LayersModel,
  reading: ReadWeights = (work) => work(),
): Promise<string> {
  const weights = allWeights(model);
  return hashArrays(
    (function* () {
      for (const weight of weights) yield reading(() => weight.read().dataSync());
    })(),
  );
}
