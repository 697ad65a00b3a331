/** The models of the parity test in tfjs, with weights and data that are the same everywhere. */
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { layers, losses, optimizers, tf } from "../../lib/index";
import { type Layer, layerClass } from "../../lib/tfjs";
import type { Case, InputSpec, LayerSpec, LossSpec, ModelSpec, Target } from "./description";

/** A tensor as Python reads it. */
interface Numbers {
  values: number[];
  shape: number[];
  dtype: string;
}

/** Weights by the name of their layer. */
export type WeightsOf<T> = Record<string, T[]>;

/** A case made ready; its tensors and its model live until `dispose`. */
export interface Built {
  model: LayersModel;
  weights: WeightsOf<Numbers>;
  xs: Tensor[];
  ys: Tensor[];
  sampleWeight: Tensor | undefined;
  dispose(): void;
}

/** Makes a case's model, with its first weights, and its data. */
export function build(given: Case): Built {
  const model = makeModel(given.model);
  setWeights(model, firstWeights(model));
  const weights = currentWeights(model); // where tfjs has brought them within their constraints
  const xs = given.model.inputs.map((input, i) => inputData(input, given.samples, i));
  const ys = given.targets.map((target, i) =>
    targetData(target, [given.samples, ...model.outputs[i]!.shape.slice(1).map(Number)], i),
  );
  const sampleWeight = given.sampleWeight
    ? tf.tensor(Float32Array.from({ length: given.samples }, (_, i) => ((i * 7) % 5) / 2))
    : undefined;
  const dispose = () => {
    model.dispose();
    tf.dispose([xs, ys, ...(sampleWeight === undefined ? [] : [sampleWeight])]);
  };
  return { model, weights, xs, ys, sampleWeight, dispose };
}

function makeModel(spec: ModelSpec, name?: string): LayersModel {
  if (spec.sequential) {
    const { shape, name: inputName } = spec.inputs[0]!;
    const input = tf.layers.inputLayer({ inputShape: shape, name: inputName });
    return tf.sequential({ layers: [input, ...spec.layers.map(makeLayer)], name });
  }
  const inputs = spec.inputs.map(({ shape, name: inputName }) =>
    tf.input({ shape, name: inputName }),
  );
  const tensors = new Map(spec.inputs.map((input, i) => [input.name, inputs[i]!] as const));
  const made = new Map<string, Layer>();
  for (const each of spec.layers) {
    const called = each.shares === undefined ? makeLayer(each) : made.get(each.shares)!;
    made.set(each.name, called);
    const args = each.from.map((from) => tensors.get(from)!);
    tensors.set(each.name, called.apply(args.length === 1 ? args[0]! : args) as SymbolicTensor);
  }
  const outputs = spec.outputs.map((output) => tensors.get(output)!);
  return tf.model({ inputs, outputs, name });
}

/** Layers of this library, which are no classes of tfjs until they are first made. */
const own: Record<string, (config: never) => Layer> = {
  SpatialDropout2D: layers.spatialDropout2d,
  Rescaling: layers.rescaling,
  Resizing: layers.resizing,
  CenterCrop: layers.centerCrop,
  Normalization: layers.normalization,
};

function makeLayer(spec: LayerSpec): Layer {
  const { kind, name, config, inner } = spec;
  if (spec.model !== undefined) {
    const model = makeModel(spec.model, name);
    if (config.trainable === false) model.trainable = false;
    return model;
  }
  // tfjs writes into the configurations that it is given.
  const options = { ...structuredClone(config), name, ...(inner && { layer: makeLayer(inner) }) };
  if (Object.hasOwn(own, kind)) return own[kind]!(options as never);
  const cls = layerClass(kind);
  if (cls === undefined) throw new Error(`tfjs has no layer ${kind}`);
  return new cls(options);
}

/** Every layer that has weights of its own, those of nested models too, once. */
function leaves(model: LayersModel): Layer[] {
  const found = model.layers.flatMap((each) =>
    "layers" in each ? leaves(each as LayersModel) : each.weights.length > 0 ? [each] : [],
  );
  return [...new Set(found)];
}

/** Numbers in (-1, 1) that look random and that no library draws. */
function noise(i: number, stream: number): number {
  const x = Math.sin((i + 1) * 12.9898 + (stream + 1) * 78.233) * 43758.5453;
  return (x - Math.floor(x)) * 2 - 1;
}

