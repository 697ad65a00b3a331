/** What a model is made of under the names of before, for the files that are still to take the new ones. */
import type { LayersModel, Optimizer } from "@tensorflow/tfjs-node-gpu";
import type { Layer, Weight } from "./layer";
import { functionalOf } from "./model";

/** @deprecated `Layer`, with `layersOf` and `activationName`. */
export interface InternalLayer extends Layer {
  layers?: Layer[];
  activation?: object;
}

/** @deprecated `Weight`. */
export type LayerWeight = Weight;

/** @deprecated What tfjs declares of `LayersModel`, with `optimizerOf`. */
export type InternalModel = Pick<
  LayersModel,
  "inputs" | "outputs" | "inputNames" | "outputNames" | "nodesByDepth" | "call"
> & { optimizer_?: Optimizer };

/** @deprecated `functionalOf`. */
export function internals(model: LayersModel): InternalModel {
  const inner = functionalOf(model);
  return inner as object as InternalModel;
}
