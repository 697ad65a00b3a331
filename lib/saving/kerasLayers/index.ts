/** Layers that compute what Keras computes, where tfjs' own layer of that name can't. */

import type { JsonObject } from "../../json";
import { type Layer, type LayerClass, layerClass } from "../../tfjs";
import { field } from "../json";
import { applicationLayers } from "./applicationLayers";
import { bareNormalizationClass } from "./bareNormalization";
import { thresholdedReLUClass } from "./thresholdedReLU";

/** A layer's key in the table, where it is one of Keras' own networks. */
export function applicationKeyOf(layer: Layer): string | undefined {
  const found = Object.entries(applicationLayers).find(([, cls]) => layer instanceof cls);
  return found?.[0];
}

/**
 * The class for a layer of a Keras file.
 *
 * @param className Its key in the table.
 * @param config Keras' configuration, which decides whether tfjs' own class will do.
 * @returns `undefined` when there is no such layer.
 */
export function classFor(className: string, config: JsonObject): LayerClass | undefined {
  const is = (key: string, value: boolean) => {
    const given = field(config, key);
    return given === value || given === Number(value);
  };
  if (className === "ThresholdedReLU") return thresholdedReLUClass();
  if (className === "BatchNormalization" && (is("center", false) || is("scale", false))) {
    return bareNormalizationClass();
  }
  return Object.hasOwn(applicationLayers, className)
    ? applicationLayers[className]
    : layerClass(className);
}
