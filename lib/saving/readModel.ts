/** A Keras model's description → a tfjs model with fresh weights. */
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { describeValue } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { isModel, type Layer, type Shape, tf } from "../tfjs";
import { type Call, readCall, references } from "./calls";
import { field, listField, ModelFileError, objectField, stringField } from "./json";
import { ruleOf } from "./layerRules";
import { isTensorName, readLayer } from "./layers";
import { MaskOperations } from "./masks";
import { Graph, type GraphCall, refusing } from "./modelGraph";
import { isOperation, readOperation } from "./operations";
import { asShape } from "./shapes";
import { checkModule, classNameOf, layerTitle } from "./titles";
import { computedAs, type KerasType, noteType, typeNamed } from "./types";
import { flag } from "./values";
import { limitWeights, type WeightBudget } from "./weightBudget";

const functionalClasses = ["Functional", "Model"];

/**
 * Builds the model that a `config.json` (or an HDF5 file's `model_config`) describes.
 *
 * @param budget How large its weights may be.
 * @returns A `tf.Sequential` where Keras had one, else a `tf.LayersModel`; weights are zeros or cheap values.
 * @throws ModelFileError naming what is unknown, missing or inconsistent.
 */
export function readModel(entry: JsonObject, budget: WeightBudget): LayersModel {
  const className = classNameOf(entry);
  const title = `the model (${className})`;
  checkModule(entry, title);
  if (className === "Sequential") return readSequential(entry, budget);
  if (functionalClasses.includes(className)) return readFunctional(entry, budget);
  throw new ModelFileError(
    `holds a model of class ${className}. Supported: Functional and Sequential; ` +
      "a class of your own has its layers in Python code",
  );
}

function readNested(entry: JsonObject, budget: WeightBudget): Layer {
  const className = classNameOf(entry);
  if (className === "Sequential" || functionalClasses.includes(className)) {
    return readModel(entry, budget);
  }
  const layer = readLayer(entry, (inner) => readNested(inner, budget));
  layer.setFastWeightInitDuringBuild(true); // the values come from the file
  limitWeights(layer, budget);
  return layer;
}

function readSequential(entry: JsonObject, budget: WeightBudget): LayersModel {
  const config = objectField(entry, "config", "a Sequential model");
  const name = stringField(config, "name", "a Sequential model");
  const title = layerTitle("Sequential", name);
  const entries = listField(config, "layers", title).map((item) => asEntry(item, title));
  const model = tf.sequential({ name });
  const input = entries.find((item) => classNameOf(item) === "InputLayer");
  let shape = input === undefined ? buildShape(config) : inputShape(input);
  for (const item of entries) {
    if (item === input) continue;
    const layer = readNested(item, budget);
    const needsShape = model.layers.length === 0 && !isModel(layer);
    if (needsShape) {
      shape ??= layer.batchInputShape;
      if (shape === undefined) {
        throw new ModelFileError(
          `${title} was never built, so its input shape is unknown. ` +
            "Call it once, or give it an Input, before saving",
        );
      }
      layer.batchInputShape = shape;
    }
    refusing(layerTitle(layer.getClassName(), layer.name), () => {
      if (needsShape && input !== undefined) connect(layer, input);
      model.add(layer);
    });
  }
  if (model.layers.length === 0) throw new ModelFileError(`${title} has no layers`);
  model.build();
  freeze(model, config);
  return model;
}

/** Gives the first layer the file's input: tfjs would give it one of another name and type. */
function connect(layer: Layer, input: JsonObject): void {
  const { batchInputShape: batchShape } = layer;
  layer.apply(inputTensor(input, { batchShape, name: inputName(input) }));
}

/** The input's name where there is one that tfjs takes. */
function inputName(entry: JsonObject): string | undefined {
  const name = field(objectField(entry, "config", "an InputLayer"), "name");
  return isTensorName(name) ? name : undefined;
}

