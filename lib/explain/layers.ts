/** Finding a layer by its name, also inside models that a model is made of. */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { type Layer, leavesOf, outputShapesOf } from "../tfjs";

/** The layers with one output `[batch, height, width, channels]`, in their order, those of nested models included. */
export function imageLayers(model: LayersModel): Layer[] {
  // A nested model itself doesn't count: tfjs joins one at the beginning of a Sequential with the outer graph.
  return [...new Set(leavesOf(model))].filter(hasImages);
}

/**
 * The layer of a name.
 *
 * @throws InvalidArgumentError that lists the names there are.
 */
export function imageLayer(model: LayersModel, name: string): Layer {
  const candidates = imageLayers(model);
  const found = candidates.find((layer) => layer.name === name);
  if (found !== undefined) return found;
  throw invalidArgument("layer", {
    expected: `the name of a layer with outputs [batch, height, width, channels]: ${namesOf(candidates)}`,
    received: name,
  });
}

/** The last layer that still has a place for everything: what Grad-CAM looks at. */
export function lastImageLayer(model: LayersModel): Layer {
  const last = imageLayers(model).at(-1);
  if (last !== undefined) return last;
  throw invalidArgument("model", {
    expected: "a model with a layer of outputs [batch, height, width, channels]",
    received: model.name,
  });
}

/** An image as a batch of one: a view that the caller's scope frees. */
export function asBatch(model: LayersModel, image: Tensor): Tensor {
  const { shape } = model.inputs[0]!;
  const sides = image.rank === 4 && image.shape[0] === 1 ? image.shape.slice(1) : image.shape;
  const fits =
    model.inputs.length === 1 &&
    sides.length === 3 &&
    sides.every((side, i) => shape[i + 1] === null || shape[i + 1] === side);
  if (!fits) {
    throw invalidArgument("image", {
      expected: `[height, width, channels] as the model takes it: [${shape.slice(1).join(", ")}]`,
      received: image,
    });
  }
  return image.reshape([1, ...sides]);
}

function namesOf(list: readonly Layer[]): string {
  return list.map(({ name }) => name).join(", ");
}

function hasImages(layer: Layer): boolean {
  return outputShapesOf(layer)?.[0]?.length === 4;
}
