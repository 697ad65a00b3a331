/** The small objects inside a layer's configuration: activations, initializers, regularizers, constraints. */
import { describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import type { Config, Serialized } from "../tfjs";
import { registerActivations } from "./activations";
import { field, ModelFileError } from "./json";
import { keras2HardSigmoid } from "./keras2";
import { toCamelCase, toSnakeCase } from "./names";

/** One family: what Keras' class names are called in tfjs, and how to go between the two configurations. */
interface Family {
  /** The word for messages. */
  noun: string;
  module: string;
  /** Keras' class name → tfjs' class name and the Keras keys that carry over. */
  classes: Record<string, { tfjs: string; keys: string[]; fixed?: Config }>;
}

const seeded = (tfjs: string, ...keys: string[]) => ({ tfjs, keys: [...keys, "seed"] });

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
    VarianceScaling: seeded("VarianceScaling", "scale", "mode", "distribution"),
    Orthogonal: seeded("Orthogonal", "gain"),
  },
};

const regularizers: Family = {
  noun: "regularizer",
  module: "keras.regularizers",
  classes: {
    L1: { tfjs: "L1L2", keys: ["l1"], fixed: { l2: 0 } },
    L2: { tfjs: "L1L2", keys: ["l2"], fixed: { l1: 0 } },
    L1L2: { tfjs: "L1L2", keys: ["l1", "l2"] },
  },
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

/** Options of Keras' objects that tfjs lacks, with the values that mean the same as lacking them. */
const harmless: Record<string, Json[]> = { input_axes: [null], output_axes: [null] };

/** Variance scalings that Keras has a name for: tfjs describes every one by its parameters. */
const namedScalings: [name: string, scale: number, mode: string, distribution: string][] = [
  ["GlorotUniform", 1, "fanAvg", "uniform"],
  ["GlorotNormal", 1, "fanAvg", "normal"],
  ["HeUniform", 2, "fanIn", "uniform"],
  ["HeNormal", 2, "fanIn", "normal"],
  ["LecunUniform", 1, "fanIn", "uniform"],
  ["LecunNormal", 1, "fanIn", "normal"],
];

/** Keras' activation names → tfjs'. */
const activations: Record<string, string> = {
  linear: "linear",
  elu: "elu",
  selu: "selu",
  relu: "relu",
  relu6: "relu6",
  sigmoid: "sigmoid",
  softplus: "softplus",
  softsign: "softsign",
  tanh: "tanh",
  softmax: "softmax",
  log_softmax: "logSoftmax",
  mish: "mish",
  silu: "swish",
  swish: "swish",
  hard_sigmoid: "kerasHardSigmoid",
  hard_silu: "kerasHardSilu",
  hard_swish: "kerasHardSilu",
  gelu: "gelu",
  // Keras names this one only as an operation: an object with its module.
  "keras.ops.gelu": "gelu_new",
  leaky_relu: "kerasLeakyRelu",
  exponential: "kerasExponential",
};

/** tfjs' activation names → Keras', where several map to one the first is written. */
const activationNames = new Map(
  Object.entries(activations)
    .reverse()
    .map(([keras, tfjs]) => [tfjs, keras]),
);

/** Keras' activation, a name or a description with a name, → tfjs' name. */
export function readActivation(value: Json, where: string): string {
  if (value === null) return "linear";
  if (value === keras2HardSigmoid) return "hardSigmoid"; // tfjs' own is Keras 2's
  const name = isObject(value) ? activationName(value) : value;
  if (typeof name !== "string" || !Object.hasOwn(activations, name)) {
    throw unknown(where, "activation", name ?? value, Object.keys(activations));
  }
  registerActivations();
  return activations[name]!;
}

/** An object stands for a function by its name (`{"class_name": "function", "config": "relu"}`) or for a layer. */
function activationName(value: JsonObject): Json | undefined {
  const config = field(value, "config");
  const module = field(value, "module");
  const isOperation = typeof module === "string" && module.split(".").includes("ops");
  if (config === "gelu" && isOperation) return "keras.ops.gelu";
  return typeof config === "string" ? config : field(value, "class_name");
}

/** tfjs' activation name → Keras'. */
export function writeActivation(value: unknown, where: string): Json {
  const name = activationNames.get(value as string);
  if (name === undefined) throw unknown(where, "activation", value, [...activationNames.keys()]);
  if (name !== "keras.ops.gelu") return name;
  return { module: "keras.ops", class_name: "function", config: "gelu", registered_name: "gelu" };
}

type Reader = (value: Json, where: string) => Serialized | null;
type WriteObject = (value: unknown, where: string) => Json;

export const readInitializer: Reader = (value, where) => read(initializers, value, where);
export const readRegularizer: Reader = (value, where) => read(regularizers, value, where);
export const readConstraint: Reader = (value, where) => read(constraints, value, where);
export const writeRegularizer: WriteObject = (value, where) => write(regularizers, value, where);
export const writeConstraint: WriteObject = (value, where) => write(constraints, value, where);

export const writeInitializer: WriteObject = (value, where) => {
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
  const { name, config } =
    typeof value === "string" ? { name: value, config: {} } : described(family, value, where);
  const className = findClass(family, name);
  if (className === undefined) {
    throw unknown(where, family.noun, name, Object.keys(family.classes));
  }
  const { tfjs, keys, fixed } = family.classes[className]!;
  const result: Config = { ...fixed };
  for (const [key, setting] of Object.entries(config)) {
    if (keys.includes(key)) {
      if (setting !== null) result[toCamelCase(key)] = readSetting(key, setting);
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
    throw unknown(where, family.noun, value, Object.keys(family.classes));
  }
  return { name, config };
}

function readSetting(key: string, value: Json): unknown {
  if (key === "distribution") return value === "uniform" ? value : "normal";
  return key === "mode" && typeof value === "string" ? toCamelCase(value) : value;
}

function write(family: Family, value: unknown, where: string): Json {
  if (value === null || value === undefined) return null;
  const entry =
    isSerialized(value) &&
    Object.entries(family.classes).find(
      ([, { tfjs, fixed }]) =>
        tfjs === value.className &&
        Object.entries(fixed ?? {}).every(([key, setting]) => value.config[key] === setting),
    );
  if (!isSerialized(value) || !entry) {
    const name = isSerialized(value) ? value.className : value;
    throw unknown(where, family.noun, name, Object.keys(family.classes));
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
  if (key === "distribution") return value === "uniform" ? value : "truncated_normal";
  return key === "mode" && typeof value === "string" ? toSnakeCase(value) : value;
}

function describe(family: Family, className: string, config: JsonObject): JsonObject {
  return { module: family.module, class_name: className, config, registered_name: null };
}

function isSerialized(value: unknown): value is Serialized {
  return isObject(value) && typeof value.className === "string" && isObject(value.config);
}

function unknown(where: string, noun: string, received: unknown, known: string[]): ModelFileError {
  return new ModelFileError(
    `${where} has the ${noun} ${describeValue(received)}, which is not supported. Supported: ${known.join(", ")}`,
  );
}
