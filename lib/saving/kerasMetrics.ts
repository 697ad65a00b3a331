/** Metrics with settings in Keras' files. */
import { isObject, type Json, type JsonObject } from "../json";
import { isNamedMetric, type KerasMetric, makeNamedMetric } from "../objectives";
import { plainValue } from "./describedNames";
import { field, ModelFileError } from "./json";
import { toCamelCase, toSnakeCase } from "./names";

/** Keras insists on floats for these, and JSON as JavaScript writes it has no `1.0`. */
const floats = ["beta", "threshold"];

/** Settings of which none is another value than nothing said. */
const nullable = ["average", "class_aggregation"];

/** What other settings Keras' classes have always have one value here. */
const fixed: Record<string, Json[]> = { axis: [-1], from_sorted_ids: [false] };

/** What files say of the types that Keras computes metrics in, for when they are written again: here it is float32. */
const dtypes = new WeakMap<object, Json>();

/** Our name of Keras' class: `MeanIoU` → `meanIoU`. */
function kindOf(className: string): string {
  if (className === "KLDivergence") return "klDivergence";
  return `${className[0]?.toLowerCase() ?? ""}${className.slice(1)}`;
}

/** Keras' class of a metric. */
export function metricClassOf(kind: string): string {
  if (kind === "klDivergence") return "KLDivergence";
  return `${kind[0]!.toUpperCase()}${kind.slice(1)}`;
}

/** Whether a file describes one of the metrics with settings. */
export function isMetricClass(value: Json): value is JsonObject {
  if (!isObject(value)) return false;
  const className = field(value, "class_name");
  return typeof className === "string" && isNamedMetric(kindOf(className));
}

/**
 * Keras' metric → ours.
 *
 * @throws ModelFileError for a setting that isn't known, or a value that isn't taken.
 */
export function readMetricClass(value: JsonObject): KerasMetric {
  const className = String(field(value, "class_name"));
  const config = field(value, "config");
  return readMetricOf(kindOf(className), { config: isObject(config) ? config : {}, className });
}

/** Keras' settings of a metric → ours. */
export function readMetricOf(
  kind: string,
  { config, className }: { config: JsonObject; className: string },
): KerasMetric {
  const { dtype = null, ...settings } = config;
  const read = (options: object) => {
    try {
      return makeNamedMetric(kind, options);
    } catch (cause) {
      const { message } = cause as Error;
      throw new ModelFileError(
        `is compiled with the metric "${className}", which is refused: ${message}`,
        { cause },
      );
    }
  };
  const entries = Object.entries(settings)
    .filter(([key, setting]) => !fixed[key]?.includes(setting))
    .filter(([key, setting]) => setting !== null || nullable.includes(key))
    .map(([key, setting]) => [toCamelCase(key), readSetting(key, setting)]);
  const metric = read(Object.fromEntries(entries));
  keepType(metric, dtype);
  return metric;
}

function readSetting(key: string, setting: Json): Json {
  const isWord = typeof setting === "string" && key !== "name";
  return isWord ? toCamelCase(setting) : plainValue(setting);
}

/** Ours → Keras' metric. */
export function writeMetricClass(metric: KerasMetric): JsonObject {
  const { name, measured } = metric;
  const config: JsonObject = { name, ...typeOf(metric) };
  for (const [key, value] of Object.entries(measured.options)) {
    config[toSnakeCase(key)] = writeSetting(toSnakeCase(key), value);
  }
  const className = metricClassOf(measured.kind);
  return { module: "keras.metrics", class_name: className, config, registered_name: null };
}

function writeSetting(
  key: string,
  value: KerasMetric["measured"]["options"][string] | undefined,
): Json {
  if (typeof value === "string") return toSnakeCase(value);
  if (typeof value === "object" && value !== null) return [...value];
  if (floats.includes(key) && Number.isInteger(value)) {
    return Number(value) * (1 - Number.EPSILON / 2);
  }
  return value ?? null;
}

/** Keeps what a file says of a metric's type. */
export function keepType(metric: object, dtype: Json): void {
  if (dtype !== null) dtypes.set(metric, dtype);
}

/** What was kept of a metric's type, as a setting. */
export function typeOf(metric: object): JsonObject {
  const dtype = dtypes.get(metric);
  return dtype === undefined ? {} : { dtype };
}
