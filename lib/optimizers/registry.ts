/** Optimizers by name, by configuration and by function. */

import { type KnownOptions, rejectUnknownOptions } from "../checks";
import { describeValue, InvalidArgumentError } from "../errors";
import { registerClass, tf } from "../tfjs";
import { Adadelta, type AdadeltaOptions } from "./adadelta";
import { Adagrad, type AdagradOptions } from "./adagrad";
import { Adam, type AdamOptions, AdamW, type MomentsOptions } from "./adam";
import { Adamax } from "./adamax";
import { kerasConfig, type OptimizerConfig, optionsFromConfig } from "./config";
import { Ftrl, type FtrlOptions } from "./ftrl";
import { Nadam } from "./nadam";
import type { KerasOptimizer } from "./optimizer";
import { commonOptions, type OptimizerOptions } from "./options";
import { RMSprop, type RMSpropOptions } from "./rmsprop";
import { SGD, type SGDOptions } from "./sgd";

/** Each class has options of its own; `make` checks their names. */
interface OptimizerClass<Options = never> {
  new (options: Options): KerasOptimizer;
  className: string;
  prototype: KerasOptimizer;
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
  entry(Ftrl, {
    ...{ learningRatePower: true, initialAccumulatorValue: true, beta: true },
    ...{ l1RegularizationStrength: true, l2RegularizationStrength: true },
    l2ShrinkageRegularizationStrength: true,
  } as const),
];
let registered = false;

/**
 * Makes the optimizers known to tfjs' deserialisation; called by every function of this module.
 *
 * Where tfjs has a class of the same name (SGD, Adam, …), models loaded from now on get ours.
 */
function registerOptimizers(): void {
  if (registered) return;
  registered = true;
  for (const { optimizer } of entries) {
    registerClass(optimizer);
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

/**
 * RMSprop: divides each gradient by the root of a moving mean of its square.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.rmsprop({ learningRate: 1e-5 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/rmsprop/
 */
export const rmsprop = (options: RMSpropOptions = {}): RMSprop => make(RMSprop, options);

/**
 * Gradient descent, with momentum if wanted.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.sgd({ momentum: 0.9, nesterov: true }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/sgd/
 */
export const sgd = (options: SGDOptions = {}): SGD => make(SGD, options);

/**
 * Adam: moves along the mean gradient, divided by the root of its mean square.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.adam({ learningRate: 3e-4, clipNorm: 1 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/adam/
 */
export const adam = (options: AdamOptions = {}): Adam => make(Adam, options);

/**
 * Adam with decoupled weight decay, 0.004 where none is given.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.adamW({ weightDecay: 0.01 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/adamw/
 */
export const adamW = (options: AdamOptions = {}): AdamW => make(AdamW, options);

/**
 * Adagrad: divides each gradient by the root of the sum of its squares so far.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.adagrad({ learningRate: 0.01 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/adagrad/
 */
export const adagrad = (options: AdagradOptions = {}): Adagrad => make(Adagrad, options);

/**
 * Adadelta: scales each gradient by the sizes of recent steps and gradients.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.adadelta({ learningRate: 1 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/adadelta/
 */
export const adadelta = (options: AdadeltaOptions = {}): Adadelta => make(Adadelta, options);

/**
 * Adamax: Adam with the largest recent gradient in place of the mean square.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.adamax({ beta1: 0.95 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/adamax/
 */
export const adamax = (options: MomentsOptions = {}): Adamax => make(Adamax, options);

/**
 * Nadam: Adam with Nesterov's look ahead.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.nadam({ learningRate: 2e-3 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/Nadam/
 */
export const nadam = (options: MomentsOptions = {}): Nadam => make(Nadam, options);

/**
 * FTRL, for models with few large weights among many inputs.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.ftrl({ l1RegularizationStrength: 0.01 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/ftrl/
 */
export const ftrl = (options: FtrlOptions = {}): Ftrl => make(Ftrl, options);

/** An optimizer as Keras writes it into files. */
export interface SerializedOptimizer {
  /** The Python module of the class. */
  module: "keras.optimizers";
  /** Keras' name of the class: `"Adam"`. */
  class_name: string;
  /** The options under Keras' names. */
  config: OptimizerConfig;
  /** Nothing: the class is Keras' own. */
  registered_name: null;
}

/**
 * An optimizer's description with Keras' names, as `keras.optimizers.serialize` gives it.
 *
 * @example
 * import { optimizers } from "convnets";
 * const { class_name, config } = optimizers.serialize(optimizers.adam());
 * console.log(class_name, config.learning_rate); // Adam 0.001
 */
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
 *   Keras wrote: `{ class_name, config }`; an optimizer comes back as it is.
 * @throws InvalidArgumentError for an unknown name or an unsupported setting.
 * @example
 * import { optimizers } from "convnets";
 * const adam = optimizers.get("adam");
 * const sgd = optimizers.get({ class_name: "SGD", config: { learning_rate: 0.1, momentum: 0.9 } });
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
