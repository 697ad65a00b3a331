/** What the tables of layers say of each. */
import type { LayerParts } from "../tfjs";
import type { Options } from "./values";

/** One class of layers. */
export interface LayerRule {
  /** By Keras' names. `name`, `trainable`, `dtype` and the input shape are common to all and not listed. */
  options: Options;
  /** Inner layers that hold the weights: tfjs' property → the step in Keras' weights file. */
  parts?: Partial<Record<keyof LayerParts, string>>;
}
