/** Looks layers up in the table. */
import { layerClass } from "../tfjs";
import type { LayerRule } from "./layerRule";
import { layerTable, preprocessingLayers } from "./layerTable";

/** What the table says of a class; undefined where it says nothing. */
export const ruleOf = (key: string): LayerRule | undefined =>
  Object.hasOwn(layerTable, key) ? layerTable[key] : undefined;

/** Every class that can be read, for messages. */
export function supportedLayers(): string[] {
  const available = [...Object.keys(layerTable), ...preprocessingLayers].filter(
    (name) => layerClass(name) !== undefined,
  );
  return ["InputLayer", "Functional", "Sequential", ...available].sort();
}
