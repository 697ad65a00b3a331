/** Optimizers and their state, from Keras to tfjs and back. */
import type { Optimizer, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../engine";
import { describeValue } from "../errors";
import type { StoredArray } from "./hdf5";
import { field, type JsonObject, ModelFileError, objectField } from "./json";
import { ignored, type Options, only, value } from "./options";

/** A list of per-weight variables inside a tfjs optimizer. */
type Slots = { originalName: string; variable: Variable }[];

/** The undeclared parts of tfjs' optimizers. */
interface OptimizerParts {
  learningRate: number;
  iterations_: number;
  setLearningRate?(learningRate: number): void;
  beta1?: number;
  beta2?: number;
  accBeta1?: Variable;
  accBeta2?: Variable;
  iteration?: Variable;
}

/** Settings by tfjs' names. */
type Settings = Record<string, number | boolean>;

interface OptimizerRule {
  /** tfjs' class name. */
  tfjs: string;
  options: Options;
  make(settings: Settings): Optimizer;
  /**
   * Keras' order of the state: each inner list goes weight by weight through its slots, one list after the
   * other. Slots whose condition fails are not in the file.
   */
  slots(settings: Settings): string[][];
  /** What a slot holds before the first step. 0 by default. */
  initial?(settings: Settings): number;
  /** Keras' value = factor × tfjs' value. 1 by default. */
  factor?(learningRate: number): number;
}

const common: Options = {
  name: ignored(null),
  learning_rate: { ...value, as: "learningRate" },
  weight_decay: only(null),
  clipnorm: only(null),
  global_clipnorm: only(null),
  clipvalue: only(null),
  use_ema: only(false),
  ema_momentum: ignored(0.99),
  ema_overwrite_frequency: ignored(null),
  loss_scale_factor: only(null),
  gradient_accumulation_steps: only(null),
  decay: { ...only(0, null), readOnly: true },
  jit_compile: { ...ignored(null), readOnly: true },
  is_legacy_optimizer: { ...ignored(null), readOnly: true },
};

const betas: Options = {
  beta_1: { ...value, as: "beta1" },
  beta_2: { ...value, as: "beta2" },
  epsilon: value,
};

const number = (settings: Settings, key: string, otherwise: number): number =>
  typeof settings[key] === "number" ? settings[key] : otherwise;

/** tfjs' momentum forgets to dispose what it inherits from SGD. */
function makeMomentum(s: Settings): Optimizer {
  const optimizer = tf.train.momentum(
    number(s, "learningRate", 0.01),
    number(s, "momentum", 0),
    s.useNesterov === true,
  );
  const dispose = optimizer.dispose.bind(optimizer);
  optimizer.dispose = () => {
    dispose();
    (optimizer as unknown as { c: Tensor }).c.dispose();
  };
  return optimizer;
}

/** By Keras' class names; SGD is two classes in tfjs. */
const rules: Record<string, OptimizerRule[]> = {
  SGD: [
    {
      tfjs: "SGD",
      // Keras wants a momentum of 0.0, which JSON.stringify can't write: its default stands in.
      options: { ...common, momentum: { ...only(0), readOnly: true }, nesterov: ignored(false) },
      make: (s) => tf.train.sgd(number(s, "learningRate", 0.01)),
      slots: () => [],
    },
    {
      tfjs: "Momentum",
      options: { ...common, momentum: value, nesterov: { ...value, as: "useNesterov" } },
      make: makeMomentum,
      slots: () => [["accumulations"]],
      factor: (learningRate) => -learningRate, // Keras keeps steps, tfjs sums of gradients
    },
  ],
  RMSprop: [
    {
      tfjs: "RMSProp",
      options: {
        ...common,
        rho: { ...value, as: "decay" },
        momentum: value,
        epsilon: value,
        centered: value,
      },
      make: (s) =>
        tf.train.rmsprop(
          number(s, "learningRate", 0.001),
          number(s, "decay", 0.9),
          number(s, "momentum", 0),
          number(s, "epsilon", 1e-7),
          s.centered === true,
        ),
      slots: (s) => [
        ["accumulatedMeanSquares"],
        ...(number(s, "momentum", 0) > 0 ? [["accumulatedMoments"]] : []),
        ...(s.centered === true ? [["accumulatedMeanGrads"]] : []),
      ],
    },
  ],
  Adam: [
    {
      tfjs: "Adam",
      options: { ...common, ...betas, amsgrad: only(false) },
      make: (s) =>
        tf.train.adam(
          number(s, "learningRate", 0.001),
          number(s, "beta1", 0.9),
          number(s, "beta2", 0.999),
          number(s, "epsilon", 1e-7),
        ),
      slots: () => [["accumulatedFirstMoment", "accumulatedSecondMoment"]],
    },
  ],
  Adamax: [
    {
      tfjs: "Adamax",
      options: { ...common, ...betas },
      make: (s) =>
        tf.train.adamax(
          number(s, "learningRate", 0.001),
          number(s, "beta1", 0.9),
          number(s, "beta2", 0.999),
          number(s, "epsilon", 1e-7),
        ),
      slots: () => [["accumulatedFirstMoment", "accumulatedWeightedInfNorm"]],
    },
  ],
  Adagrad: [
    {
      tfjs: "Adagrad",
      options: {
        ...common,
        initial_accumulator_value: { ...value, as: "initialAccumulatorValue" },
        epsilon: only(1e-7),
      },
      make: (s) =>
        tf.train.adagrad(
          number(s, "learningRate", 0.001),
          number(s, "initialAccumulatorValue", 0.1),
        ),
      slots: () => [["accumulatedGrads"]],
      initial: (s) => number(s, "initialAccumulatorValue", 0.1),
    },
  ],
  Adadelta: [
    {
      tfjs: "Adadelta",
      options: { ...common, rho: value, epsilon: value },
      make: (s) =>
        tf.train.adadelta(
          number(s, "learningRate", 0.001),
          number(s, "rho", 0.95),
          number(s, "epsilon", 1e-7),
        ),
      slots: () => [["accumulatedGrads", "accumulatedUpdates"]],
    },
  ],
};

/** Makes the optimizer that Keras describes. */
export function readOptimizer(entry: JsonObject): Optimizer {
  const className = field(entry, "class_name");
  const found = typeof className === "string" ? findRules(className) : undefined;
  if (found === undefined) {
    throw new ModelFileError(
      `is compiled with the optimizer ${describeValue(className)}. Supported: ${Object.keys(rules).join(", ")}`,
    );
  }
  const config = objectField(entry, "config", `the optimizer ${className}`);
  const plain = found.length === 1 || !Number(field(config, "momentum") ?? 0);
  const rule = found[plain ? 0 : 1]!;
  const settings: Settings = {};
  for (const [key, setting] of Object.entries(config)) {
    const option = Object.hasOwn(rule.options, key) ? rule.options[key]! : undefined;
    if (option === undefined) {
      if (setting === null || setting === false) continue; // switched off
      throw new ModelFileError(
        `is compiled with the optimizer ${className} and ${key}=${describeValue(setting)}. Supported: ${Object.keys(rule.options).join(", ")}`,
      );
    }
    const read = option.read(setting, `the optimizer ${className}, option ${key},`);
    if (read === undefined || read === null) continue;
    if (typeof read !== "number" && typeof read !== "boolean") {
      throw new ModelFileError(
        `is compiled with the optimizer ${className} and ${key}=${describeValue(setting)}; only numbers are supported`,
      );
    }
    settings[option.as ?? key] = read;
  }
  return rule.make(settings);
}

/** Describes an optimizer as Keras does. */
export function writeOptimizer(optimizer: Optimizer): JsonObject {
  const { className, rule } = ruleOf(optimizer);
  const own = optimizer.getConfig() as Settings;
  const config: JsonObject = {};
  for (const [key, option] of Object.entries(rule.options)) {
    if (option.readOnly || key === "name") continue;
    const written = option.write(own[option.as ?? key], key);
    if (written !== undefined) config[key] = written;
  }
  return { module: "keras.optimizers", class_name: className, config, registered_name: null };
}

/**
 * The optimizer's state in Keras' order: iterations, learning rate, slots.
 *
 * @param weights The trainable weights of the model, in order; slots that don't exist yet are written as they start.
 */
export function optimizerState(optimizer: Optimizer, weights: Variable[]): StoredArray[] {
  const { rule } = ruleOf(optimizer);
  const settings = optimizer.getConfig() as Settings;
  const learningRate = number(settings, "learningRate", 0);
  const factor = rule.factor?.(learningRate) ?? 1;
  const state: StoredArray[] = [
    { shape: [], data: BigInt64Array.of(BigInt(optimizer.iterations)) },
    { shape: [], data: Float32Array.of(learningRate) },
  ];
  for (const names of rule.slots(settings)) {
    for (const [i, weight] of weights.entries()) {
      for (const name of names) {
        const variable = slotsOf(optimizer, name)[i]?.variable;
        const data = variable
          ? Float32Array.from(variable.dataSync(), (x) => x * factor)
          : new Float32Array(weight.size).fill(rule.initial?.(settings) ?? 0);
        state.push({ shape: weight.shape, data });
      }
    }
  }
  return state;
}

/** The shapes that `optimizerState` has for the same optimizer and weights. */
export function optimizerShapes(optimizer: Optimizer, weights: Variable[]): number[][] {
  const { rule } = ruleOf(optimizer);
  const lists = rule.slots(optimizer.getConfig() as Settings);
  const slots = lists.flatMap((names) => weights.flatMap(({ shape }) => names.map(() => shape)));
  return [[], [], ...slots];
}

/**
 * Puts the optimizer where a file says it stood.
 *
 * @param state As `optimizerState` gives it.
 */
export function restoreOptimizer(
  optimizer: Optimizer,
  weights: Variable[],
  state: Float32Array[],
): void {
  const { rule } = ruleOf(optimizer);
  const settings = optimizer.getConfig() as Settings;
  const [iterations, learningRate, ...slots] = state;
  const rate = learningRate![0]!;
  setProgress(optimizer, iterations![0]!, rate);
  const factor = rule.factor?.(rate) ?? 1;
  let next = 0;
  for (const names of rule.slots(settings)) {
    const made = names.map((name): [string, Slots] => [name, []]);
    for (const weight of weights) {
      for (const [name, list] of made) {
        const data = slots[next++]!.map((x) => (factor === 0 ? 0 : x / factor));
        const initial: Tensor = tf.tensor(data, weight.shape, "float32");
        list.push({
          originalName: `${weight.name}/${name}`,
          variable: tf.variable(initial, false),
        });
        initial.dispose();
      }
    }
    for (const [name, list] of made) replaceSlots(optimizer, name, list);
  }
}

function setProgress(optimizer: Optimizer, iterations: number, learningRate: number): void {
  const parts = optimizer as unknown as OptimizerParts;
  parts.iterations_ = iterations;
  if (parts.setLearningRate) parts.setLearningRate(learningRate);
  else parts.learningRate = learningRate;
  tf.tidy(() => {
    parts.accBeta1?.assign(tf.scalar(parts.beta1! ** (iterations + 1)));
    parts.accBeta2?.assign(tf.scalar(parts.beta2! ** (iterations + 1)));
    parts.iteration?.assign(tf.scalar(iterations));
  });
}

function slotsOf(optimizer: Optimizer, name: string): Slots {
  return (optimizer as unknown as Record<string, Slots>)[name] ?? [];
}

function replaceSlots(optimizer: Optimizer, name: string, slots: Slots): void {
  for (const { variable } of slotsOf(optimizer, name)) variable.dispose();
  (optimizer as unknown as Record<string, Slots>)[name] = slots;
}

function findRules(className: string): OptimizerRule[] | undefined {
  return Object.hasOwn(rules, className) ? rules[className] : undefined;
}

function ruleOf(optimizer: Optimizer): { className: string; rule: OptimizerRule } {
  const tfjsName = optimizer.getClassName();
  for (const [className, candidates] of Object.entries(rules)) {
    const rule = candidates.find(({ tfjs }) => tfjs === tfjsName);
    if (rule !== undefined) return { className, rule };
  }
  throw new ModelFileError(
    `the optimizer ${tfjsName} can't be written. Supported: ${Object.keys(rules).join(", ")}`,
  );
}
