/** Which layer of a model feeds which. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { Layer } from "../tfjs";

export interface ModelGraph {
  /** In the model's own order. */
  layers: readonly Layer[];
  /** Pairs of positions in `layers`. */
  edges: readonly (readonly [from: number, to: number])[];
}

/** Reads a model's layers and their connections, one level deep: a nested model is one layer. */
export function graphOf(model: LayersModel): ModelGraph {
  const layers = model.layers;
  const indexOf = new Map(layers.map((layer, index) => [layer, index]));
  const edges = new Map<string, readonly [number, number]>();
  for (const [to, layer] of layers.entries()) {
    for (const node of layer.inboundNodes) {
      for (const source of node.inboundLayers) {
        const from = indexOf.get(source);
        // A layer may be fed from outside as well, where it belongs to several models.
        if (from !== undefined && from !== to) edges.set(`${from}-${to}`, [from, to]);
      }
    }
  }
  if (edges.size === 0) {
    // A sequential model records its connections elsewhere, but they are a chain.
    for (let to = 1; to < layers.length; to++) edges.set(`${to - 1}-${to}`, [to - 1, to]);
  }
  return { layers, edges: [...edges.values()] };
}
