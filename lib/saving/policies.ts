/** Keras' policies of dtypes: files name several, and all are computed in float32 here. */
import { describeValue } from "../errors";
import { isObject, type JsonObject } from "../json";
import { field, ModelFileError } from "./json";

const floatPolicies = ["float32", "mixed_float16", "mixed_bfloat16", "float16", "bfloat16"];

/** Keras' description of the only policy that tfjs computes in. */
export function float32Policy(): JsonObject {
  return {
    module: "keras",
    class_name: "DTypePolicy",
    config: { name: "float32" },
    registered_name: null,
  };
}

/** Refuses a layer whose policy is of other numbers. */
export function checkPolicy(config: JsonObject, title: string): void {
  const dtype = field(config, "dtype");
  const inner = isObject(dtype) ? field(dtype, "config") : undefined;
  const name = isObject(inner) ? (field(inner, "name") ?? field(inner, "mode")) : dtype;
  if (name === undefined || name === null) return;
  if (typeof name === "string" && floatPolicies.includes(name)) return;
  throw new ModelFileError(
    `${title} has the dtype policy ${describeValue(name)}. Supported: ${floatPolicies.join(", ")} (all computed in float32)`,
  );
}
