/** The small objects inside a layer's configuration: activations, initializers, regularizers, constraints. */
import { describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import type { Config, Serialized } from "../tfjs";
import { field, ModelFileError, unsupported } from "./json";
import { registerObjects } from "./kerasObjects";
import { toCamelCase, toSnakeCase } from "./names";
import { axes, number, type Option, oneOf } from "./values";

/** One family: what Keras' class names are called in tfjs, and how to go between the two configurations. */
interface Family {
  /** The word for messages. */
  noun: string;
  module: string;
  /** Keras' class name → tfjs' class name and the Keras keys that carry over. */
  classes: Record<string, { tfjs: string; keys: string[]; fixed?: Config }>;
  /** What some settings must be, where another family has others of the name. */
  kinds?: Record<string, Option>;
}

const seeded = (tfjs: string, ...keys: string[]) => ({ tfjs, keys: [...keys, "seed"] });

/** Which axes of a weight are inputs and outputs. */
const fanAxes = ["input_axes", "output_axes"];

const initializers: Family = {
  noun: "initializer",
  module: "keras.initializers",
  classes: {
    Zeros: { tfjs: "Zeros", keys: [] },
    Ones: { tfjs: "Ones", keys: [] },
    Constant: { tfjs: "Constant", keys: ["value"] },
    Identity: { tfjs: "Identity", keys: ["gain"] },
    RandomUniform: seeded("RandomUniform", "minval", "maxval"),
    RandomNormal: seeded("RandomNormal", "mean", "stddev"),
    TruncatedNormal: seeded("TruncatedNormal", "mean", "stddev"),
    GlorotUniform: seeded("GlorotUniform"),
    GlorotNormal: seeded("GlorotNormal"),
    HeUniform: seeded("HeUniform"),
    HeNormal: seeded("HeNormal"),
    LecunUniform: seeded("LeCunUniform"),
    LecunNormal: seeded("LeCunNormal"),
    VarianceScaling: seeded("KerasVarianceScaling", "scale", "mode", "distribution", ...fanAxes),
    Orthogonal: seeded("Orthogonal", "gain"),
  },
};

const regularizers: Family = {
  noun: "regularizer",
  module: "keras.regularizers",
  classes: {
    L1: { tfjs: "L1L2", keys: ["l1"], fixed: { l2: 0 } },
    L2: { tfjs: "L1L2", keys: ["l2"], fixed: { l1: 0 } },
    L1L2: { tfjs: "KerasL1L2", keys: ["l1", "l2"] },
    OrthogonalRegularizer: { tfjs: "OrthogonalRegularizer", keys: ["factor", "mode"] },
  },
  kinds: { factor: number({ low: 0 }), mode: oneOf("rows", "columns") },
};

const constraints: Family = {
  noun: "constraint",
  module: "keras.constraints",
  classes: {
    MaxNorm: { tfjs: "MaxNorm", keys: ["max_value", "axis"] },
    UnitNorm: { tfjs: "UnitNorm", keys: ["axis"] },
    NonNeg: { tfjs: "NonNeg", keys: [] },
    MinMaxNorm: { tfjs: "MinMaxNorm", keys: ["min_value", "max_value", "rate", "axis"] },
  },
};

/** tfjs' own that Keras' classes are made of, where no other fits. */
const tfjsOwn: Record<string, string> = {
  L1L2: "KerasL1L2",
  VarianceScaling: "KerasVarianceScaling",
};

const notNegative = number({ low: 0 });

/** What a setting must be; any other is a number. */
const settingKinds: Record<string, Option> = {
  axis: axes(),
  input_axes: axes(),
  output_axes: axes(),
  distribution: oneOf("uniform", "normal", "truncated_normal", "untruncated_normal"),
  l1: notNegative,
  l2: notNegative,
  mode: oneOf("fan_in", "fan_out", "fan_avg"),
};

/** Options of Keras' objects that tfjs lacks, with the values that mean the same as lacking them. */
const harmless: Record<string, Json[]> = Object.fromEntries(fanAxes.map((key) => [key, [null]]));

/** Variance scalings that Keras has a name for: tfjs describes every one by its parameters. */
const namedScalings: [name: string, scale: number, mode: string, distribution: string][] = [
  ["GlorotUniform", 1, "fanAvg", "uniform"],
  ["GlorotNormal", 1, "fanAvg", "normal"],
  ["HeUniform", 2, "fanIn", "uniform"],
  ["HeNormal", 2, "fanIn", "normal"],
  ["LecunUniform", 1, "fanIn", "uniform"],
  ["LecunNormal", 1, "fanIn", "normal"],
];

type Reader = (value: Json, where: string) => Serialized | null;
type WriteObject = (value: unknown, where: string) => Json;

export const readInitializer: Reader = (value, where) => {
  const config = isObject(value) ? field(value, "config") : undefined;
  if (!isObject(config) || fanAxes.every((key) => (field(config, key) ?? null) === null)) {
    return read(initializers, value, where);
  }
  const { name } = described(initializers, value, where);
  const scaling = namedScalings.find(([each]) => each === name);
  if (scaling === undefined) return read(initializers, value, where);
  // One with a name of its own, but with axes that tfjs' doesn't take.
  const entry = { class_name: "VarianceScaling", config };
  const { className, config: axesAndSeed } = read(initializers, entry, where)!;
  const [kerasClass, scale, mode, distribution] = scaling;
  return { className, config: { ...axesAndSeed, scale, mode, distribution, kerasClass } };
};
export const readRegularizer: Reader = (value, where) => read(regularizers, value, where);
export const readConstraint: Reader = (value, where) => read(constraints, value, where);
export const writeRegularizer: WriteObject = (value, where) => write(regularizers, value, where);
export const writeConstraint: WriteObject = (value, where) => write(constraints, value, where);

export const writeInitializer: WriteObject = (value, where) => {
  if (isSerialized(value) && typeof value.config.kerasClass === "string") {
    const { seed = null, inputAxes = null, outputAxes = null, kerasClass } = value.config;
    const config = { seed, input_axes: inputAxes, output_axes: outputAxes } as JsonObject;
    return describe(initializers, kerasClass, config);
  }
  if (!isSerialized(value) || value.className !== "VarianceScaling") {
    return write(initializers, value, where);
  }
  const { scale, mode, distribution } = value.config;
  const named = namedScalings.find(
    ([, ...parameters]) => parameters.join() === [scale, mode, distribution].join(),
  );
  if (named === undefined) return write(initializers, value, where);
  return describe(initializers, named[0], { seed: (value.config.seed ?? null) as Json });
};

function read(family: Family, value: Json, where: string): Serialized | null {
  if (value === null) return null;
  registerObjects();
  const { name, config } =
    typeof value === "string" ? { name: value, config: {} } : described(family, value, where);
  const className = findClass(family, name);
  if (className === undefined) {
    throw unsupported(where, family.noun, name, Object.keys(family.classes));
  }
  const { tfjs, keys, fixed } = family.classes[className]!;
  const result: Config = { ...fixed };
  for (const [key, setting] of Object.entries(config)) {
    if (keys.includes(key)) {
      const read = readSetting(key, setting, {
        where: `${where} has the ${family.noun} ${className}, whose ${key}`,
        family,
      });
      if (read !== undefined) result[toCamelCase(key)] = read;
    } else if (!harmless[key]?.includes(setting)) {
      throw new ModelFileError(
        `${where} has the ${family.noun} ${className} with ${key}=${describeValue(setting)}. ` +
          `Supported: ${keys.join(", ") || "no options"}`,
      );
    }
  }
  return { className: tfjs, config: result };
}

/** Old files name an initializer `glorot_uniform`, new ones `GlorotUniform`. */
function findClass(family: Family, name: string): string | undefined {
  const plain = (text: string) => text.replaceAll("_", "").toLowerCase();
  return Object.keys(family.classes).find((known) => plain(known) === plain(name));
}

function described(family: Family, value: Json, where: string) {
  const name = isObject(value) ? field(value, "class_name") : undefined;
  const config = isObject(value) ? (field(value, "config") ?? {}) : undefined;
  if (typeof name !== "string" || !isObject(config)) {
    throw unsupported(where, family.noun, value, Object.keys(family.classes));
  }
  return { name, config };
}

/** Undefined where it is left to tfjs. */
function readSetting(
  key: string,
  value: Json,
  { where, family }: { where: string; family: Family },
): unknown {
  if (value === null) return undefined;
  if (key === "seed") return typeof value === "number" ? value : undefined; // Keras has generators, too
  const read = (family.kinds?.[key] ?? settingKinds[key] ?? number()).read(value, where);
  if (fanAxes.includes(key)) return [read].flat();
  if (key === "distribution") return read === "truncated_normal" ? "normal" : read;
  return key === "mode" ? toCamelCase(read as string) : read;
}

/** tfjs 4.22 takes the second too, though it draws evenly then: the file has what was asked for. */
const cutNormals: Json[] = ["normal", "truncatedNormal"];

function write(family: Family, value: unknown, where: string): Json {
  if (value === null || value === undefined) return null;
  const entry =
    isSerialized(value) &&
    Object.entries(family.classes).find(
      ([, { tfjs, fixed }]) =>
        (tfjs === value.className || tfjs === tfjsOwn[value.className]) &&
        Object.entries(fixed ?? {}).every(([key, setting]) => value.config[key] === setting),
    );
  if (!isSerialized(value) || !entry) {
    const name = isSerialized(value) ? value.className : value;
    throw unsupported(where, family.noun, name, Object.keys(family.classes));
  }
  const [className, { keys }] = entry;
  const config: JsonObject = {};
  for (const key of keys) {
    const setting = value.config[toCamelCase(key)];
    if (setting !== undefined) config[key] = writeSetting(key, setting as Json);
  }
  return describe(family, className, config);
}

function writeSetting(key: string, value: Json): Json {
  if (key === "distribution") return cutNormals.includes(value) ? "truncated_normal" : value;
  return key === "mode" && typeof value === "string" ? toSnakeCase(value) : value;
}

function describe(family: Family, className: string, config: JsonObject): JsonObject {
  return { module: family.module, class_name: className, config, registered_name: null };
}

function isSerialized(value: unknown): value is Serialized {
  return isObject(value) && typeof value.className === "string" && isObject(value.config);
}
