/** Masks in a model for a browser: tfjs hands the last one on to whatever comes after, and few of its layers look at it. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { isObject, type JsonObject } from "../json";
import { configOf, functionalOf, type Layer, type MaskedCall, maskedCallsOf } from "../tfjs";
import { ModelFileError } from "./json";
import { maskTensorOf } from "./masks";
import { changesNothing } from "./tfjsLayers";
import { kerasClassOf, layerTitle } from "./titles";

const recurrent = new Set(["GRU", "LSTM", "SimpleRNN"]);

/** Layers that hand a mask on there as they do here. */
const handingOn = new Set(["Activation", "Dense"]);

const titleOf = (layer: Layer) => layerTitle(kerasClassOf(layer), layer.name);

/** Refuses a layer that is called with a mask. */
export function refuseCallMasks(layer: Layer): void {
  const title = titleOf(layer);
  for (const node of layer.inboundNodes) {
    const given = isObject(node.callArgs as JsonObject) && maskTensorOf(node, title) !== undefined;
    if (!given) continue;
    throw new ModelFileError(`${title} is called with a mask, which tfjs can't write`);
  }
}

/**
 * Refuses a model with masks of `Masking` or `Embedding` that tfjs takes to another place than Keras.
 *
 * Right are those that come to recurrent layers, if all of those have one: a layer without gets one of another layer.
 */
export function refuseDerivedMasks(model: LayersModel): void {
  const calls = maskedCallsOf(functionalOf(model));
  const source = calls.find(({ before, after }) => !before.some(Boolean) && after.some(Boolean));
  if (source === undefined) return;
  const wrong = calls.find((call) => !isRight(call));
  if (wrong === undefined) return;
  const what = wrong.before.some(Boolean)
    ? "takes a mask"
    : wrong.after.some(Boolean)
      ? "gives a mask"
      : "has no mask";
  throw new ModelFileError(
    `${titleOf(wrong.layer)} ${what} in a model with masks, of ${titleOf(source.layer)}: tfjs in a browser computes otherwise`,
    {
      hint: "There masks may go to LSTM, GRU and SimpleRNN, also through Dense, Activation and dropout. All of these recurrent layers in the model must have one, and no first states.",
    },
  );
}

function isRight({ layer, before, after }: MaskedCall): boolean {
  const className = layer.getClassName();
  if (recurrent.has(className)) {
    // tfjs gives states the mask of the sequence, and takes no first states beside a mask.
    const { returnSequences, returnState } = configOf(layer);
    const isAlone = before.length === 1 && !(returnSequences === true && returnState === true);
    return before[0] === true && isAlone;
  }
  // It takes any mask for its own.
  if (className === "Softmax") return false;
  if (!before.some(Boolean)) return !after.some(Boolean) || isSource(className);
  return isSource(className) || handingOn.has(className) || changesNothing(layer);
}

/** Whether a class makes masks of what it gets. */
function isSource(className: string): boolean {
  return className === "Embedding" || className === "Masking";
}
