/** Losses by their names on both sides. */

import { describeValue } from "../errors";
import type { Json, JsonObject } from "../json";
import { type CrossentropyLoss, type CrossentropyName, losses as settable } from "../objectives";
import { checkDefaults, classNameFor, named } from "./describedNames";
import { field, ModelFileError } from "./json";

/** tfjs' loss → Keras' name, then the other spellings that files have. */
const losses: Record<string, [name: string, ...others: string[]]> = {
  meanSquaredError: ["mean_squared_error", "mse"],
  meanAbsoluteError: ["mean_absolute_error", "mae"],
  meanAbsolutePercentageError: ["mean_absolute_percentage_error", "mape"],
  meanSquaredLogarithmicError: ["mean_squared_logarithmic_error", "msle"],
  squaredHinge: ["squared_hinge"],
  hinge: ["hinge"],
  categoricalHinge: ["categorical_hinge"],
  logcosh: ["log_cosh"],
  categoricalCrossentropy: ["categorical_crossentropy"],
  sparseCategoricalCrossentropy: ["sparse_categorical_crossentropy"],
  binaryCrossentropy: ["binary_crossentropy", "bce"],
  kullbackLeiblerDivergence: ["kl_divergence", "kullback_leibler_divergence", "kld"],
  poisson: ["poisson"],
};

/** Keras' loss, a name or an object, → what tfjs' `compile` takes. */
export function readLoss(value: Json): string | CrossentropyLoss {
  const { name, config } = named(value);
  const found = Object.entries(losses).find(([, names]) => names.some((n) => same(n, name)));
  if (found === undefined) {
    throw new ModelFileError(
      `is compiled with the loss ${describeValue(name)}. Supported: ${Object.values(losses).flat().join(", ")}`,
    );
  }
  const [tfjs] = found;
  const fromLogits = field(config, "from_logits") === true;
  const labelSmoothing = Number(field(config, "label_smoothing") ?? 0);
  if (Object.hasOwn(settable, tfjs) && (fromLogits || labelSmoothing !== 0)) {
    const { from_logits: _, label_smoothing: __, ...rest } = config;
    checkDefaults(rest, `the loss ${name}`);
    const options = { fromLogits, ...(labelSmoothing === 0 ? {} : { labelSmoothing }) };
    return settable[tfjs as CrossentropyName](options);
  }
  checkDefaults(config, `the loss ${name}`);
  return tfjs;
}

/** The settings that a loss function carries, if any. */
function settingsOf(loss: unknown): CrossentropyLoss["crossentropy"] | undefined {
  return typeof loss === "function" && "crossentropy" in loss
    ? (loss as CrossentropyLoss).crossentropy
    : undefined;
}

/** What tfjs' `compile` took as loss → Keras'. */
export function writeLoss(loss: unknown): Json {
  const settings = settingsOf(loss);
  const name = settings?.name ?? loss;
  const names = typeof name === "string" && Object.hasOwn(losses, name) ? losses[name] : undefined;
  if (names === undefined) {
    throw new ModelFileError(
      `the loss ${describeValue(loss)} can't be written. Supported: ${Object.keys(losses).join(", ")}`,
    );
  }
  if (settings === undefined || !(settings.fromLogits || settings.labelSmoothing)) return names[0];
  const className = classNameFor(names[0]);
  const config: JsonObject = { name: names[0], from_logits: settings.fromLogits };
  if (settings.name !== "sparseCategoricalCrossentropy") {
    config.label_smoothing = settings.labelSmoothing;
  }
  return { module: "keras.losses", class_name: className, config, registered_name: null };
}

/** Whether two spellings name the same. */
function same(one: string, other: string): boolean {
  const plain = (text: string) => text.replaceAll("_", "").toLowerCase();
  return plain(one) === plain(other);
}
