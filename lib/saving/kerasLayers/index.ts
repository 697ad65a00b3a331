/** Layers that compute what Keras computes, where tfjs' own layer of that name can't. */

import { type Layer, type LayerClass, layerClass } from "../../tfjs";
import { applicationLayers } from "./applicationLayers";
import { thresholdedReLUClass } from "./thresholdedReLU";

export { LayerScale } from "./applicationLayers";

/** A layer's key in the table, where it is one of Keras' own networks. */
export function applicationKeyOf(layer: Layer): string | undefined {
  const found = Object.entries(applicationLayers).find(([, cls]) => layer instanceof cls);
  return found?.[0];
}

/**
 * The class for a layer of a Keras file.
 *
 * @param className Its key in the table.
 * @returns `undefined` when there is no such layer.
 */
export function classFor(className: string): LayerClass | undefined {
  if (className === "ThresholdedReLU") return thresholdedReLUClass();
  return Object.hasOwn(applicationLayers, className)
    ? applicationLayers[className]
    : layerClass(className);
}
