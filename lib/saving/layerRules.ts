/** Looks layers up in the table. */
import type { JsonObject } from "../json";
import { layerClass } from "../tfjs";
import { field, ModelFileError } from "./json";
import type { LayerRule } from "./layerRule";
import { layerTable } from "./layerTable";
import { mayBeOperation, supportedOperations } from "./operations";
import { preprocessingLayers } from "./preprocessingTable";
import { classNameOf } from "./titles";

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

/** The error for an entry of a class that isn't known. */
export function unknownClass(entry: JsonObject, title: string): ModelFileError {
  const layers = supportedLayers().join(", ");
  if (!mayBeOperation(entry)) {
    return new ModelFileError(
      `${title} is of an unknown class. Supported: ${layers}. \`registerKerasLayer\` makes a class of yours known`,
    );
  }
  return new ModelFileError(
    `"${field(entry, "name")}" (${classNameOf(entry)}) is neither a layer nor an operation that is known. ` +
      `Layers: ${layers}. Operations: ${supportedOperations().join(", ")}`,
  );
}
