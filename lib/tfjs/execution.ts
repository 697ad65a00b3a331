/**
 * Runs a model layer by layer, with masks as Keras hands them on.
 *
 * tfjs 4.22 hands the first mask that it meets to every later layer, and frees those of a model in a model too early.
 */
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { argumentsOf, inArgumentOrder, takesArguments } from "./callArguments";
import { type ExplicitMask, explicitMaskOf, needsOf } from "./explicitMasks";
import { insides } from "./insides";
import { type CallNode, isModel, type Layer } from "./layer";
import { MaskBook } from "./maskBook";
import { handsMaskOn, type Masks, maskArgument } from "./masks";
import * as tf from "./tfjs";

/** What a model computes, and for each output which time steps count. */
export type MaskedOutputs = { outputs: Tensor[]; masks: Masks };

type CallOptions = Parameters<Layer["call"]>[1];

/** Masks of the outputs of models in models, for whoever called them. */
const masksOfNested = new WeakMap<Tensor, Tensor>();
let running = 0;

/** Puts this in the place of tfjs' way to call a model. */
export function runAsKeras(): void {
  const container = Object.getPrototypeOf(tf.LayersModel.prototype) as LayersModel;
  container.call = function (inputs, kwargs) {
    const list = [inputs].flat();
    if (running === 0) return tf.tidy(() => run(this, list, kwargs).outputs);
    const { outputs, masks } = callWithMasks(this, list, kwargs);
    outputs.forEach((output, i) => {
      const mask = masks[i];
      if (mask !== undefined) masksOfNested.set(output, mask);
    });
    return outputs;
  };
}

/**
 * Calls a functional model.
 *
 * @returns Outputs and masks; the caller disposes them.
 */
export function callWithMasks(
  model: LayersModel,
  inputs: Tensor[],
  kwargs: CallOptions,
): MaskedOutputs {
  return tf.tidy(() => run(model, inputs, kwargs));
}

/** Whether each output of a functional model has a mask. */
export function maskedOutputsOf(model: LayersModel, given: boolean[] = []): boolean[] {
  return followMasks(model, { given });
}

/** A call of a layer in a model: which of its inputs and of its outputs have a mask. */
export interface MaskedCall {
  layer: Layer;
  before: boolean[];
  after: boolean[];
}

/** Every call in a functional model, and in the models in it, in the order in which they are made. */
export function maskedCallsOf(model: LayersModel): MaskedCall[] {
  const calls: MaskedCall[] = [];
  followMasks(model, { given: [], visit: (call) => calls.push(call) });
  return calls;
}

interface Following {
  given: boolean[];
  visit?: (call: MaskedCall) => void;
}

function followMasks(model: LayersModel, { given, visit }: Following): boolean[] {
  const masked = new Map<SymbolicTensor, boolean>();
  model.inputs.forEach((input, i) => {
    masked.set(input, given[i] ?? false);
  });
  for (const node of nodesOf(model)) {
    const { outboundLayer: layer, inputTensors, outputTensors } = node;
    const own = inputTensors.map((tensor) => masked.get(tensor) ?? false);
    if (explicitMaskOf(node) !== undefined) own[0] = true;
    const after = isModel(layer)
      ? followMasks(innerOf(layer), { given: own, visit })
      : [handsMaskOn(node, inArgumentOrder(node, own))];
    visit?.({ layer, before: own, after });
    outputTensors.forEach((tensor, i) => {
      masked.set(tensor, after[i] ?? false);
    });
  }
  return model.outputs.map((output) => masked.get(output) ?? false);
}

/** Whether what runs now is part of a model. */
export function runsInModel(): boolean {
  return running > 0;
}

/** The mask that a tensor has from one layer, whatever hands it on; undefined where it has none, or of several. */
export function derivedMaskOf(tensor: SymbolicTensor): ExplicitMask | undefined {
  const { sourceLayer: layer, nodeIndex } = tensor;
  const node = layer.inboundNodes[nodeIndex]!;
  const [of, ...others] = inArgumentOrder(node, node.inputTensors);
  const isInput = layer.getClassName() === "InputLayer";
  const isMixed = others.length > 0 && !takesArguments(layer);
  if (of === undefined || isMixed || isInput || isModel(layer)) return undefined;
  if (!handsMaskOn(node, [true])) return undefined;
  const className = layer.getClassName();
  if (/^(Reversible)?Embedding$/.test(className)) return { of, notEqualTo: 0 };
  if (className === "Masking") {
    return { of, notEqualTo: insides("Masking", layer).maskValue, any: true };
  }
  const names = argumentsOf(node).inputNames as string[] | undefined;
  const given = names?.indexOf("queryMask") ?? -1;
  if (given >= 0 && /Attention$/.test(className)) return { of: node.inputTensors[given]! };
  return explicitMaskOf(node) ?? derivedMaskOf(of);
}

/** Whether a tensor of a model has a mask. */
export function hasMask(tensor: SymbolicTensor): boolean {
  return isMasked(tensor, new Map());
}

/** @param known Answers so far: a network with branches has more ways from end to start than could be gone. */
function isMasked(tensor: SymbolicTensor, known: Map<SymbolicTensor, boolean>): boolean {
  const answer = known.get(tensor) ?? findMask(tensor, known);
  known.set(tensor, answer);
  return answer;
}

