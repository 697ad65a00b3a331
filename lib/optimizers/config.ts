/** Optimizer configurations in Keras' spelling and in ours. */
import { describeValue, InvalidArgumentError } from "../errors";
import { LearningRateSchedule, type ScheduleConfig, type SerializedSchedule } from "./schedules";
import { scheduleFrom } from "./serializedSchedule";

/** An optimizer's options as plain data. */
export type OptimizerConfig = Record<string, number | string | boolean | null | SerializedSchedule>;

/** Keras' names that plain camel case does not give. */
const kerasNames: Record<string, string> = {
  clipNorm: "clipnorm",
  clipValue: "clipvalue",
  globalClipNorm: "global_clipnorm",
  globalClipnorm: "global_clipnorm",
  beta1: "beta_1",
  beta2: "beta_2",
};
const ourNames: Record<string, string> = {
  clipnorm: "clipNorm",
  clipvalue: "clipValue",
  globalClipnorm: "globalClipNorm",
};

/** Options of Keras that we don't have; harmless while they hold one of these values. */
const unsupported: Record<string, unknown[]> = {
  useEma: [false],
  lossScaleFactor: [null],
  gradientAccumulationSteps: [null],
  decay: [0, null],
};
/** Fields without any effect here. */
const ignored = [
  "emaMomentum",
  "emaOverwriteFrequency",
  "jitCompile",
  "isLegacyOptimizer",
  "customObjects",
];

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
    if (camel in unsupported || (typeof value === "object" && value !== null)) {
      throw new InvalidArgumentError(
        `The setting \`${written}\` of ${className} is not supported. Received: ${written}=${describeValue(value)}`,
      );
    }
    options[ourNames[camel] ?? camel] = value;
  }
  return options;
}

/**
 * A configuration with Keras' own spelling: `learning_rate`, `beta_1`, `clipnorm`.
 *
 * Keras insists on floats for the learning rate, that of a schedule too, and SGD's momentum, and JSON as JavaScript
 * writes it has no `1.0`: such numbers become their lower neighbour, which is the same float32; a momentum of 0 is left
 * to Keras' default.
 */
export function kerasConfig(config: OptimizerConfig): OptimizerConfig {
  const entries = Object.entries(config)
    .filter(([name, value]) => !(name === "momentum" && value === 0))
    .map(([name, value]) => [
      kerasNames[name] ?? snakeCase(name),
      name === "learningRate" || name === "momentum" ? inFloats(value) : value,
    ]);
  return Object.fromEntries(entries);
}

function inFloats(value: OptimizerConfig[string]): OptimizerConfig[string] {
  if (typeof value === "number") return writtenAsFloat(value);
  if (typeof value !== "object" || value === null) return value;
  const config: ScheduleConfig = { ...value.config };
  const { initial_learning_rate: first, values } = config;
  if (typeof first === "number") config.initial_learning_rate = writtenAsFloat(first);
  if (Array.isArray(values)) config.values = values.map(writtenAsFloat);
  return { ...value, config };
}

function writtenAsFloat(value: number): number {
  if (!Number.isInteger(value)) return value;
  return value === 0 ? Number.MIN_VALUE : value * (1 - Number.EPSILON / 2);
}

/** `velocityHat` as `velocity_hat`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
