/** A model in the format of tfjs' layers, as a browser loads it: what is in `model.json`, and its weights. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { JsonObject } from "../json";
import { isModel, type Layer, layersOf, topologyOf } from "../tfjs";
import { ModelFileError } from "./json";
import { forBrowser } from "./tfjsLayers";
import { refuseCallMasks, refuseDerivedMasks } from "./tfjsMasks";

type Weight = Layer["weights"][number];

/** What `model.json` says of a weight, in the order of their values. */
export interface WeightSpec extends JsonObject {
  name: string;
  shape: number[];
  dtype: "float32";
}

/** A model without files. */
export interface TfjsModel {
  topology: JsonObject;
  specs: WeightSpec[];
  /** The values of all weights, one after another. */
  values: Float32Array;
}

/**
 * Describes a model for inference by tfjs in a browser.
 *
 * @throws ModelFileError naming a layer, option or call that tfjs there has no counterpart of.
 */
export function describeForBrowser(model: LayersModel): TfjsModel {
  const kept: Layer[] = [];
  const topology = topologyOf(model);
  mapLayers(model, topology, kept);
  refuseDerivedMasks(model);
  const weights = [...new Set(kept)].flatMap((layer) => layer.weights);
  checkNames(weights);
  const specs = weights.map(({ originalName: name, shape }) => ({
    name,
    shape: shape as number[],
    dtype: "float32" as const,
  }));
  return { topology, specs, values: valuesOf(weights) };
}

/** Puts the layers of tfjs into the description of a model, and notes those whose weights are needed. */
function mapLayers(model: LayersModel, entry: JsonObject, kept: Layer[]): void {
  const { config } = entry as { config: { layers: JsonObject[] } };
  const layers = new Map(layersOf(model).map((layer) => [layer.name, layer]));
  config.layers = config.layers.map((each) => {
    const own = each.config as JsonObject;
    const layer = layers.get(own.name as string)!;
    refuseCallMasks(layer);
    if (isModel(layer)) {
      mapLayers(layer, each, kept);
      return each;
    }
    const mapped = forBrowser(layer, each);
    if (mapped.class_name === each.class_name) kept.push(layer);
    return { ...each, ...mapped };
  });
}

/** tfjs finds weights by name, and names them after layers. */
function checkNames(weights: Weight[]): void {
  const names = new Set<string>();
  for (const { originalName } of weights) {
    if (names.has(originalName)) {
      throw new ModelFileError(
        `has two weights named "${originalName}": tfjs in a browser needs a name of its own for each layer, also across models in models`,
      );
    }
    names.add(originalName);
  }
}

function valuesOf(weights: Weight[]): Float32Array {
  const arrays = weights.map((weight) => weight.read().dataSync());
  const values = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const array of arrays) {
    values.set(array, start);
    start += array.length;
  }
  return values;
}
