/** Optimizers by name, by configuration and by function. */

import { describeValue, InvalidArgumentError, rejectUnknownOptions } from "../errors";
import { registerClass, tf } from "../tfjs";
import { Adadelta, type AdadeltaOptions } from "./adadelta";
import { Adagrad, type AdagradOptions } from "./adagrad";
import { Adam, type AdamOptions, AdamW, type MomentsOptions } from "./adam";
import { Adamax } from "./adamax";
import { kerasConfig, type OptimizerConfig, optionsFromConfig } from "./config";
import { Nadam } from "./nadam";
import type { KerasOptimizer } from "./optimizer";
import { commonOptions } from "./options";
import { RMSprop, type RMSpropOptions } from "./rmsprop";
import { SGD, type SGDOptions } from "./sgd";

/** Each class has options of its own; `make` checks their names. */
interface OptimizerClass {
  new (options: never): KerasOptimizer;
  className: string;
  prototype: KerasOptimizer;
}

const moments = ["beta1", "beta2", "epsilon"];
const classes: [OptimizerClass, string[]][] = [
  [RMSprop, ["rho", "momentum", "epsilon", "centered"]],
  [SGD, ["momentum", "nesterov"]],
  [Adam, [...moments, "amsgrad"]],
  [AdamW, [...moments, "amsgrad"]],
  [Adagrad, ["initialAccumulatorValue", "epsilon"]],
  [Adadelta, ["rho", "epsilon"]],
  [Adamax, moments],
  [Nadam, moments],
];
let registered = false;

/**
 * Makes the optimizers known to tfjs' deserialisation; called by every function of this module.
 *
 * Where tfjs has a class of the same name (SGD, Adam, …), models loaded from now on get ours.
 */
export function registerOptimizers(): void {
  if (registered) return;
  registered = true;
  for (const [optimizer] of classes) registerClass(optimizer);
}

function make<Options extends object, T extends KerasOptimizer>(
  optimizer: { new (options: Options): T; className: string },
  options: Options,
): T {
  registerOptimizers();
  const [, known] = classes.find(([{ className }]) => className === optimizer.className)!;
  rejectUnknownOptions(options, [...known, ...commonOptions], optimizer.className);
  return new optimizer(options);
}

/** RMSprop; learning rate 0.001, rho 0.9, epsilon 1e-7 by default. */
export const rmsprop = (options: RMSpropOptions = {}): RMSprop => make(RMSprop, options);
/** Gradient descent; learning rate 0.01 by default. */
export const sgd = (options: SGDOptions = {}): SGD => make(SGD, options);
/** Adam; learning rate 0.001, betas 0.9 and 0.999, epsilon 1e-7 by default. */
export const adam = (options: AdamOptions = {}): Adam => make(Adam, options);
/** Adam with decoupled weight decay, 0.004 by default. */
export const adamW = (options: AdamOptions = {}): AdamW => make(AdamW, options);
/** Adagrad; learning rate 0.001 by default. */
export const adagrad = (options: AdagradOptions = {}): Adagrad => make(Adagrad, options);
/** Adadelta; learning rate 0.001, rho 0.95 by default. */
export const adadelta = (options: AdadeltaOptions = {}): Adadelta => make(Adadelta, options);
/** Adamax; learning rate 0.001 by default. */
export const adamax = (options: MomentsOptions = {}): Adamax => make(Adamax, options);
/** Nadam; learning rate 0.001 by default. */
export const nadam = (options: MomentsOptions = {}): Nadam => make(Nadam, options);

/** An optimizer as Keras writes it into files. */
export interface SerializedOptimizer {
  module: "keras.optimizers";
  class_name: string;
  config: OptimizerConfig;
  registered_name: null;
}

/** An optimizer's description with Keras' names, as `keras.optimizers.serialize` gives it. */
export function serialize(optimizer: KerasOptimizer): SerializedOptimizer {
  return {
    module: "keras.optimizers",
    class_name: optimizer.getClassName(),
    config: kerasConfig(optimizer.getConfig()),
    registered_name: null,
  };
}

/**
 * An optimizer by its name, with Keras' defaults, or from a configuration.
 *
 * @param identifier `"rmsprop"`, `"sgd"`, `"adam"`, `"adamw"`, … in any case; or what `serialize` or Python's
 * Keras wrote: `{ class_name, config }`; an optimizer comes back as it is.
 * @throws InvalidArgumentError for an unknown name or an unsupported setting.
 * @see https://keras.io/api/optimizers/
 */
export function get(
  identifier:
    | string
    | KerasOptimizer
    | { class_name?: string; className?: string; config?: object },
): KerasOptimizer {
  if (identifier instanceof tf.Optimizer) return identifier as KerasOptimizer;
  const description =
    typeof identifier === "string" ? { class_name: identifier, config: {} } : identifier;
  const name = description?.class_name ?? (description as { className?: string })?.className;
  const found = classes.find(
    ([{ className }]) => className.toLowerCase() === String(name).toLowerCase(),
  );
  if (found === undefined) {
    throw new InvalidArgumentError(
      `\`optimizer\` must be one of ${classes
        .map(([{ className }]) => `"${className.toLowerCase()}"`)
        .join(", ")}. Received: optimizer=${describeValue(identifier)}`,
    );
  }
  const [optimizer] = found;
  const options = optionsFromConfig(optimizer.className, description.config ?? {});
  return make(optimizer, options as never);
}