function readFunctional(entry: JsonObject, budget: WeightBudget): LayersModel {
  const config = objectField(entry, "config", "a Functional model");
  const name = stringField(config, "name", "a Functional model");
  const title = layerTitle("Functional", name);
  const entries = listField(config, "layers", title).map((item) => asEntry(item, title));
  const graph = new Graph(title);
  const outputReferences = references(field(config, "output_layers"), title);
  const masks = new MaskOperations(entries, outputReferences);
  const calls: Call[] = [];
  for (const item of entries) {
    const layerName = stringField(
      { name: field(item, "name") ?? field(objectField(item, "config", title), "name") ?? null },
      "name",
      title,
    );
    if (masks.includes(item)) {
      masks.add(layerName, item, title);
      continue;
    }
    if (isOperation(item)) {
      const { operation, inputs } = readOperation(layerName, item);
      graph.addLayer(layerName, operation);
      calls.push({ layer: layerName, inputs, asList: false, training: undefined, mask: undefined });
      continue;
    }
    if (classNameOf(item) === "InputLayer") graph.addInput(layerName, makeInput(layerName, item));
    else graph.addLayer(layerName, readNested(item, budget));
    for (const node of listField(item, "inbound_nodes", title)) {
      const rule = ruleOf(classNameOf(item))?.call;
      calls.push(readCall(layerName, node, { title, rule }));
    }
  }
  const masked = calls.map((call): GraphCall => ({ ...call, mask: masks.resolve(call) }));
  graph.run(masked, outputReferences);
  const outputs = outputReferences.map((reference) => graph.tensor(reference));
  const inputs = references(field(config, "input_layers"), title).map((r) => graph.tensor(r));
  const model = refusing(title, () => tf.model({ inputs, outputs, name }));
  graph.checkMasks(model);
  freeze(model, config);
  return model;
}

function asEntry(item: Json, title: string): JsonObject {
  if (isObject(item)) return item;
  throw new ModelFileError(`${title} has ${describeValue(item)} among its layers`);
}

function makeInput(name: string, entry: JsonObject): SymbolicTensor {
  const title = layerTitle("InputLayer", name);
  const batchShape = inputShape(entry);
  if (batchShape === undefined) throw new ModelFileError(`${title} has no shape`);
  return refusing(title, () => inputTensor(entry, { batchShape, name }));
}

function inputShape(entry: JsonObject): (number | null)[] | undefined {
  const config = objectField(entry, "config", "an InputLayer");
  return asShape(field(config, "batch_shape") ?? field(config, "batch_input_shape"));
}

function buildShape(config: JsonObject): (number | null)[] | undefined {
  return asShape(field(config, "build_input_shape"));
}

const inputTypes = [
  ...["float32", "float16", "bfloat16", "float64"],
  ...["int32", "int64", "int16", "uint8", "int8", "uint16", "bool"],
];

/** The input of a model, or of a Sequential's first layer. */
function inputTensor(
  entry: JsonObject,
  { batchShape, name }: { batchShape: Shape | undefined; name: string | undefined },
): SymbolicTensor {
  const type = inputType(entry);
  const tensor = tf.input({ batchShape, dtype: computedAs(type), ...(name && { name }) });
  noteType(tensor, type);
  return tensor;
}

function inputType(entry: JsonObject): KerasType {
  const config = objectField(entry, "config", "an InputLayer");
  const dtype = field(config, "dtype") ?? "float32";
  const name = isObject(dtype) ? field(objectField(dtype, "config", "a dtype"), "name") : dtype;
  const type = typeNamed(name);
  if (type !== undefined && inputTypes.includes(name as string)) return type;
  throw new ModelFileError(
    `${layerTitle("InputLayer", field(config, "name"))} has the dtype ${describeValue(name)}. ` +
      `Supported: ${inputTypes.join(", ")}`,
  );
}

/** A frozen model freezes all that is in it; the layers' own flags are set already. */
function freeze(model: Layer, config: JsonObject): void {
  const trainable = field(config, "trainable") ?? true;
  const where = `${layerTitle(model.getClassName(), model.name)}, option trainable,`;
  if (flag.read(trainable, where) === false) model.trainable = false;
}
