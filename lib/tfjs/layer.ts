/** Layers, their weights and their calls, and the layers in them. */
import type { LayerVariable, layers, Variable } from "@tensorflow/tfjs-node-gpu";
import { insides } from "./insides";
import { LayersModel } from "./tfjs";

/** Any layer; a model is one too. */
export type Layer = layers.Layer;

/** One weight of a layer, of which tfjs declares less than it is. */
export interface Weight extends LayerVariable {
  /** All sizes are known. */
  readonly shape: number[];
  /** The variable itself, no copy. */
  read(): Variable;
}

/** The weights in one of tfjs' lists, `layer.weights` and the like. */
export function asWeights(list: readonly LayerVariable[]): Weight[] {
  return list as Weight[];
}

/** One call of a layer: what it was called on, and what it gave. */
export type CallNode = Layer["inboundNodes"][number];

/** An output's sizes, the batch's first; null where any size will do. */
export type Shape = (number | null)[];

/** True for `tf.Sequential` and every other `tf.LayersModel`. */
export function isModel(value: unknown): value is LayersModel {
  return value instanceof LayersModel;
}

/** The layers of a model, one level deep; none of any other layer. */
export function layersOf(layer: Layer): Layer[] {
  return isModel(layer) ? layer.layers : [];
}

/** The layers that are no models, at any depth; one that is part of several models comes once for each. */
export function leavesOf(layer: Layer): Layer[] {
  return isModel(layer) ? layer.layers.flatMap(leavesOf) : [layer];
}

/** The layers within a layer that is no model. */
export interface LayerParts {
  /** What an RNN does at each time step. */
  cell?: Layer;
  /** What such cells consist of. */
  cells?: readonly Layer[];
  /** Both directions of `Bidirectional`. */
  forwardLayer?: Layer;
  backwardLayer?: Layer;
  /** What a wrapper wraps. */
  layer?: Layer;
}

/** The layers within a layer that is no model; each is there only in classes that have it. */
export function partsOf(layer: Layer): LayerParts {
  const { cell } = insides("RNN", layer);
  const { cells } = insides("StackedRNNCells", layer);
  const { forwardLayer, backwardLayer } = insides("Bidirectional", layer);
  return { cell, cells, forwardLayer, backwardLayer, layer: insides("Wrapper", layer).layer };
}

/** The same as one list. */
export function innerLayersOf(layer: Layer): Layer[] {
  return Object.values(partsOf(layer))
    .flat()
    .filter((part) => part !== undefined);
}

/** A layer's own weights, trainable ones first, whether frozen or not. */
export function ownWeights(layer: Layer): Weight[] {
  const { _trainableWeights, _nonTrainableWeights } = insides("Layer", layer);
  return asWeights([..._trainableWeights, ..._nonTrainableWeights]);
}

/** Whether the flags of a layer's own weights let it train; a layer without any does. */
export function hasTrainableFlags(layer: Layer): boolean {
  const { _trainableWeights: weights } = insides("Layer", layer);
  return weights.length === 0 || weights.some(({ trainable }) => trainable);
}

/** The outputs' shapes at a layer's last call; undefined before the first. */
export function outputShapesOf(layer: Layer): Shape[] | undefined {
  const shapes = layer.inboundNodes.at(-1)?.outputShapes;
  if (shapes === undefined) return undefined;
  // tfjs makes a list of one, but not in a Sequential of one layer.
  return (Array.isArray(shapes[0]) ? shapes : [shapes]) as Shape[];
}

/** The name of the activation at a layer's end; undefined in classes that have none. */
export function activationName(layer: Layer): string | undefined {
  return insides("Activated", layer).activation?.getClassName();
}

/**
 * Says how many users a layer has.
 *
 * tfjs counts every call as one, but a model's `dispose` gives back one (two for a model in it): a layer that is
 * called twice would never be freed.
 */
export function ownOnce(layer: Layer): void {
  insides("Layer", layer)._refCount = isModel(layer) ? 2 : 1;
}
