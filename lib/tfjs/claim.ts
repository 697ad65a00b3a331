/** One training at a time for what it changes. */
import type { LayersModel, Optimizer } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, describeValue } from "../errors";
import { keepForReaders } from "./keptWeights";
import { functionalOf, trainedParts } from "./model";
import { type AnyWeight, type Claim, type Training, trained } from "./trained";

/**
 * Takes a model's trainable layers and its optimizer for one training: of two at once, one would be lost.
 *
 * @param refresh Brings the model up to date with the last finished step.
 * @throws ConvnetsError when another training has one of them.
 */
export function claim(model: LayersModel, refresh: () => Promise<void>): Claim {
  const wanted = new Map<AnyWeight | Optimizer, string>();
  // As `compile` found them: what was frozen since goes on being trained.
  for (const { layer, frozen } of trainedParts(model).leaves) {
    if (frozen) continue;
    for (const weight of layer.weights)
      wanted.set(weight, `the layer ${describeValue(layer.name)}`);
  }
  wanted.set(functionalOf(model).optimizer, "its optimizer");
  for (const each of wanted.keys()) {
    const other = trained.get(each);
    if (other !== undefined) throw taken(model, other);
  }
  const training = { model, refresh, isOpen: true, release };
  for (const [each, title] of wanted) trained.set(each, { training, title });
  keepForReaders();
  return training;
  function release(): void {
    for (const each of wanted.keys()) trained.delete(each);
  }
}

function taken(
  model: LayersModel,
  { training, title }: { training: Training; title: string },
): ConvnetsError {
  const name = describeValue(model.name);
  const message =
    model === training.model
      ? `The model ${name} is being trained by another \`fit\`, which has not ended.`
      : `The model ${name} shares ${title} with the model ${describeValue(training.model.name)}, which is being trained.`;
  return new ConvnetsError(message, { hint: "Wait for it first: `await fit(…)`." });
}
