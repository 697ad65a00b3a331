/** Keras' policies of dtypes: files name several, and all floats are computed in float32 here. */
import { describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import type { Layer } from "../tfjs";
import { field, ModelFileError } from "./json";

const floatPolicies = [
  ...["float32", "mixed_float16", "mixed_bfloat16"],
  ...["float16", "bfloat16", "float64"],
];
const wholePolicies = ["int32", "int64"];

/** What files say of layers' policies, for when they are written again. */
const kept = new WeakMap<Layer, Json>();

/** Keras' description of a policy. */
export function policyNamed(name: string): JsonObject {
  return { module: "keras", class_name: "DTypePolicy", config: { name }, registered_name: null };
}

/** Keras' description of the policy that tfjs computes in. */
export function float32Policy(): JsonObject {
  return policyNamed("float32");
}

/**
 * Refuses a layer whose policy is of other numbers.
 *
 * @param options.takesWhole Whether that of whole numbers is one for it.
 */
export function checkPolicy(
  config: JsonObject,
  title: string,
  options: { takesWhole: boolean },
): void {
  const name = nameOf(field(config, "dtype"));
  if (name === undefined || name === null) return;
  const known = [...floatPolicies, ...(options.takesWhole ? wholePolicies : [])];
  if (typeof name === "string" && known.includes(name)) return;
  throw new ModelFileError(
    `${title} has the dtype policy ${describeValue(name)}. Supported: ${known.join(", ")} (floats are computed in float32)`,
  );
}

function nameOf(dtype: Json | undefined): Json | undefined {
  const inner = isObject(dtype ?? null) ? field(dtype as JsonObject, "config") : undefined;
  return isObject(inner ?? null)
    ? (field(inner as JsonObject, "name") ?? field(inner as JsonObject, "mode"))
    : dtype;
}

/** Keeps what a file says of a layer's policy. */
export function keepPolicy(layer: Layer, config: JsonObject): void {
  const dtype = field(config, "dtype") ?? null;
  if (dtype === null) return;
  const isPlain = typeof dtype === "string" || (dtype as JsonObject).class_name === "DTypePolicy";
  if (isPlain) kept.set(layer, dtype);
}

/** What was kept of a layer's policy; undefined for one that is of no file. */
export function policyOf(layer: Layer): Json | undefined {
  return kept.get(layer);
}
