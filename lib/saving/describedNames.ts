/** How files describe losses and metrics: by names, as functions, or as objects with settings. */

import { describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { field, ModelFileError } from "./json";

/** Keras' classes for any function, which they name in their settings. */
const wrappers = ["MeanMetricWrapper", "LossFunctionWrapper"];

/** Files name `binary_crossentropy`, `BinaryCrossentropy`, an object of that class, or one that wraps the function. */
export function named(value: Json): { name: string; config: JsonObject } {
  if (typeof value === "string") return { name: value, config: {} };
  const inner = isObject(value) ? field(value, "config") : undefined;
  if (typeof inner === "string") return { name: inner, config: {} }; // a function, by its name
  const name = isObject(value) ? field(value, "class_name") : undefined;
  if (typeof name !== "string") {
    throw new ModelFileError(
      `is compiled with ${describeValue(value)}, which is no loss or metric`,
    );
  }
  const config = isObject(inner) ? inner : {};
  const fn = wrappers.includes(name) ? field(config, "fn") : undefined;
  return { name: fn === undefined ? name : named(fn).name, config };
}

/** The name of Keras' class for a function's name: `binary_accuracy` → `BinaryAccuracy`. */
export function classNameFor(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What Keras writes as an object of its own, a tuple or a tensor, as a list. */
export function plainValue(value: Json): Json {
  if (!isObject(value)) return value;
  if (field(value, "class_name") === "__tuple__") return field(value, "items") ?? null;
  const config = field(value, "config");
  return (isObject(config) ? field(config, "value") : undefined) ?? null;
}
