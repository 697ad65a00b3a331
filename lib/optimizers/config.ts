/** Optimizer configurations in Keras' spelling and in ours. */
import { describeValue, InvalidArgumentError } from "../errors";
import { LearningRateSchedule, type ScheduleConfig, type SerializedSchedule } from "./schedules";
import { scheduleFrom } from "./serializedSchedule";

/** An optimizer's options as plain data. */
export type OptimizerConfig = Record<
  string,
  number | string | boolean | null | string[] | SerializedSchedule | SerializedOptimizer
>;

/** An optimizer as Keras writes it into files. */
export type SerializedOptimizer = {
  /** The Python module of the class. */
  module: "keras.optimizers";
  /** Keras' name of the class: `"Adam"`. */
  class_name: string;
  /** The options under Keras' names. */
  config: OptimizerConfig;
  /** Nothing: the class is Keras' own. */
  registered_name: null;
};

/** Keras' names that plain camel case does not give. */
const kerasNames: Record<string, string> = {
  clipNorm: "clipnorm",
  clipValue: "clipvalue",
  globalClipNorm: "global_clipnorm",
  globalClipnorm: "global_clipnorm",
  beta1: "beta_1",
  beta2: "beta_2",
  adamBeta1: "adam_beta_1",
  adamBeta2: "adam_beta_2",
  beta2Decay: "beta_2_decay",
  epsilon1: "epsilon_1",
  epsilon2: "epsilon_2",
};
const ourNames: Record<string, string> = {
  clipnorm: "clipNorm",
  clipvalue: "clipValue",
  globalClipnorm: "globalClipNorm",
};

/** Options of Keras that we don't have; harmless while they hold one of these values. */
const unsupported: Record<string, unknown[]> = {
  decay: [0, null],
};
/** Fields without any effect here. */
const ignored = ["jitCompile", "isLegacyOptimizer", "customObjects"];

/**
 * Options from a configuration as Python, tfjs or `getConfig` wrote it.
 *
 * @throws InvalidArgumentError for a setting that is not supported.
 */
export function optionsFromConfig(className: string, config: object): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [written, value] of Object.entries(config)) {
    const camel = written.replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (ignored.includes(camel) || unsupported[camel]?.includes(value ?? null)) continue;
    if (camel === "learningRate" && typeof value === "object" && value !== null) {
      options[camel] = value instanceof LearningRateSchedule ? value : scheduleFrom(value);
      continue;
    }
    if (camel in unsupported || (typeof value === "object" && value !== null && !isTexts(value))) {
      throw new InvalidArgumentError(
        `The setting \`${written}\` of ${className} is not supported. Received: ${written}=${describeValue(value)}`,
      );
    }
    options[ourNames[camel] ?? camel] = value;
  }
  return options;
}

function isTexts(value: object): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/**
 * A configuration with Keras' own spelling: `learning_rate`, `beta_1`, `clipnorm`.
 *
 * Keras insists on floats for the learning rate, that of a schedule too, and SGD's momentum, and JSON as JavaScript
 * writes it has no `1.0`: such numbers become their lower neighbour, which is the same float32; a momentum of 0 is left
 * to Keras' default, but for Muon, whose default is another.
 */
export function kerasConfig(className: string, config: OptimizerConfig): OptimizerConfig {
  const entries = Object.entries(config)
    .filter(([name, value]) => !(name === "momentum" && value === 0) || className === "Muon")
    .map(([name, value]) => [
      kerasNames[name] ?? snakeCase(name),
      name === "learningRate" || name === "momentum" ? inFloats(value) : value,
    ]);
  return Object.fromEntries(entries);
}

function inFloats(value: OptimizerConfig[string]): OptimizerConfig[string] {
  if (typeof value === "number") return writtenAsFloat(value);
  if (typeof value !== "object" || value === null) return value;
  if (!("config" in value)) return value;
  const config = { ...value.config } as ScheduleConfig;
  const { initial_learning_rate: first, values } = config;
  if (typeof first === "number") config.initial_learning_rate = writtenAsFloat(first);
  if (Array.isArray(values)) config.values = values.map(writtenAsFloat);
  return { ...value, config } as SerializedSchedule;
}

function writtenAsFloat(value: number): number {
  if (!Number.isInteger(value)) return value;
  return value === 0 ? Number.MIN_VALUE : value * (1 - Number.EPSILON / 2);
}

/** `velocityHat` as `velocity_hat`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
