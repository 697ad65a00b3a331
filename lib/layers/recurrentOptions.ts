/** Options that recurrent layers and their cells share. */
import type { Layer, tf } from "../tfjs";
import type { CommonLayerOptions } from "./options";

/** What tfjs' cell takes for its weights. @inline */
type CellArguments = Parameters<typeof tf.layers.gruCell>[0];

/** What all recurrent layers and cells take, but for their size. */
export interface RecurrentOptions extends CommonLayerOptions {
  /** Activation of the candidate for the next state. @default "tanh" */
  activation?: CellArguments["activation"];
  /** Whether there is a bias. @default true */
  useBias?: boolean;
  /** First values of the weights for inputs. @default "glorotUniform" */
  kernelInitializer?: CellArguments["kernelInitializer"];
  /** First values of the weights for states. @default "orthogonal" */
  recurrentInitializer?: CellArguments["recurrentInitializer"];
  /** First values of the bias. @default "zeros" */
  biasInitializer?: CellArguments["biasInitializer"];
  /** What large weights for inputs cost. @default nothing */
  kernelRegularizer?: CellArguments["kernelRegularizer"];
  /** What large weights for states cost. @default nothing */
  recurrentRegularizer?: CellArguments["recurrentRegularizer"];
  /** What a large bias costs. @default nothing */
  biasRegularizer?: CellArguments["biasRegularizer"];
  /** What the weights for inputs are brought to after each step of training. @default nothing */
  kernelConstraint?: CellArguments["kernelConstraint"];
  /** What the weights for states are brought to after each step of training. @default nothing */
  recurrentConstraint?: CellArguments["recurrentConstraint"];
  /** What the bias is brought to after each step of training. @default nothing */
  biasConstraint?: CellArguments["biasConstraint"];
  /** Share of the inputs that is dropped while training, the same at all time steps. @default 0 */
  dropout?: number;
  /** Share of the states that is dropped while training, the same at all time steps. @default 0 */
  recurrentDropout?: number;
  /** Any integer: equal seeds drop equal shares. @default one of its own, from `setSeed`'s */
  seed?: number | null;
}

/** Options of `layers.simpleRNNCell`. */
export interface SimpleRNNCellOptions extends RecurrentOptions {
  /** How many numbers a state has. */
  units: number;
}

/** What layers and cells with gates take. */
export interface GatedOptions extends RecurrentOptions {
  /** Activation of the gates. @default "sigmoid" */
  recurrentActivation?: CellArguments["recurrentActivation"];
}

/** Options of `layers.rnn`. */
export interface RNNOptions extends SequenceOptions {
  /** What is done at each time step: a cell, or several, the one that sees the input first. */
  cell: Layer | Layer[];
}

export const recurrentOptions = {
  activation: true,
  useBias: true,
  kernelInitializer: true,
  recurrentInitializer: true,
  biasInitializer: true,
  kernelRegularizer: true,
  recurrentRegularizer: true,
  biasRegularizer: true,
  kernelConstraint: true,
  recurrentConstraint: true,
  biasConstraint: true,
  dropout: true,
  recurrentDropout: true,
  seed: true,
} as const;

export const gatedOptions = { ...recurrentOptions, recurrentActivation: true } as const;

/** What all layers take that go through sequences. */
export interface SequenceOptions extends CommonLayerOptions {
  /** Whether the outputs of all time steps are given, or the last one. @default false */
  returnSequences?: boolean;
  /** Whether the last states are given after the output. @default false */
  returnState?: boolean;
  /** Whether the sequence is gone through from its end. @default false */
  goBackwards?: boolean;
  /**
   * Whether a batch begins with the states in which the one before ended; `model.resetStates()` brings them to 0. The
   * size of batches must be known then.
   *
   * @default false
   */
  stateful?: boolean;
  /** As Keras' option; here the steps of a graph are always unrolled. @default false */
  unroll?: boolean;
  /** Whether masked time steps give 0, or what the step before gave. @default false */
  zeroOutputForMask?: boolean;
  /** What large outputs cost. @default nothing */
  activityRegularizer?: Parameters<typeof tf.layers.dense>[0]["activityRegularizer"];
}

export const sequenceOptions = {
  returnSequences: true,
  returnState: true,
  goBackwards: true,
  stateful: true,
  unroll: true,
  zeroOutputForMask: true,
  activityRegularizer: true,
} as const;
