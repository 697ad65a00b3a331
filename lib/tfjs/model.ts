/** What a model is made of and compiled with. */
import type { LayersModel, Optimizer } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, invalidArgument } from "../errors";
import { insides } from "./insides";
import { asWeights, isModel, type Layer, leavesOf, type Weight } from "./layer";
import { tf } from "./tensorflow";

/** A loss or metric of tfjs: per-sample values, or a scalar. @inline */
export type LossOrMetric = LayersModel["lossFunctions"][number];

/**
 * The functional model that does the work: a Sequential wraps one, built when it is first needed.
 *
 * That is where tfjs keeps what `compile` made, and the calls of the layers.
 *
 * @throws ConvnetsError when a Sequential has no layers; InvalidArgumentError for what is no model.
 */
export function functionalOf(model: LayersModel): LayersModel {
  if (!isModel(model)) throw invalidArgument("model", { expected: "a model", received: model });
  if (!(model instanceof tf.Sequential)) return model;
  if (model.layers.length === 0)
    throw new ConvnetsError(`The model "${model.name}" has no layers.`);
  const outer = insides("Sequential", model);
  if (!model.built || !outer.model) model.build();
  return outer.model!;
}

/** The optimizer of a compiled model; undefined of any other, which tfjs doesn't declare. */
export function optimizerOf(model: LayersModel): Optimizer | undefined {
  return model.optimizer ?? undefined;
}

/** Makes the model dispose the optimizer that it was compiled with, as it does one that it made by name. */
export function ownOptimizer(model: LayersModel): void {
  for (const each of new Set([model, functionalOf(model)])) {
    insides("Model", each).isOptimizerOwned = true;
  }
}

/** A layer that is no model, and whether training leaves it as it is. */
export interface Leaf {
  layer: Layer;
  frozen: boolean;
}

/**
 * The model's layers, those of nested models included, each once. As in Keras each has a flag of its own, which
 * freezing a nested model sets; only the outermost model's counts besides.
 */
export function leafLayers(model: LayersModel): Leaf[] {
  const found = new Set(leavesOf(model));
  return [...found].map((layer) => ({ layer, frozen: !(model.trainable && layer.trainable) }));
}

/**
 * All weights of a model, each once.
 *
 * tfjs' own `getWeights` and `setWeights` of a Sequential disagree on the order when a part is frozen.
 */
export function allWeights(model: LayersModel): Weight[] {
  return [...new Set(leafLayers(model).flatMap(({ layer }) => asWeights(layer.weights)))];
}

/** What training changes and leaves as it is. */
export interface TrainedParts {
  leaves: Leaf[];
  weights: Weight[];
}

/** The parts of a compiled model, by the array that each `compile` makes anew. */
const collected = new WeakMap<LossOrMetric[], TrainedParts>();

/**
 * What was frozen and what was trainable at the first `fit` after `compile`. As in Keras, freezing and unfreezing
 * takes effect with the next `compile`.
 */
export function trainedParts(model: LayersModel): TrainedParts {
  const inner = functionalOf(model);
  let parts = collected.get(inner.lossFunctions);
  if (parts === undefined) {
    const leaves = leafLayers(model);
    const trained = leaves.filter(({ frozen }) => !frozen);
    const weights = trained.flatMap(({ layer }) => asWeights(layer.trainableWeights));
    parts = { leaves, weights };
    collected.set(inner.lossFunctions, parts);
  }
  insides("Model", inner).collectedTrainableWeights = parts.weights;
  return parts;
}

/** The layers with weights that were frozen or unfrozen since `trainedParts` collected them. */
export function changedSinceCollected(model: LayersModel): Layer[] {
  const { leaves } = trainedParts(model);
  const now = new Map(leafLayers(model).map(({ layer, frozen }) => [layer, frozen]));
  return leaves
    .filter(({ layer, frozen }) => layer.weights.length > 0 && now.get(layer) !== frozen)
    .map(({ layer }) => layer);
}

/** The weights that were trainable when the model was compiled or first trained; none of any other model. */
export function collectedWeights(model: LayersModel): Weight[] {
  return asWeights(insides("Model", functionalOf(model)).collectedTrainableWeights ?? []);
}
