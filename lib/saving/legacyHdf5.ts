/**
 * Keras' older HDF5 files: `.h5` models of Keras 2 and 3, and files of weights by layer.
 *
 * A model file has `model_config`, maybe `training_config`, and its weights under `model_weights`; a weights
 * file has them at the root: `layer_names`, and for every layer a group with `weight_names`.
 *
 * @see keras/src/legacy/saving/legacy_h5_format.py
 */

import type { JsonObject } from "../json";
import { asWeights, isModel, type Layer, type Weight } from "../tfjs";
import type { Hdf5Reader } from "./hdf5Reader";
import { ModelFileError, parseObject } from "./json";
import { inOtherWords, isKeras2 } from "./keras2";
import { ruleOf } from "./layerRules";
import { kerasClassOf, layerTitle } from "./titles";
import { type Assignment, places } from "./weightFile";

/** One stored weight. */
interface Stored {
  name: string;
  path: string;
}

/** True for a file of the older kind, with or without a model in it. */
export function isLegacy(file: Hdf5Reader): boolean {
  return file.has("model_weights") || file.strings("", "layer_names") !== undefined;
}

/** The description of the model, or `undefined` in a file of weights only. */
export function legacyConfig(file: Hdf5Reader): JsonObject | undefined {
  const config = jsonAttribute(file, "model_config");
  return config && isLegacyKeras2(file) ? inOtherWords(config) : config;
}

/** How the model was compiled, or `undefined`. */
export function legacyCompilation(file: Hdf5Reader): JsonObject | undefined {
  return jsonAttribute(file, "training_config");
}

function jsonAttribute(file: Hdf5Reader, name: string): JsonObject | undefined {
  const text = file.attribute("", name);
  if (text === undefined || text === null) return undefined;
  if (typeof text !== "string") throw new ModelFileError(`has a "${name}" that is not text`);
  return parseObject(text, `"${name}"`);
}

/** Whether Keras 2 wrote the file. */
export function isLegacyKeras2(file: Hdf5Reader): boolean {
  return isKeras2(file.attribute("", "keras_version"));
}

/** The arrays of the optimizer's state, in order; those of a loss scale come before it and are left out. */
export function legacyOptimizerPaths(file: Hdf5Reader): string[] {
  const names = file.strings("optimizer_weights", "weight_names") ?? [];
  const first = names.findLastIndex((name) => /(^|\/)iter(ation)?(:0)?$/.test(name));
  return names.slice(Math.max(first, 0)).map((name) => `optimizer_weights/${name}`);
}

/**
 * Reads the values for all weights of a model, without changing the model.
 *
 * @param options.byName Takes layers by their names and leaves the others as they are; else layer by layer in order.
 * @param options.skipMismatch Leaves out what doesn't fit, instead of throwing.
 */
export function readLegacyWeights(
  file: Hdf5Reader,
  model: Layer,
  options: { byName?: boolean; skipMismatch?: boolean } = {},
): Assignment[] {
  const root = file.has("model_weights") ? "model_weights" : "";
  const inRoot = (name: string) => (root === "" ? name : `${root}/${name}`);
  const names = file.strings(root, "layer_names");
  if (names === undefined) throw new ModelFileError('has no "layer_names"');
  const groups = names
    .map((name) => ({ name, stored: storedWeights(file, inRoot(name)) }))
    .filter(({ stored }) => stored.length > 0);
  const layers = (isModel(model) ? model.layers : [model]).filter(
    (layer) => targets(layer).length > 0,
  );
  const read = (layer: Layer, stored: Stored[]) => layerAssignments(file, layer, stored, options);
  if (options.byName) {
    const byName = new Map(groups.toReversed().map(({ name, stored }) => [name, stored]));
    const inside = storedInside(groups);
    return layers.flatMap((layer) => {
      const stored = byName.get(layer.name) ?? inside.get(layer.name) ?? [];
      return stored.length === 0 ? [] : read(layer, stored);
    });
  }
  if (groups.length !== layers.length && !options.skipMismatch) {
    const stored = groups.map(({ name }) => name).join(", ");
    throw new ModelFileError(
      `holds the weights of ${groups.length} layers (${stored}) where the model has ${layers.length} with weights`,
    );
  }
  return layers.flatMap((layer, i) => (groups[i] ? read(layer, groups[i].stored) : []));
}

function storedWeights(file: Hdf5Reader, group: string): Stored[] {
  const names = file.strings(group, "weight_names") ?? [];
  return names.map((name) => ({ name, path: `${group}/${name}` }));
}

/** The weights of each layer that is in a model in the file's model. */
function storedInside(groups: { stored: Stored[] }[]): Map<string, Stored[]> {
  const inside = new Map<string, Stored[]>();
  for (const item of groups.flatMap(({ stored }) => stored)) {
    for (const layer of new Set(item.name.split("/").slice(0, -1))) {
      const others = inside.get(layer) ?? [];
      others.push(item);
      inside.set(layer, others);
    }
  }
  return inside;
}

/** The weights of a layer, or of every layer inside it. */
function targets(layer: Layer): { layer: Layer; weights: Weight[] }[] {
  if (isModel(layer)) return layer.layers.flatMap(targets);
  const hasKept = ruleOf(kerasClassOf(layer))?.weights !== undefined; // which are there twice, but here
  const weights = hasKept
    ? asWeights(layer.weights)
    : places(layer).flatMap((place) => place.weights);
  return weights.length > 0 ? [{ layer, weights }] : [];
}

function layerAssignments(
  file: Hdf5Reader,
  layer: Layer,
  stored: Stored[],
  options: { skipMismatch?: boolean },
): Assignment[] {
  const inner = targets(layer);
  try {
    const shared = isModel(layer) ? sharedOut(inner, stored) : undefined;
    const pairs = shared ?? [{ weights: inner.flatMap(({ weights }) => weights), stored }];
    return pairs.flatMap((pair) => pairUp(file, layer, pair));
  } catch (error) {
    if (options.skipMismatch && error instanceof ModelFileError) return [];
    throw error;
  }
}

/**
 * A nested model's weights come as one list, trainable ones first: the order depends on what was frozen, so
 * each inner layer takes, in order, those that carry its name.
 */
function sharedOut(inner: { layer: Layer; weights: Weight[] }[], stored: Stored[]) {
  const byLayer = new Map(inner.map(({ layer }): [string, Stored[]] => [layer.name, []]));
  for (const item of stored) {
    const step = item.name.split("/").findLast((part) => byLayer.has(part));
    if (step === undefined) return undefined; // names of another run: only the order is left
    byLayer.get(step)!.push(item);
  }
  return inner.map(({ layer, weights }) => ({ weights, stored: byLayer.get(layer.name)! }));
}

function pairUp(
  file: Hdf5Reader,
  layer: Layer,
  { weights, stored }: { weights: Weight[]; stored: Stored[] },
): Assignment[] {
  if (weights.length !== stored.length) {
    throw new ModelFileError(
      `has ${stored.length} weights for ${layerTitle(kerasClassOf(layer), layer.name)} where the model has ${weights.length}`,
    );
  }
  return weights.map((weight, i) => ({
    weight,
    data: file.numbers(stored[i]!.path, weight.shape),
  }));
}
