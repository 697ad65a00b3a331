/**
 * Where Keras 3 keeps a model's weights inside `model.weights.h5`.
 *
 * `layers/<class>[_n]/vars/<i>`, counted by class in the order of the model's layers; models inside models
 * repeat the pattern; layers inside layers add a step (`cell`, `forward_layer`).
 *
 * @see keras/src/saving/saving_lib.py
 */
import {
  classToSnakeCase,
  isModel,
  type Layer,
  type LayerParts,
  ownWeights,
  partsOf,
  tf,
  type Weight,
} from "../tfjs";
import type { Hdf5Reader } from "./hdf5Reader";
import type { Hdf5Writer } from "./hdf5Writer";
import { ModelFileError } from "./json";
import { ruleOf } from "./layerRules";
import { NameCounter } from "./names";
import { Operation } from "./operations";
import { kerasClassOf, layerTitle } from "./titles";

/** A layer's place in the file, with the weights that are its own. */
export interface Place {
  path: string;
  layer: Layer;
  weights: Weight[];
  /** The layer inside it that has these weights in Keras. */
  inside?: string;
}

/** Every place of a model's weights file, in Keras' order. */
export function places(model: Layer): Place[] {
  const found: Place[] = [];
  visit(model, "", new Set(), found);
  return found;
}

type Part = LayerParts[keyof LayerParts];

function visit(layer: Layer, path: string, seen: Set<Layer>, found: Place[]): void {
  if (seen.has(layer)) return; // a shared layer is kept at its first place
  seen.add(layer);
  const inside = (step: string) => (path === "" ? step : `${path}/${step}`);
  if (isModel(layer)) {
    found.push({ path: inside("vars"), layer, weights: [] });
    const names = new NameCounter();
    for (const inner of layer.layers) {
      if (layer instanceof tf.Sequential && inner.getClassName() === "InputLayer") continue;
      if (inner instanceof Operation) continue; // Keras has none among the layers
      const name = names.next(classToSnakeCase(kerasClassOf(inner)));
      visit(inner, inside(`layers/${name}`), seen, found);
    }
    return;
  }
  const className = kerasClassOf(layer);
  const { parts, steps, weights: kept } = ruleOf(className) ?? {};
  if (steps !== undefined) {
    found.push({ path: inside("vars"), layer, weights: [] });
    for (const [name, step] of Object.entries(steps)) {
      const weights = ownWeights(layer).filter((weight) => beginningOf(weight) === name);
      if (weights.length === 0) continue;
      found.push({ path: inside(`${step}/vars`), layer, weights, inside: name });
    }
    return;
  }
  const weights = kept?.(layer) ?? (parts ? [] : ownWeights(layer));
  found.push({ path: inside("vars"), layer, weights });
  for (const [part, inner] of Object.entries(partsOf(layer)) as [keyof LayerParts, Part][]) {
    const step = parts?.[part];
    if (inner === undefined || step === undefined) continue;
    const names = new NameCounter();
    for (const each of Array.isArray(inner) ? inner : [inner]) {
      const name = names.next(classToSnakeCase(kerasClassOf(each)));
      visit(each, inside(Array.isArray(inner) ? `${step}/${name}` : step), seen, found);
    }
  }
}

/** `query` of `multi_head_attention/query/kernel`. */
const beginningOf = ({ originalName }: Weight) => originalName.split("/").at(-2);

/** Writes all weights of a model. */
export function writeWeights(file: Hdf5Writer, model: Layer): void {
  for (const { path, layer, weights, inside } of places(model)) {
    file.group(path);
    file.attribute(path, "name", inside ?? layer.name);
    for (const [i, weight] of weights.entries()) {
      const data = new Float32Array(weight.read().dataSync());
      file.array(`${path}/${i}`, { shape: weight.shape, data });
    }
    const constants = ruleOf(kerasClassOf(layer))?.constants?.(layer) ?? {};
    for (const [name, values] of Object.entries(constants)) {
      const data = new Float32Array(values);
      file.array(`${path}/${name}`, { shape: [values.length], data });
    }
  }
}

/** A weight and the values it shall take. */
export interface Assignment {
  weight: Weight;
  data: Float32Array;
}

/**
 * Reads the values for all weights of a model, without changing the model.
 *
 * @param options.skipMismatch Leaves out what is missing or of another shape, instead of throwing.
 */
export function readWeights(
  file: Hdf5Reader,
  model: Layer,
  options: { skipMismatch?: boolean } = {},
): Assignment[] {
  const old = "_layer_checkpoint_dependencies"; // Keras 3.0's name for "layers"
  const prefix = file.has("layers") || !file.has(old) ? "layers" : old;
  return places(model).flatMap(({ path, layer, weights }) => {
    const place = prefix === "layers" ? path : path.replaceAll("layers/", `${prefix}/`);
    return layerValues(file, place, { layer, weights, ...options });
  });
}

/** Reads the values of layers that the file knows by name, wherever in the file they are. */
export function readWeightsByName(
  file: Hdf5Reader,
  model: Layer,
  options: { skipMismatch?: boolean } = {},
): Assignment[] {
  const byName = collectNames(file, (path) => file.keys(path).length > 0);
  const bare = collectNames(file, (path) => file.keys(path).length === 0);
  return places(model).flatMap(({ path: place, layer, weights, inside }) => {
    const step = place.split("/").at(-2);
    const own = inside === undefined ? byName.get(layer.name) : bare.get(layer.name);
    const path = inside === undefined ? own : own?.replace(/vars$/, `${step}/vars`);
    return path === undefined ? [] : layerValues(file, path, { layer, weights, ...options });
  });
}

/** Where the file has the weights of a layer, by the layer's name. */
function collectNames(file: Hdf5Reader, isMeant: (path: string) => boolean): Map<string, string> {
  const byName = new Map<string, string>();
  for (const path of file.groups({ except: ["optimizer"] })) {
    if (path !== "vars" && !path.endsWith("/vars")) continue;
    const name = file.attribute(path, "name");
    if (typeof name === "string" && isMeant(path) && !byName.has(name)) byName.set(name, path);
  }
  return byName;
}

function layerValues(
  file: Hdf5Reader,
  path: string,
  options: { layer: Layer; weights: Weight[]; skipMismatch?: boolean },
): Assignment[] {
  const { layer, weights, skipMismatch } = options;
  try {
    const stored = file.keys(path).length;
    if (weights.length > 0 && stored !== weights.length) {
      const title = layerTitle(kerasClassOf(layer), layer.name);
      throw new ModelFileError(
        `has ${stored} weights for ${title} at "${path}" where the model has ${weights.length}`,
      );
    }
    return weights.map((weight, i) => ({
      weight,
      data: file.numbers(`${path}/${i}`, weight.shape),
    }));
  } catch (error) {
    if (skipMismatch && error instanceof ModelFileError) return [];
    throw error;
  }
}

/** Gives every weight its values. */
export function assign(assignments: Assignment[]): void {
  for (const { weight, data } of assignments) {
    tf.tidy(() => {
      const value = tf.tensor(data, weight.shape, "float32");
      const variable = weight.read();
      // A cast, even to the same type, would take the values to TensorFlow, where a compiled step doesn't look for them.
      variable.assign(variable.dtype === "float32" ? value : tf.cast(value, variable.dtype));
    });
  }
}
