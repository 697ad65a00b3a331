/** Says what of a model `fit` trains, where that may not be what was meant. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { changedSinceCollected, trainedParts } from "../tfjs";

/** Names of layers in a message; the others are counted. */
const namedLayers = 3;

/** Warns of a model without anything to train, and of layers frozen or unfrozen without `compile`. */
export function warnOfTrainable(model: LayersModel): void {
  if (trainedParts(model).weights.length === 0) {
    console.warn(`The model "${model.name}" has no trainable weights.`);
  }
  const names = changedSinceCollected(model).map(({ name }) => name);
  if (names.length === 0) return;
  const more = names.length - namedLayers;
  const list = names.slice(0, namedLayers).join(", ") + (more > 0 ? ` and ${more} more` : "");
  console.warn(
    `\`trainable\` has changed since the model was compiled and trained (${list}), and has no effect before the next \`model.compile(…)\`: \`fit\` trains what it trained before.`,
  );
}
