/** What a file's entry claims to be, and how messages name it. */
import { describeValue } from "../errors";
import type { JsonObject } from "../json";
import { kerasClassName, type Layer } from "../tfjs";
import { field, ModelFileError } from "./json";

/** How messages name a layer. */
export function layerTitle(className: string, name: unknown): string {
  return typeof name === "string" ? `layer "${name}" (${className})` : `a layer (${className})`;
}

/** The name Keras has for a layer's class. */
export function kerasClassOf(layer: Layer): string {
  return kerasClassName(layer.getClassName());
}

/** HDF5 files name classes as Python does; Keras exports this one under another name. */
const exportedNames: Record<string, string> = { GroupedQueryAttention: "GroupQueryAttention" };

/** The class an entry names. */
export function classNameOf(entry: JsonObject): string {
  const className = field(entry, "class_name");
  if (typeof className === "string") return exportedNames[className] ?? className;
  throw new ModelFileError(`has a layer without a class: ${describeValue(entry)}`);
}

/** Keras 3 would import the module that a file names; here it can only be one of Keras' own. */
export function checkModule(entry: JsonObject, title: string): void {
  const module = field(entry, "module");
  const registered = field(entry, "registered_name");
  if (module === undefined || module === null || typeof registered === "string") return;
  if (typeof module === "string" && /^(tf_)?keras(\.|$)/.test(module)) return;
  throw new ModelFileError(
    `${title} names the Python module ${describeValue(module)}. Only Keras' own layers are read; nothing is imported`,
  );
}
