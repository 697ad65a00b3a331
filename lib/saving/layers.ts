/** A single layer from Keras' description to tfjs and back. */
import { describeValue } from "../errors";
import { isObject, type JsonObject } from "../json";
import { Pipeline } from "../layers";
import {
  activityRegularizerOf,
  type Config,
  configOf,
  type Layer,
  layerClass,
  makeLayer,
  partsOf,
  regularizeActivityOf,
  renormalize,
  synchronize,
} from "../tfjs";
import { halveOutput } from "./activations";
import { field, listField, ModelFileError, objectField, stringField } from "./json";
import { keepOptions, keptOptionsOf } from "./keptOptions";
import { applicationKeyOf, classFor } from "./kerasLayers";
import type { LayerRule } from "./layerRule";
import { ruleOf, supportedLayers, unknownClass } from "./layerRules";
import { camelCased, snakeCased, toCamelCase } from "./names";
import { readRegularizer, writeRegularizer } from "./objects";
import { isOfAnotherPackage, registeredNameOf } from "./ownLayers";
import { checkPolicy, keepPolicy, policyNamed, policyOf } from "./policies";
import { preprocessingLayers } from "./preprocessingTable";
import { asShape } from "./shapes";
import { checkModule, classNameOf, kerasClassOf, layerTitle } from "./titles";
import { flag } from "./values";

/** Makes the model that is used as a layer; models are read elsewhere. */
export type ReadNested = (entry: JsonObject) => Layer;

/** Writes a model that is used as a layer. */
export type WriteNested = (layer: Layer) => JsonObject;

/**
 * Makes the tfjs layer that an entry of a Keras model describes.
 *
 * Only names that this room's table or tfjs' own register hold are ever looked up; what a file says can
 * choose among them, and nothing else.
 *
 * @throws ModelFileError naming the layer, and the options or layers that are supported.
 */
export function readLayer(entry: JsonObject, readNested: ReadNested): Layer {
  const className = classNameOf(entry);
  const config = objectField(entry, "config", `a layer (${className})`);
  const title = layerTitle(className, field(config, "name") ?? field(entry, "name"));
  if (className === "Lambda") {
    throw new ModelFileError(
      `${title} holds Python code, which is never run. Replace it by a layer that does the same`,
    );
  }
  checkModule(entry, title);
  checkName(config, title);
  const inModule = `${field(entry, "module")}>${className}`;
  const key = ruleOf(inModule) === undefined ? className : inModule;
  const rule = ruleOf(key);
  const cls = classFor(key);
  if (cls === undefined || isOfAnotherPackage(entry, className)) throw unknownClass(entry, title);
  checkPolicy(config, title, { takesWhole: rule?.policy !== undefined });
  const common = commonArguments(config, title);
  try {
    if (rule === undefined) {
      const own = Object.entries(config).filter(([key]) => !commonKeys.includes(key));
      return makeLayer(className, { ...camelCased(Object.fromEntries(own)), ...common });
    }
    const { layer: _, backward_layer: __, cell: ___, cells: ____, layers: _____, ...own } = config;
    const args = { ...byDefault(className), ...readOptions(rule, own, title), ...common };
    const layer = new cls({ ...args, ...readWrapped(className, config, title, readNested) });
    keepOptions(layer, rule, own);
    keepPolicy(layer, config);
    if (args.activation === "kerasGlu") halveOutput(layer);
    if (className === "BatchNormalization") {
      if (args.synchronized === true) synchronize(layer);
      renormalize(layer, args);
    }
    const activity = field(config, "activity_regularizer") ?? null;
    regularizeActivityOf(
      layer,
      readRegularizer(activity, `${title}, option activity_regularizer,`),
    );
    return layer;
  } catch (cause) {
    if (cause instanceof ModelFileError) throw cause;
    throw new ModelFileError(`${title} is refused: ${(cause as Error).message}`, { cause });
  }
}

/** Describes a layer as Keras does, without the calls that connect it. */
export function writeLayer(layer: Layer, trainable: boolean, writeNested: WriteNested): JsonObject {
  const className = kerasClassOf(layer);
  const title = layerTitle(className, layer.name);
  const own = configOf(layer);
  const applicationKey = applicationKeyOf(layer);
  const rule = ruleOf(applicationKey ?? className);
  const dtype = policyOf(layer) ?? policyNamed(rule?.policy?.(own) ?? "float32");
  const config: JsonObject = { name: layer.name, trainable, dtype };
  // Keras' own take no such arguments.
  const isPlain = /^SpatialDropout|^Pipeline$|^Discretization$|^HashedCrossing$/.test(className);
  if (isPlain) delete config.trainable;
  if (className === "Pipeline") delete config.dtype;
  if (rule === undefined) {
    if (layerClass(layer.getClassName()) === undefined) {
      throw new ModelFileError(
        `${title} is of a class that Keras files have no place for. Supported: ${supportedLayers().join(", ")}`,
      );
    }
    const { name: _, trainable: __, dtype: ___, batchInputShape: ____, ...rest } = own;
    Object.assign(config, snakeCased(rest));
  } else {
    Object.assign(config, writeOptions(rule, own, title), keptOptionsOf(layer));
    Object.assign(config, writeWrapped(layer, trainable, writeNested));
    const activity = activityRegularizerOf(layer);
    if (activity !== null) config.activity_regularizer = writeRegularizer(activity, title);
  }
  const custom = rule === undefined && !preprocessingLayers.includes(className);
  return {
    module: custom ? null : (applicationKey?.split(">")[0] ?? "keras.layers"),
    class_name: className,
    config,
    registered_name: custom || applicationKey !== undefined ? registeredNameOf(className) : null,
  };
}

