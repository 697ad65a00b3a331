/** Optimizers by name, by configuration and by function. */

import { type KnownOptions, rejectUnknownOptions } from "../checks";
import { describeValue, InvalidArgumentError } from "../errors";
import { tf } from "../tfjs";
import { Adadelta, type AdadeltaOptions } from "./adadelta";
import { Adagrad, type AdagradOptions } from "./adagrad";
import { Adam, type AdamOptions, AdamW, type MomentsOptions } from "./adam";
import { Adamax } from "./adamax";
import { kerasConfig, type OptimizerConfig, optionsFromConfig } from "./config";
import { Nadam } from "./nadam";
import type { KerasOptimizer } from "./optimizer";
import { commonOptions, type OptimizerOptions } from "./options";
import { RMSprop, type RMSpropOptions } from "./rmsprop";
import { SGD, type SGDOptions } from "./sgd";

/** Each class has options of its own; `make` checks their names. */
interface OptimizerClass<Options = never> {
  new (options: Options): KerasOptimizer;
  className: string;
}

/** A class with the options that it has besides the common ones. */
interface Entry {
  optimizer: OptimizerClass;
  own: Readonly<Record<string, true>>;
}

function entry<Options extends OptimizerOptions>(
  optimizer: OptimizerClass<Options>,
  own: KnownOptions<Omit<Options, keyof OptimizerOptions>>,
): Entry {
  return { optimizer, own };
}

const moments = { beta1: true, beta2: true, epsilon: true } as const;
const entries: Entry[] = [
  entry(RMSprop, { rho: true, momentum: true, epsilon: true, centered: true }),
  entry(SGD, { momentum: true, nesterov: true }),
  entry(Adam, { ...moments, amsgrad: true }),
  entry(AdamW, { ...moments, amsgrad: true }),
  entry(Adagrad, { initialAccumulatorValue: true, epsilon: true }),
  entry(Adadelta, { rho: true, epsilon: true }),
  entry(Adamax, moments),
  entry(Nadam, moments),
];
type SerializableClass = Parameters<typeof tf.serialization.registerClass>[0];
let registered = false;

/**
 * Makes the optimizers known to tfjs' deserialisation; called by every function of this module.
 *
 * Where tfjs has a class of the same name (SGD, Adam, …), models loaded from now on get ours.
 */
export function registerOptimizers(): void {
  if (registered) return;
  registered = true;
  for (const { optimizer } of entries) {
    tf.serialization.registerClass(optimizer as unknown as SerializableClass);
  }
}

function make<Options extends object, T extends KerasOptimizer>(
  optimizer: { new (options: Options): T; className: string },
  options: Options,
): T {
  registerOptimizers();
  const { own } = entries.find((each) => each.optimizer.className === optimizer.className)!;
  const known = { ...own, ...commonOptions } as KnownOptions<Options>;
  rejectUnknownOptions(options, known, optimizer.className);
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
  const found = entries.find(
    ({ optimizer }) => optimizer.className.toLowerCase() === String(name).toLowerCase(),
  );
  if (found === undefined) {
    throw new InvalidArgumentError(
      `\`optimizer\` must be one of ${entries
        .map(({ optimizer }) => `"${optimizer.className.toLowerCase()}"`)
        .join(", ")}. Received: optimizer=${describeValue(identifier)}`,
    );
  }
  const { optimizer } = found;
  const options = optionsFromConfig(optimizer.className, description.config ?? {});
  return make(optimizer, options as never);
}
