/** Models, and how they are trained, as data: what this library and Python Keras build alike. */

/** tfjs' options of a layer; regularizers and constraints as `{ className, config }`. */
export type Config = Record<string, unknown>;

export interface InputSpec {
  name: string;
  shape: number[];
  /** Whole numbers below this, instead of numbers in [-1, 1). */
  tokens?: number;
}

export interface LayerSpec {
  /** Keras' class name, or "Model". */
  kind: string;
  name: string;
  config: Config;
  /** Names of what it is called on. */
  from: string[];
  /** The layer that a wrapper wraps. */
  inner?: LayerSpec;
  /** The model that a layer of kind "Model" is. */
  model?: ModelSpec;
  /** Name of an earlier layer that is called once more, instead of a new one. */
  shares?: string;
}

export interface ModelSpec {
  inputs: InputSpec[];
  layers: LayerSpec[];
  outputs: string[];
  /** Whether it is built as a stack. */
  sequential: boolean;
}

/** What the labels of an output are; their shape follows from the output's. */
export type Target = "number" | "positive" | "sign" | "binary" | "class" | "onehot" | "share";

export type LossSpec = string | { name: string; fromLogits?: boolean; labelSmoothing?: number };

/** Keras' class with its options, or a function of `tf.train` with what Keras has in its place, if anything. */
export type OptimizerSpec =
  | { kind: string; config: Config }
  | { tfjs: string; args: (number | boolean)[]; keras?: { kind: string; config: Config } };

/** A callback of the library and of Keras. */
export type CallbackSpec =
  | { kind: "reduceLROnPlateau" | "earlyStopping"; options: Config }
  /** Multiplies the rate before each epoch. */
  | { kind: "learningRateScheduler"; factor: number }
  /** Keeps the best weights, which are looked at in the end. */
  | { kind: "modelCheckpoint"; options: Config }
  /** Whose file is looked at in the end. */
  | { kind: "csvLogger" };

export interface Case {
  name: string;
  model: ModelSpec;
  /** One for each output. */
  targets: Target[];
  optimizer: OptimizerSpec;
  /** One for each output. */
  losses: LossSpec[];
  /** For every output alike. */
  metrics: string[];
  samples: number;
  batchSize: number;
  epochs: number;
  validationSplit?: number;
  classWeight?: Record<number, number>;
  sampleWeight?: boolean;
  /** What each output's loss counts. */
  lossWeights?: number[];
  /** In this order, before the one that looks at the weights. */
  callbacks?: CallbackSpec[];
  /** Whether a callback looks at the weights after each step, else after each epoch. */
  looksAtSteps: boolean;
  /** Runs in Keras as a graph, whose losses look at the operation behind an output; slower. */
  kerasGraph?: boolean;
  /** The largest difference from Keras; why, where it isn't the usual one. */
  keras: { tolerance: number; reason?: string } | { absent: string };
  /** A difference that is known, and where it comes from. The case fails once it is gone. */
  known?: { auto?: string; keras?: string };
}

/** Where a layer stands; by default after the one before it. */
interface Place {
  name?: string;
  from?: string[];
  inner?: LayerSpec;
  model?: ModelSpec;
  shares?: string;
}

let layerCount = 0;

/** One layer; `from` is filled in by `stack` or `graph`. */
export function layer(kind: string, config: Config = {}, place: Place = {}): LayerSpec {
  const { name = `${kind.toLowerCase()}${++layerCount}`, from = [], ...rest } = place;
  return { kind, name, config, from, ...rest };
}

/** Layers one after another on one input. */
export function stack(input: number[] | InputSpec, layers: LayerSpec[]): ModelSpec {
  const first = Array.isArray(input) ? { name: `input${++layerCount}`, shape: input } : input;
  return { ...graph([first], layers), sequential: true };
}

/** Layers in any order of calls; one without `from` follows the one before it. */
export function graph(
  inputs: InputSpec[],
  layers: LayerSpec[],
  outputs = [layers.at(-1)!.name],
): ModelSpec {
  let before = inputs[0]!.name;
  const placed = layers.map((each) => {
    const from = each.from.length > 0 ? each.from : [before];
    before = each.name;
    return { ...each, from };
  });
  return { inputs, layers: placed, outputs, sequential: false };
}

/** The usual case: numbers, the squared error, momentum; three steps, the last on a smaller batch. */
export function makeCase(name: string, model: ModelSpec, settings: Partial<Case> = {}): Case {
  return {
    name,
    model,
    targets: model.outputs.map(() => "number"),
    optimizer: { kind: "SGD", config: { learning_rate: 0.05, momentum: 0.9 } },
    losses: model.outputs.map(() => "meanSquaredError"),
    metrics: [],
    samples: 10,
    batchSize: 4,
    epochs: 1,
    looksAtSteps: true,
    keras: { tolerance: kerasTolerance },
    ...settings,
  };
}

/**
 * Largest difference from Keras, of numbers around 1. Both compute in float32, but not with the same kernels
 * (Keras' fused batch normalisation, its LSTM), and a few steps multiply what they round differently.
 */
export const kerasTolerance = 2e-5;
