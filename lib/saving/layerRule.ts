/** What the tables of layers say of each. */
import type { Config, Layer, LayerParts, Weight } from "../tfjs";
import type { Options } from "./values";

/** What the calls of a class are told, besides `training` and the mask of an only input. */
export interface CallRule {
  /** The tensors, in order, each an argument of its own; undefined where one list is all. */
  tensors?: readonly string[];
  /** Arguments that are true or false. */
  flags: readonly string[];
  /** What the tensors of the list `mask` are, in order, where it is one. */
  masks?: readonly string[];
  /** Whether it takes first states, `initial_state`. */
  states?: true;
}

/** One class of layers. */
export interface LayerRule {
  /** By Keras' names. `name`, `trainable`, `dtype` and the input shape are common to all and not listed. */
  options: Options;
  /** Inner layers that hold the weights: tfjs' property → the step in Keras' weights file. */
  parts?: Partial<Record<keyof LayerParts, string>>;
  /** Weights that Keras keeps in the layer's own place, beside those of inner layers. */
  weights?: (layer: Layer) => Weight[];
  /** Weights that Keras keeps in layers of their own: what their names begin with → the step in its weights file. */
  steps?: Readonly<Record<string, string>>;
  /** Numbers that aren't weights, which Keras keeps beside them, by name. */
  constants?: (layer: Layer) => Record<string, number[]>;
  /**
   * The policy of dtypes that Keras gives a layer by its options, where it isn't float32. Such a class may have one of
   * whole numbers.
   */
  policy?: (own: Config) => string;
  /** How the class is called, where that is more than its inputs. */
  call?: CallRule;
}