/** tfjs names tensors after layers, in these characters. */
export function isTensorName(name: unknown): name is string {
  return typeof name === "string" && /^[A-Za-z0-9.][-A-Za-z0-9_.\\/]*$/.test(name);
}

function checkName(config: JsonObject, title: string): void {
  const name = field(config, "name") ?? "unnamed";
  if (isTensorName(name)) return;
  throw new ModelFileError(
    `${title} has the name ${describeValue(name)}. Supported: letters, digits, and . _ - /, the first a letter, digit or dot`,
  );
}

function commonArguments(config: JsonObject, title: string): Config {
  const result: Config = {};
  const [name, trainable] = [field(config, "name"), field(config, "trainable")];
  if (name !== undefined) result.name = name;
  if (trainable !== undefined)
    result.trainable = flag.read(trainable, `${title}, option trainable,`);
  const shape = field(config, "batch_input_shape") ?? field(config, "batch_shape");
  const batchInputShape = asShape(shape);
  if (batchInputShape !== undefined) result.batchInputShape = batchInputShape;
  return result;
}

const commonKeys = [
  "name",
  "trainable",
  "dtype",
  "batch_input_shape",
  "batch_shape",
  "autocast",
  "activity_regularizer",
];

function readOptions(rule: LayerRule, config: JsonObject, title: string): Config {
  const args: Config = {};
  for (const [key, setting] of Object.entries(config)) {
    if (commonKeys.includes(key)) continue;
    const option = Object.hasOwn(rule.options, key) ? rule.options[key] : undefined;
    if (option === undefined) {
      if (setting === null) continue; // an option of another version, switched off
      throw new ModelFileError(
        `${title} has the option ${key}=${describeValue(setting)}, which is not supported. ` +
          `Supported: ${Object.keys(rule.options).join(", ")}`,
      );
    }
    const read = option.read(setting, `${title}, option ${key},`);
    if (read !== undefined) args[option.as ?? toCamelCase(key)] = read;
  }
  return args;
}

function writeOptions(rule: LayerRule, own: Config, title: string): JsonObject {
  const config: JsonObject = {};
  for (const [key, option] of Object.entries(rule.options)) {
    if (option.readOnly) continue;
    const written = option.write(own[option.as ?? toCamelCase(key)], `${title}, option ${key},`);
    if (written !== undefined) config[key] = written;
  }
  return config;
}

/** Layers that wrap one other. */
const wrappers = ["SpectralNormalization", "TimeDistributed"];

/** What is meant where a file says nothing: the first GRU had another formula. */
function byDefault(className: string): Config {
  return /^GRU(Cell)?$/.test(className) ? { resetAfter: false } : {};
}

/** The layers inside a layer. */
function readWrapped(
  className: string,
  config: JsonObject,
  title: string,
  readNested: ReadNested,
): Config {
  const read = (option: string) => {
    const entry = objectField(config, option, title);
    stringField(entry, "class_name", `${title}, option ${option},`);
    return readNested(entry);
  };
  const readList = (option: string) =>
    listField(config, option, title).map((entry) => {
      if (isObject(entry)) return readNested(entry);
      throw new ModelFileError(`${title}, option ${option}, holds ${describeValue(entry)}`);
    });
  if (wrappers.includes(className)) return { layer: read("layer") };
  if (className === "RNN") return { cell: read("cell") };
  if (className === "StackedRNNCells") return { cells: readList("cells") as never };
  if (className === "Pipeline") return { layers: readList("layers") };
  if (className !== "Bidirectional") return {};
  const hasBackward = (field(config, "backward_layer") ?? null) !== null;
  return { layer: read("layer"), ...(hasBackward && { backwardLayer: read("backward_layer") }) };
}

function writeWrapped(layer: Layer, trainable: boolean, writeNested: WriteNested): JsonObject {
  if (layer instanceof Pipeline) return { layers: layer.layers.map(writeNested) };
  const { cell, cells, forwardLayer, backwardLayer, layer: inner } = partsOf(layer);
  const className = kerasClassOf(layer);
  const write = (part: Layer) => writeLayer(part, trainable, writeNested);
  if (wrappers.includes(className)) return { layer: writeNested(inner!) };
  if (className === "RNN") return { cell: write(cell!) };
  if (cells !== undefined) return { cells: cells.map(write) };
  if (className !== "Bidirectional") return {};
  return { layer: write(forwardLayer!), backward_layer: write(backwardLayer!) };
}
