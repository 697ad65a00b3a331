/** Metrics with settings in Keras' files. */
import { isObject, type Json, type JsonObject } from "../json";
import { isNamedMetric, type KerasMetric, makeNamedMetric } from "../objectives";
import { plainValue } from "./describedNames";
import { field, ModelFileError } from "./json";
import { toCamelCase, toSnakeCase } from "./names";

/** Keras insists on floats for these, and JSON as JavaScript writes it has no `1.0`. */
const floats = ["beta", "threshold"];

/** Our name of Keras' class: `MeanIoU` → `meanIoU`. */
function nameOf(className: string): string {
  return `${className[0]?.toLowerCase() ?? ""}${className.slice(1)}`;
}

/** Whether a file describes one of the metrics with settings. */
export function isMetricClass(value: Json): value is JsonObject {
  if (!isObject(value)) return false;
  const className = field(value, "class_name");
  return typeof className === "string" && isNamedMetric(nameOf(className));
}

/**
 * Keras' metric → ours.
 *
 * @throws ModelFileError for a setting that isn't known, or a value that isn't taken.
 */
export function readMetricClass(value: JsonObject): KerasMetric {
  const className = String(field(value, "class_name"));
  const config = field(value, "config");
  const entries = Object.entries(isObject(config) ? config : {})
    .filter(([key, setting]) => key !== "dtype" && (setting !== null || key === "average"))
    .map(([key, setting]) => [toCamelCase(key), plainValue(setting)]);
  try {
    return makeNamedMetric(nameOf(className), Object.fromEntries(entries));
  } catch (cause) {
    const { message } = cause as Error;
    throw new ModelFileError(
      `is compiled with the metric "${className}", which is refused: ${message}`,
      { cause },
    );
  }
}

/** Ours → Keras' metric. */
export function writeMetricClass({ name, measured }: KerasMetric): JsonObject {
  const config: JsonObject = { name };
  for (const [key, value] of Object.entries(measured.options)) {
    const isFloat = floats.includes(key) && Number.isInteger(value);
    const written = typeof value === "object" && value !== null ? [...value] : value;
    config[toSnakeCase(key)] = isFloat ? Number(value) * (1 - Number.EPSILON / 2) : written;
  }
  const className = `${measured.kind[0]!.toUpperCase()}${measured.kind.slice(1)}`;
  return { module: "keras.metrics", class_name: className, config, registered_name: null };
}
