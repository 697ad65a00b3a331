/** A tfjs model → the description that Keras puts into `config.json`. */
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import type { Json, JsonObject } from "../json";
import {
  argumentsOf,
  type CallNode,
  hasTrainableFlags,
  isModel,
  type Layer,
  maskLayersOf,
  partsOf,
  tf,
} from "../tfjs";
import { ModelFileError } from "./json";
import type { CallRule } from "./layerRule";
import { ruleOf } from "./layerRules";
import { writeLayer } from "./layers";
import { namesBesideMasks } from "./maskNames";
import { maskTensorOf } from "./masks";
import { toCamelCase, toSnakeCase } from "./names";
import { Operation, writeOperation } from "./operations";
import { float32Policy } from "./policies";
import { kerasClassOf, layerTitle } from "./titles";
import { typeOf } from "./types";

/**
 * Describes a model and everything in it, without its weights and compilation.
 *
 * @throws ModelFileError naming a layer, option or call that Keras' format has no place for here.
 */
export function writeModel(model: LayersModel, trainable = true): JsonObject {
  const enabled = trainable && model.trainable;
  return model instanceof tf.Sequential
    ? writeSequential(model, enabled)
    : writeFunctional(model, enabled);
}

function writeSequential(model: LayersModel, trainable: boolean): JsonObject {
  const [input] = model.inputs;
  const layers = model.layers
    .filter((layer) => layer.getClassName() !== "InputLayer")
    .map((layer) => writeNested(layer, trainable));
  const config: JsonObject = {
    name: model.name,
    trainable,
    dtype: float32Policy(),
    layers: [inputEntry(input!.sourceLayer.name, input!), ...layers],
    build_input_shape: input!.shape,
  };
  return { module: "keras", class_name: "Sequential", config, registered_name: null };
}

function writeFunctional(model: LayersModel, trainable: boolean): JsonObject {
  const renamed = namesBesideMasks(model);
  for (const [{ name }, written] of renamed) {
    console.warn(
      `The layer "${name}" is written as "${written}": Keras names an operation on masks so, and would refuse the file.`,
    );
  }
  const calls = new CallNumbers(model, renamed);
  // tfjs leaves an input out that only masks come from.
  const onlyMasks = model.inputLayers.filter((layer) => !model.layers.includes(layer));
  const layers = [...onlyMasks, ...model.layers, ...maskLayersOf(model)].map((layer) => {
    const [call] = calls.of(layer);
    if (layer instanceof Operation) {
      const tensor = (index: number) => calls.tensor(call!.inputTensors[index]!);
      return writeOperation(layer, { name: calls.nameOf(layer), tensor });
    }
    const entry =
      layer.getClassName() === "InputLayer" ? inputOf(layer) : writeNested(layer, trainable);
    const nodes = calls.of(layer).map((node) => writeCall(layer, node, calls));
    const inbound: Json[] = layer.getClassName() === "InputLayer" ? [] : nodes;
    const name = calls.nameOf(layer);
    const config = { ...(entry.config as JsonObject), name };
    return { ...entry, config, name, inbound_nodes: inbound };
  });
  const { inputLayers, inputLayersNodeIndices, inputLayersTensorIndices } = model;
  const { outputLayers, outputLayersNodeIndices, outputLayersTensorIndices } = model;
  const references = (layers: Layer[], nodes: number[], tensors: number[]): Json => {
    const all = layers.map((layer, i) => calls.reference(layer, nodes[i]!, tensors[i]!));
    return all.length === 1 ? all[0]! : all;
  };
  return {
    module: "keras.src.models.functional",
    class_name: "Functional",
    config: {
      name: model.name,
      trainable,
      layers,
      input_layers: references(inputLayers, inputLayersNodeIndices, inputLayersTensorIndices),
      output_layers: references(outputLayers, outputLayersNodeIndices, outputLayersTensorIndices),
    },
    registered_name: "Functional",
  };
}

function writeNested(layer: Layer, parentTrainable: boolean): JsonObject {
  if (isModel(layer)) return writeModel(layer, parentTrainable);
  return writeLayer(layer, parentTrainable && isTrainable(layer), (inner) =>
    writeNested(inner, parentTrainable && isTrainable(layer)),
  );
}

/** A layer whose weights were all frozen one by one is a frozen layer: Keras' files have no flag for a weight. */
function isTrainable(layer: Layer): boolean {
  return layer.trainable && hasTrainableFlags(layer);
}

function inputOf(layer: Layer): JsonObject {
  const [node] = layer.inboundNodes;
  const [tensor] = node!.outputTensors;
  return inputEntry(layer.name, tensor!);
}

function inputEntry(name: string, tensor: SymbolicTensor): JsonObject {
  const { shape } = tensor;
  const dtype = typeOf(tensor) ?? tensor.dtype;
  return {
    module: "keras.layers",
    class_name: "InputLayer",
    config: { batch_shape: shape, dtype, sparse: false, ragged: false, name, optional: false },
    registered_name: null,
  };
}

