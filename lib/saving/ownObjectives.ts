/** Classes of losses and metrics of a user's own that Keras' files name. */
import { InvalidArgumentError, invalidArgument } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import { Loss, Metric } from "../objectives";
import type { Config } from "../tfjs";
import { field, ModelFileError } from "./json";
import { keepType, typeOf } from "./kerasMetrics";
import { snakeCased, toCamelCase, toSnakeCase } from "./names";
import { registeredNameParts } from "./ownLayers";

/** A class of losses of one's own, with its options as the constructor's only argument. */
export interface OwnLossClass {
  new (options: never): Loss;
  /** The name of Python's class. */
  className: string;
  /** What its objects share. */
  prototype: Loss;
}

/** A class of metrics of one's own, likewise. */
export interface OwnMetricClass {
  new (options: never): Metric;
  /** The name of Python's class. */
  className: string;
  /** What its objects share. */
  prototype: Metric;
}

type OwnClass = OwnLossClass | OwnMetricClass;

const classes = new Map<string, OwnClass>();
const names = new WeakMap<OwnClass, string>();

/**
 * Makes a class of losses of one's own known to `loadModel`, and to Keras what `saveModel` writes of it.
 *
 * In Python the class has `@keras.saving.register_keras_serializable(package="mine")`; here it is a sub-class of
 * `losses.Loss`. The constructor gets the options of Python's `get_config` in camelCase, and `getConfig` gives them back.
 *
 * @param registeredName Package and class, such as `"mine>Cubed"`; of a class alone, Keras' package `Custom`.
 * @param lossClass The class; its `className` is the name of Python's class.
 * @throws InvalidArgumentError for another name than the class', a name or class that is registered otherwise, or what
 *   is no class of losses.
 * @example
 * import { losses, registerKerasLoss, tf } from "convnets";
 * class Cubed extends losses.Loss {
 *   static override className = "Cubed";
 *   call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
 *     return tf.mean(tf.pow(tf.abs(tf.sub(yTrue, yPred)), 3), -1);
 *   }
 * }
 * registerKerasLoss("mine>Cubed", Cubed);
 * @see https://keras.io/api/models/model_saving_apis/serialization_utils/
 */
export function registerKerasLoss(registeredName: string, lossClass: OwnLossClass): void {
  register(registeredName, lossClass, { argument: "lossClass", base: Loss });
}

/**
 * Makes a class of metrics of one's own known to `loadModel`, and to Keras what `saveModel` writes of it.
 *
 * In Python the class has `@keras.saving.register_keras_serializable(package="mine")`; here it is a sub-class of
 * `metrics.Metric`. The constructor gets the options of Python's `get_config` in camelCase, and `getConfig` gives them
 * back.
 *
 * @param registeredName Package and class, such as `"mine>Bias"`; of a class alone, Keras' package `Custom`.
 * @param metricClass The class; its `className` is the name of Python's class.
 * @throws InvalidArgumentError for another name than the class', a name or class that is registered otherwise, or what
 *   is no class of metrics.
 * @example
 * import { metrics, registerKerasMetric, tf } from "convnets";
 * class Bias extends metrics.Metric {
 *   static override className = "Bias";
 *   readonly total = this.addWeight({ name: "total" });
 *   updateState(yTrue: tf.Tensor, yPred: tf.Tensor) {
 *     this.total.assignAdd(tf.sum(tf.sub(yPred, yTrue)));
 *   }
 *   result(): tf.Tensor { return this.total.value; }
 * }
 * registerKerasMetric("mine>Bias", Bias);
 * @see https://keras.io/api/models/model_saving_apis/serialization_utils/
 */
export function registerKerasMetric(registeredName: string, metricClass: OwnMetricClass): void {
  register(registeredName, metricClass, { argument: "metricClass", base: Metric });
}

function register(
  registeredName: string,
  given: OwnClass,
  { argument, base }: { argument: string; base: typeof Loss | typeof Metric },
): void {
  const { inPackage, name } = registeredNameParts(registeredName, "mine>Weighted");
  if (typeof given !== "function" || !(given.prototype instanceof base)) {
    throw invalidArgument(argument, {
      expected: `a sub-class of ${base === Loss ? "losses.Loss" : "metrics.Metric"}`,
      received: given,
    });
  }
  if (given.className !== name) {
    throw invalidArgument(`${argument}.className`, {
      expected: `"${name}", the class of \`registeredName\``,
      received: given.className,
    });
  }
  const full = `${inPackage}>${name}`;
  const before = names.get(given);
  if (before !== undefined && before !== full) {
    throw new InvalidArgumentError(`This class is registered as "${before}" already`, {
      hint: "Keras' files have one name for it.",
    });
  }
  classes.set(full, given);
  names.set(given, full);
}

/**
 * The loss that a file describes by a class of the user's own; undefined for Keras' own, and for functions.
 *
 * @throws ModelFileError for a class that isn't registered, or that refuses its options.
 */
export function readOwnLoss(value: Json): Loss | undefined {
  return readOwn(value, { noun: "loss", base: Loss, register: "registerKerasLoss" });
}

/** Likewise, a metric. */
export function readOwnMetric(value: Json): Metric | undefined {
  return readOwn(value, { noun: "metric", base: Metric, register: "registerKerasMetric" });
}

function readOwn<T extends Loss | Metric>(
  value: Json,
  { noun, base, register }: { noun: string; base: { prototype: T }; register: string },
): T | undefined {
  const entry = isObject(value) ? value : {};
  const name = field(entry, "registered_name") ?? field(entry, "class_name");
  // Keras' own have no package; what Keras 2 wrote of them has that of everybody.
  if (typeof name !== "string" || !name.includes(">")) return undefined;
  const cls = classes.get(name);
  if (cls === undefined) {
    throw new ModelFileError(
      `is compiled with the ${noun} "${name}", a class that isn't known here. \`${register}\` makes a class of yours known`,
    );
  }
  if (!(cls.prototype instanceof (base as never))) {
    throw new ModelFileError(`is compiled with the ${noun} "${name}", which is no ${noun} here`);
  }
  const config = field(entry, "config");
  const { dtype = null, ...settings } = isObject(config) ? config : {};
  const options = Object.entries(settings).map(([key, setting]) => [
    toCamelCase(key),
    key === "reduction" && typeof setting === "string" ? toCamelCase(setting) : setting,
  ]);
  try {
    const made = new cls(Object.fromEntries(options) as never) as T;
    keepType(made, dtype);
    return made;
  } catch (cause) {
    const { message } = cause as Error;
    throw new ModelFileError(
      `is compiled with the ${noun} "${name}", which is refused: ${message}`,
      {
        cause,
      },
    );
  }
}

/**
 * Keras' description of a loss or metric of a class of the user's own.
 *
 * @throws ModelFileError for a class that isn't registered.
 */
export function describeOwnObjective(own: Loss | Metric): JsonObject {
  const cls = own.constructor as OwnClass;
  const name = names.get(cls);
  if (name === undefined) {
    const how = own instanceof Loss ? "registerKerasLoss" : "registerKerasMetric";
    throw new ModelFileError(
      `is compiled with "${own.name}", of a class that Keras' files have no name for. \`${how}\` gives it one`,
    );
  }
  const config = { ...snakeCased(own.getConfig() as Config), ...typeOf(own) };
  const { reduction } = config;
  if (typeof reduction === "string") config.reduction = toSnakeCase(reduction);
  return { module: null, class_name: cls.className, config, registered_name: name };
}
