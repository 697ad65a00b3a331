/** What Keras 2 means by words that mean something else in Keras 3. */
import { isObject, type Json, type JsonObject } from "../json";

/** Stands for Keras 2's `hard_sigmoid`, clip(0.2 x + 0.5), where Keras 3 has relu6(x + 3) / 6. */
export const keras2HardSigmoid = "hard_sigmoid of Keras 2";

/**
 * Whether a file's version is one of Keras 2; the oldest files don't say.
 *
 * @param version What the file has as `keras_version`.
 */
export function isKeras2(version: unknown): boolean {
  return typeof version !== "string" || /^[012]\./.test(version);
}

/** A model's description in words of Keras 3, with others where Keras 2 meant something else. */
export function inOtherWords(entry: JsonObject): JsonObject {
  const words = Object.entries(entry).map(([key, value]) => [key, reword(key, value)]);
  const { config, ...rest }: JsonObject = Object.fromEntries(words);
  if (config === undefined) return rest;
  // Before Keras 2.2.3 a Sequential model was but the list of its layers.
  const isList = rest.class_name === "Sequential" && Array.isArray(config);
  return { ...rest, config: isList ? { name: "sequential", layers: config } : config };
}

function reword(key: string, value: Json): Json {
  if (key.endsWith("activation") && isHardSigmoid(value)) return keras2HardSigmoid;
  if (Array.isArray(value)) return value.map((item) => reword("", item));
  return isObject(value) ? inOtherWords(value) : value;
}

function isHardSigmoid(value: Json): boolean {
  const name = isObject(value) ? value.config : value;
  return name === "hard_sigmoid";
}