/** Numbers the calls that belong to one model: a layer may have been called for other models too. */
class CallNumbers {
  private readonly numbers = new Map<CallNode, number>();
  private readonly calls = new Map<Layer, CallNode[]>();

  constructor(
    model: LayersModel,
    private readonly renamed: ReadonlyMap<Layer, string>,
  ) {
    const ofMasks = maskLayersOf(model);
    for (const layer of [...model.layers, ...ofMasks]) {
      const own = layer.inboundNodes.filter(
        (_, i) => ofMasks.includes(layer) || model.containerNodes.has(`${layer.name}_ib-${i}`),
      );
      this.calls.set(layer, own);
      for (const [i, node] of own.entries()) this.numbers.set(node, i);
    }
  }

  nameOf(layer: Layer): string {
    return this.renamed.get(layer) ?? layer.name;
  }

  of(layer: Layer): CallNode[] {
    return this.calls.get(layer) ?? [];
  }

  /** A tensor as an argument of a call. */
  tensor(tensor: SymbolicTensor): JsonObject {
    const { shape, sourceLayer, nodeIndex, tensorIndex } = tensor;
    const dtype = typeOf(tensor) ?? tensor.dtype;
    return {
      class_name: "__keras_tensor__",
      config: {
        ...{ shape, dtype },
        keras_history: this.reference(sourceLayer, nodeIndex, tensorIndex),
      },
    };
  }

  reference(layer: Layer, node: number, tensor: number): Json[] {
    const call = layer.inboundNodes[node]!;
    return [this.nameOf(layer), this.numbers.get(call) ?? 0, tensor];
  }
}

const mergingLayers = [
  ...["AdditiveAttention", "Attention"],
  ...["Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"],
  "HashedCrossing",
  "CustomScaleLayer",
];

function writeCall(layer: Layer, node: CallNode, calls: CallNumbers): JsonObject {
  const tensors = node.inputTensors.map((tensor) => calls.tensor(tensor));
  const title = layerTitle(kerasClassOf(layer), layer.name);
  const rule = ruleOf(kerasClassOf(layer))?.call;
  const flags = flagsOf(node, rule);
  if (rule?.tensors !== undefined) {
    const told = argumentsOf(node) as { inputNames: string[]; namedFrom?: number };
    const names = told.inputNames.map(toSnakeCase);
    const count = names.findIndex((name, i) => name !== rule.tensors![i] || name.includes("_"));
    const first = told.namedFrom ?? (count < 0 ? names.length : count);
    const others = names.slice(first).map((name, i) => [name, tensors[first + i]!] as const);
    return { args: tensors.slice(0, first), kwargs: { ...Object.fromEntries(others), ...flags } };
  }
  const masks = masksOf(node, rule);
  if (masks !== undefined) tensors.splice(-masks.filter((index) => index >= 0).length);
  const asList = mergingLayers.includes(layer.getClassName()) || isModel(layer);
  if (tensors.length > 1 && !asList && !rule?.states) {
    throw new ModelFileError(`${title} is called on several tensors, which can't be written`);
  }
  const states = rule?.states ? tensors.splice(1) : [];
  const training = node.callArgs?.training;
  const mask = maskTensorOf(node, title);
  return {
    args: tensors.length > 1 ? [tensors] : tensors,
    kwargs: {
      ...(typeof training === "boolean" && isModel(layer) && { training }),
      ...(mask !== undefined && { mask: calls.tensor(mask) }),
      ...(masks && {
        mask: masks.map((at) => (at < 0 ? null : calls.tensor(node.inputTensors[at]!))),
      }),
      ...(states.length > 0 && { initial_state: ofCells(layer, states) }),
      ...flags,
    },
  };
}

/** Which inputs of a call are those of the list `mask`, -1 where it has none; undefined where none is given. */
function masksOf(node: CallNode, rule: CallRule | undefined): number[] | undefined {
  const names = argumentsOf(node).inputNames as string[] | undefined;
  if (rule?.masks === undefined || names === undefined) return undefined;
  const at = rule.masks.map((name) => names.indexOf(toCamelCase(name)));
  if (at.every((index) => index < 0)) return undefined;
  return at.at(-1)! < 0 ? at.slice(0, -1) : at;
}

/** First states as Keras takes them: of several cells a list for each. */
function ofCells(layer: Layer, states: JsonObject[]): Json[] {
  const cells = partsOf(partsOf(layer).cell ?? layer).cells;
  if (cells === undefined) return states;
  const rest = [...states];
  return cells.map((cell) => rest.splice(0, kerasClassOf(cell) === "LSTMCell" ? 2 : 1));
}

/** What else a call is told. */
function flagsOf(node: CallNode, rule: CallRule | undefined): JsonObject {
  const told = argumentsOf(node);
  const given = (rule?.flags ?? []).filter((name) => told[toCamelCase(name)] !== undefined);
  return Object.fromEntries(given.map((name) => [name, told[toCamelCase(name)] as boolean]));
}
