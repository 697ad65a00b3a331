/** What files say of options that have no bearing on what a layer computes here, for when it is written again. */
import type { JsonObject } from "../json";
import type { Layer } from "../tfjs";
import type { LayerRule } from "./layerRule";

const kept = new WeakMap<Layer, JsonObject>();

/** Keeps numbers, flags and words of such options, or objects. */
export function keepOptions(layer: Layer, rule: LayerRule, config: JsonObject): void {
  const entries = Object.entries(config).filter(([key, setting]) => {
    const option = Object.hasOwn(rule.options, key) ? rule.options[key] : undefined;
    if (option?.isKept === undefined || option.readOnly) return false;
    const types = option.isKept === "objects" ? ["object"] : ["number", "boolean", "string"];
    return setting !== null && types.includes(typeof setting);
  });
  kept.set(layer, Object.fromEntries(entries));
}

/** What was kept for a layer; nothing of one that is of no file. */
export function keptOptionsOf(layer: Layer): JsonObject {
  return kept.get(layer) ?? {};
}