function findMask(
  { sourceLayer: layer, nodeIndex, tensorIndex }: SymbolicTensor,
  known: Map<SymbolicTensor, boolean>,
): boolean {
  const node = layer.inboundNodes[nodeIndex]!;
  if (layer.getClassName() === "InputLayer") return false;
  const given = node.inputTensors.map((input) => isMasked(input, known));
  if (explicitMaskOf(node) !== undefined) given[0] = true;
  if (isModel(layer)) return maskedOutputsOf(innerOf(layer), given)[tensorIndex] ?? false;
  return tensorIndex === 0 && handsMaskOn(node, inArgumentOrder(node, given));
}

/** The functional model in a Sequential, which is built by now. */
function innerOf(model: LayersModel): LayersModel {
  return model instanceof tf.Sequential ? insides("Sequential", model).model! : model;
}

function run(model: LayersModel, inputs: Tensor[], kwargs: CallOptions): MaskedOutputs {
  const nodes = nodesOf(model);
  const values = new Map<SymbolicTensor, Tensor>();
  const masks = new MaskBook();
  const given = [kwargs?.mask as Tensor | Masks | null | undefined].flat();
  model.inputs.forEach((input, i) => {
    values.set(input, inputs[i]!);
    if (given[i] != null) masks.begin(input, given[i]);
  });
  const lifetimes = new Lifetimes(model, nodes);
  running++;
  try {
    for (const node of nodes) {
      const { inputTensors, outputTensors, outboundLayer: layer } = node;
      const tensors = inputTensors.map((tensor) => values.get(tensor)!);
      const explicit = explicitMaskOf(node);
      const first = explicit && computed(explicit, values.get(explicit.of)!);
      const own = masks.before(node, first);
      const mask = maskArgument(layer, own, { isGiven: explicit !== undefined });
      const options = { ...kwargs, ...argumentsOf(node), mask };
      const outputs = distinct([layer.apply(tensors, options) as Tensor | Tensor[]].flat());
      outputTensors.forEach((tensor, i) => {
        const output = outputs[i]!;
        values.set(tensor, output);
      });
      const nested = isModel(layer)
        ? outputs.map((output) => masksOfNested.get(output))
        : undefined;
      masks.enter(node, { first, tensors, nested });
      if (kwargs?.training !== true) lifetimes.end(node, values);
    }
  } finally {
    running--;
  }
  return {
    outputs: model.outputs.map((output) => values.get(output)!),
    masks: model.outputs.map((output) => masks.now(output)),
  };
}

/** An RNN gives its last output and its state as the same tensor, and each is freed by itself. */
function distinct(tensors: Tensor[]): Tensor[] {
  return tensors.map((tensor, i) => (tensors.indexOf(tensor) < i ? tensor.clone() : tensor));
}

function computed({ notEqualTo, any }: ExplicitMask, value: Tensor): Tensor {
  const mask = notEqualTo === undefined ? tf.cast(value, "bool") : tf.notEqual(value, notEqualTo);
  return any === true ? tf.any(mask, -1) : mask;
}

/** The calls of a functional model, each after those that it needs. */
function nodesOf(model: LayersModel): CallNode[] {
  const depths = Object.keys(model.nodesByDepth).map(Number);
  const nodes = depths
    .sort((a, b) => b - a)
    .flatMap((depth) => model.nodesByDepth[depth]!)
    .filter(({ outboundLayer }) => outboundLayer.getClassName() !== "InputLayer");
  const makers = new Map(nodes.flatMap((node) => node.outputTensors.map((made) => [made, node])));
  const ordered = new Set<CallNode>();
  const add = (node: CallNode) => {
    if (ordered.has(node)) return;
    for (const tensor of needsOf(node)) {
      if (model.inputs.includes(tensor)) continue;
      // tfjs leaves the call out that makes a mask on which no output depends.
      add(makers.get(tensor) ?? tensor.sourceLayer.inboundNodes[tensor.nodeIndex]!);
    }
    ordered.add(node);
  };
  nodes.forEach(add);
  return [...ordered];
}

/** The layers of a functional model that only masks come from, which tfjs has not among its layers. */
export function maskLayersOf(model: LayersModel): Layer[] {
  const layers = nodesOf(model).map(({ outboundLayer }) => outboundLayer);
  return [...new Set(layers)].filter((layer) => !model.layers.includes(layer));
}

/** Frees values after their last use, where no gradient needs them. */
class Lifetimes {
  private readonly uses = new Map<SymbolicTensor, number>();
  private readonly kept: ReadonlySet<SymbolicTensor>;

  constructor(model: LayersModel, nodes: CallNode[]) {
    this.kept = new Set([...model.inputs, ...model.outputs]);
    for (const tensor of nodes.flatMap(needsOf)) {
      this.uses.set(tensor, (this.uses.get(tensor) ?? 0) + 1);
    }
  }

  /** Counts the values that a call has used. */
  end(node: CallNode, values: ReadonlyMap<SymbolicTensor, Tensor>): void {
    for (const tensor of needsOf(node)) {
      const left = this.uses.get(tensor)! - 1;
      this.uses.set(tensor, left);
      // A stateful layer keeps what it gave.
      const isFree = left === 0 && !this.kept.has(tensor) && !tensor.sourceLayer.stateful;
      if (isFree) values.get(tensor)!.dispose();
    }
  }
}
