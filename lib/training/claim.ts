/** One `fit` at a time for what it changes. */
import type { LayersModel, Optimizer } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, describeValue } from "../errors";
import { functionalOf, type Layer, leafLayers } from "../tfjs";

/** What is being trained, and the model that it is trained as part of. */
const claimed = new Map<Layer | Optimizer, LayersModel>();

/**
 * Takes a model's trainable layers and its optimizer for one training.
 *
 * Each training has a copy of the weights, which it brings back: of two at once, one would be lost.
 *
 * @returns A function that gives them back.
 * @throws ConvnetsError when another training has one of them.
 */
export function claim(model: LayersModel): () => void {
  const layers = leafLayers(model).filter(
    ({ layer, frozen }) => !frozen && layer.weights.length > 0,
  );
  const wanted = [...layers.map(({ layer }) => layer), functionalOf(model).optimizer];
  for (const each of wanted) {
    const other = claimed.get(each);
    if (other !== undefined) throw taken(model, other, each);
  }
  for (const each of wanted) claimed.set(each, model);
  return () => {
    for (const each of wanted) claimed.delete(each);
  };
}

function taken(model: LayersModel, other: LayersModel, part: Layer | Optimizer): ConvnetsError {
  const name = describeValue(model.name);
  const what = "inboundNodes" in part ? `the layer ${describeValue(part.name)}` : "its optimizer";
  const message =
    model === other
      ? `The model ${name} is being trained by another \`fit\`, which has not ended.`
      : `The model ${name} shares ${what} with the model ${describeValue(other.name)}, which is being trained.`;
  return new ConvnetsError(message, { hint: "Wait for it first: `await fit(…)`." });
}
