/** How a network is put together. */
import type { layers, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import type { ApplicationSettings } from "./options";

/** Calls layers one after the other. */
export type Apply = (
  layer: layers.Layer,
  inputs: SymbolicTensor | SymbolicTensor[],
) => SymbolicTensor;

/** How a network is put together. */
export interface Architecture {
  name: string;
  /** The last feature maps. */
  features(input: SymbolicTensor, apply: Apply, settings: ApplicationSettings): SymbolicTensor;
  /** The classifier on them. */
  top(features: SymbolicTensor, apply: Apply, settings: ApplicationSettings): SymbolicTensor;
  /** What follows the feature maps without it. @default their pooling, in a layer without a name of its own */
  end?(features: SymbolicTensor, apply: Apply, settings: ApplicationSettings): SymbolicTensor;
}
