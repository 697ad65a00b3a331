/** Losses by their names on both sides, with their settings. */
import { describeValue } from "../errors";
import type { Json, JsonObject } from "../json";
import { type KerasLoss, Loss, lossNames, lossOf, makeNamedLoss } from "../objectives";
import type { LossOrMetric } from "../tfjs";
import { named, plainValue } from "./describedNames";
import { ModelFileError } from "./json";
import { toCamelCase, toSnakeCase } from "./names";
import { describeOwn, ownFunctionOf } from "./ownFunctions";
import { describeOwnObjective, readOwnLoss } from "./ownObjectives";

/** Keras' other spellings, and those of its files → ours. */
const aliases: Record<string, string> = {
  mse: "meanSquaredError",
  mae: "meanAbsoluteError",
  mape: "meanAbsolutePercentageError",
  msle: "meanSquaredLogarithmicError",
  bce: "binaryCrossentropy",
  kld: "klDivergence",
  kullbackleiblerdivergence: "klDivergence",
  huberloss: "huber",
  cosineproximity: "cosineSimilarity",
};

/** Keras 3.15.1 finds it by its class only. */
const nameless = "categoricalGeneralizedCrossEntropy";

/** Settings of Keras that change nothing. */
const unimportant = ["dtype", "fn"];

/** Keras' names of options that always have one value here. */
const fixed: Record<string, Json[]> = { axis: [-1], ignore_class: [null], label_smoothing: [0] };

/** Keras' loss, a name or an object, → what tfjs' `compile` takes. */
export function readLoss(value: Json): string | KerasLoss | LossOrMetric {
  const own = ownFunctionOf(value) ?? readOwnLoss(value);
  if (own !== undefined) return own as LossOrMetric;
  const { name, config } = named(value);
  const ours = find(name);
  if (ours === undefined) {
    throw new ModelFileError(
      `is compiled with the loss ${describeValue(name)}. Supported: ${lossNames.map(toSnakeCase).join(", ")}`,
    );
  }
  const plain = lossOf(ours)!;
  const options: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(config)) {
    if (unimportant.includes(key)) continue;
    if (key === "name") {
      // A name that stands for the loss says nothing of its own.
      if (typeof setting === "string" && find(setting) !== ours) options.name = setting;
      continue;
    }
    const option = toCamelCase(key);
    if (Object.hasOwn(plain.settings.options, option)) options[option] = plainValue(setting);
    else if (key === "reduction") options.reduction = readReduction(setting);
    else if (!fixed[key]?.includes(setting)) throw unsupported(name, key, setting);
  }
  const loss = make(ours, options);
  return JSON.stringify(loss.settings) === JSON.stringify(plain.settings) ? ours : loss;
}

/** Keras 2 knew "auto", which is the mean. */
function readReduction(value: Json): unknown {
  if (value === "auto") return undefined;
  return typeof value === "string" ? toCamelCase(value) : (value ?? "none");
}

function make(name: string, options: object): KerasLoss {
  try {
    return makeNamedLoss(name, options);
  } catch (cause) {
    const { message } = cause as Error;
    throw new ModelFileError(`is compiled with the loss "${name}", which is refused: ${message}`, {
      cause,
    });
  }
}

function unsupported(name: string, key: string, setting: Json): ModelFileError {
  return new ModelFileError(
    `is compiled with the loss ${name} and ${key}=${describeValue(setting)}, which is not supported`,
  );
}

function find(name: string): string | undefined {
  const plain = (text: string) => text.replaceAll("_", "").toLowerCase();
  if (Object.hasOwn(aliases, plain(name))) return aliases[plain(name)];
  return lossNames.find((each) => plain(each) === plain(name));
}

/** What tfjs' `compile` took as loss → Keras'. */
export function writeLoss(loss: unknown): Json {
  if (loss instanceof Loss) return describeOwnObjective(loss);
  const described = typeof loss === "function" ? describeOwn(loss) : undefined;
  if (described !== undefined) return described;
  const found = lossOf(loss);
  if (found === undefined) {
    throw new ModelFileError(
      `the loss ${describeValue(loss)} can't be written. Supported: ${lossNames.join(", ")}`,
    );
  }
  const { name, options, reduction, title } = found.settings;
  const plain = lossOf(name)!.settings;
  const snake = toSnakeCase(name);
  const isPlain = JSON.stringify(found.settings) === JSON.stringify(plain);
  if (isPlain && name !== nameless) return snake;
  const own = name === "huber" ? "huber_loss" : snake;
  const config: JsonObject = { name: title ?? own, reduction: toSnakeCase(reduction) };
  for (const [key, value] of Object.entries(options)) {
    config[toSnakeCase(key)] = typeof value === "object" && value !== null ? [...value] : value;
  }
  return { module: "keras.losses", class_name: classOf(name), config, registered_name: null };
}

/** Keras' class of a loss. */
function classOf(name: string): string {
  if (name === "ctc") return "CTC";
  if (name === "klDivergence") return "KLDivergence";
  return `${name[0]!.toUpperCase()}${name.slice(1)}`;
}