function firstWeights(model: LayersModel): WeightsOf<Numbers> {
  let stream = 100;
  return Object.fromEntries(
    leaves(model).map((each) => [
      each.name,
      each.weights.map(({ originalName, shape }) => {
        stream++;
        const known = shape.map(Number);
        const size = known.reduce((product, length) => product * length, 1);
        const scale = Math.min(0.8, 1.2 / Math.sqrt(size / known.at(-1)!));
        const values = Array.from({ length: size }, (_, i) => {
          const value = noise(i, stream);
          if (/variance/.test(originalName)) return Math.fround(1 + value / 2);
          return Math.fround(/gamma/.test(originalName) ? 1 + value / 3 : value * scale);
        });
        return { values, shape: known, dtype: "float32" };
      }),
    ]),
  );
}

function currentWeights(model: LayersModel): WeightsOf<Numbers> {
  return Object.fromEntries(
    leaves(model).map((each) => [each.name, each.getWeights().map(numbersOf)]),
  );
}

/** Puts all weights where a case begins. */
export function setWeights(model: LayersModel, weights: WeightsOf<Numbers>): void {
  for (const each of leaves(model)) {
    tf.tidy(() =>
      each.setWeights(weights[each.name]!.map(({ values, shape }) => tf.tensor(values, shape))),
    );
  }
}

/** All weights as numbers. */
export function weightsOf(model: LayersModel): WeightsOf<number[]> {
  return Object.fromEntries(
    leaves(model).map((each) => [
      each.name,
      each.getWeights().map((weight) => Array.from(weight.dataSync())),
    ]),
  );
}

function inputData({ shape, tokens }: InputSpec, samples: number, stream: number): Tensor {
  const whole = [samples, ...shape];
  const size = whole.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, (_, i) => {
    const value = noise(i, stream);
    return tokens === undefined ? value : Math.floor(((value + 1) / 2) * tokens);
  });
  return tf.tensor(values, whole);
}

/** Labels for an output of that shape. */
function targetData(target: Target, shape: number[], stream: number): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const classes = shape.at(-1)!;
  const uniform = (i: number) => (noise(i, 50 + stream) + 1) / 2;
  const fill = (value: (i: number) => number) =>
    tf.tensor(
      Float32Array.from({ length: size }, (_, i) => value(i)),
      shape,
    );
  const classOf = (row: number) => Math.floor(uniform(row) * classes);
  switch (target) {
    case "number":
      return fill((i) => noise(i, 50 + stream));
    case "positive":
      return fill((i) => 0.2 + uniform(i));
    case "sign":
      return fill((i) => (uniform(i) < 0.5 ? -1 : 1));
    case "binary":
      return fill((i) => (uniform(i) < 0.5 ? 0 : 1));
    case "class":
      return tf.tensor(
        Int32Array.from({ length: size / classes }, (_, i) => classOf(i)),
        shape.slice(0, -1),
        "int32",
      );
    case "onehot":
      return fill((i) => (classOf(Math.floor(i / classes)) === i % classes ? 1 : 0));
    case "share":
      return tf.tidy(() => {
        const parts = fill((i) => 0.1 + uniform(i));
        return tf.div(parts, tf.sum(parts, -1, true));
      });
  }
}

/** Compiles a case's model; the optimizer is new, and the caller's. */
export function compile(given: Case, model: LayersModel): void {
  const { optimizer, losses: each, metrics } = given;
  const make = (loss: LossSpec) => {
    if (typeof loss === "string") return loss;
    const { name, ...options } = loss;
    return losses[name as Exclude<keyof typeof losses, "Loss">](options) as never;
  };
  const functions = tf.train as unknown as Record<string, (...args: unknown[]) => never>;
  model.compile({
    optimizer:
      "tfjs" in optimizer
        ? functions[optimizer.tfjs]!(...optimizer.args)
        : optimizers.get({ class_name: optimizer.kind, config: optimizer.config }),
    loss: each.length === 1 ? make(each[0]!) : each.map(make),
    lossWeights: given.lossWeights,
    metrics: [...metrics],
  });
}

/** A tensor as Python reads it. */
export function numbersOf(tensor: Tensor): Numbers {
  return { values: Array.from(tensor.dataSync()), shape: tensor.shape, dtype: tensor.dtype };
}
