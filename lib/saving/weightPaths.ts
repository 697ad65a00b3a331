/** What Keras calls a model's weights. */
import {
  classToSnakeCase,
  isModel,
  type Layer,
  ownWeights,
  partsOf,
  tf,
  type Weight,
} from "../tfjs";
import { ruleOf } from "./layerRules";
import { kerasClassOf } from "./titles";

/** A weight and its `path` in Keras: `sequential/dense/kernel`. */
export interface NamedWeight {
  path: string;
  weight: Weight;
}

/**
 * The weights of a model, each with the path that Keras 3.15.1 gives it: that of a layer in a Sequential begins with
 * the name of that model, that of a layer in any other with the layer's own.
 */
export function weightPaths(model: Layer): NamedWeight[] {
  return isModel(model) ? model.layers.flatMap((layer) => within(layer, prefixOf(model))) : [];
}

const prefixOf = (model: Layer) => (model instanceof tf.Sequential ? `${model.name}/` : "");

function within(layer: Layer, prefix: string): NamedWeight[] {
  if (isModel(layer)) return weightPaths(layer);
  const inside = `${prefix}${layer.name}/`;
  const { cell, cells, forwardLayer, backwardLayer, layer: wrapped } = partsOf(layer);
  if (cells !== undefined) return cells.flatMap((one) => within(one, inside));
  if (cell !== undefined) {
    if (kerasClassOf(layer) === "RNN") return within(cell, inside);
    return named(cell, `${inside}${classToSnakeCase(cellName(layer))}/`);
  }
  if (forwardLayer !== undefined && backwardLayer !== undefined) {
    return [forwardLayer, backwardLayer].flatMap((one) => within(one, inside));
  }
  return [...(wrapped === undefined ? [] : within(wrapped, inside)), ...named(layer, inside)];
}

const cellName = (layer: Layer) => `${kerasClassOf(layer).replace(/(?<=^ConvLSTM)\dD$/, "")}Cell`;

function named(layer: Layer, prefix: string): NamedWeight[] {
  return ownWeights(layer).map((weight) => {
    const steps = ruleOf(kerasClassOf(layer))?.steps;
    const name = weight.originalName
      .split("/")
      .slice(steps === undefined ? -1 : -2)
      .join("/");
    const isPlain = /^DepthwiseConv[12]D$/.test(layer.getClassName());
    return { path: prefix + (isPlain ? name.replace("depthwise_", "") : name), weight };
  });
}
