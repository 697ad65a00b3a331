/** Names of layers beside those of the operations that Keras makes masks with. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { hasMask, type Layer } from "../tfjs";

/** What Keras 3.15.1 numbers its operations on masks from. A layer of such a name is one too many for its loader. */
const taken =
  /^(?:any|concatenate|convert_to_tensor|expand_dims|logical_or|not_equal|ones_like|zeros_like)(?:_\d+)?$/;

/**
 * The names under which a functional model's layers are written.
 *
 * @returns Layers whose name Keras would refuse, with another; none where no layer is given a mask.
 */
export function namesBesideMasks(model: LayersModel): ReadonlyMap<Layer, string> {
  const renamed = new Map<Layer, string>();
  const clashing = model.layers.filter(({ name }) => taken.test(name));
  const nodes = Object.values(model.nodesByDepth).flat();
  const isMasked = clashing.length > 0 && nodes.some((node) => node.inputTensors.some(hasMask));
  if (!isMasked) return renamed;
  const names = new Set(model.layers.map(({ name }) => name));
  for (const layer of clashing) {
    let name = `${layer.name}_layer`;
    while (names.has(name)) name += "_";
    names.add(name);
    renamed.set(layer, name);
  }
  return renamed;
}
