/** Optimizers by name, by configuration and by function. */

import { type KnownOptions, rejectUnknownOptions } from "../checks";
import { describeValue, InvalidArgumentError } from "../errors";
import { offerOptimizers, registerClass, tf } from "../tfjs";
import { Adadelta, type AdadeltaOptions } from "./adadelta";
import { Adafactor, type AdafactorOptions } from "./adafactor";
import { Adagrad, type AdagradOptions } from "./adagrad";
import { Adam, type AdamOptions, AdamW, type MomentsOptions } from "./adam";
import { Adamax } from "./adamax";
import { optionsFromConfig } from "./config";
import { Ftrl, type FtrlOptions } from "./ftrl";
import { Lamb } from "./lamb";
import { Lion, type LionOptions } from "./lion";
import { LossScaleOptimizer, type LossScaleOptimizerOptions } from "./lossScale";
import { Muon, type MuonOptions } from "./muon";
import { Nadam } from "./nadam";
import type { KerasOptimizer } from "./optimizer";
import { commonOptions, type OptimizerOptions } from "./options";
import { RMSprop, type RMSpropOptions } from "./rmsprop";
import { ScheduleFreeAdamW, type ScheduleFreeAdamWOptions } from "./scheduleFreeAdamW";
import { SGD, type SGDOptions } from "./sgd";

/** Each class has options of its own; `make` checks their names. */
interface OptimizerClass<Options = never> {
  new (options: Options): KerasOptimizer;
  className: string;
  prototype: KerasOptimizer;
}

/** A class with the options that it has. */
interface Entry {
  optimizer: OptimizerClass;
  known: Readonly<Record<string, true>>;
}

function entry<Options extends OptimizerOptions>(
  optimizer: OptimizerClass<Options>,
  own: KnownOptions<Omit<Options, keyof OptimizerOptions>>,
): Entry {
  return { optimizer, known: { ...own, ...commonOptions } };
}

const lossScaleOptions: KnownOptions<LossScaleOptimizerOptions> = {
  innerOptimizer: true,
  initialScale: true,
  dynamicGrowthSteps: true,
  name: true,
};

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
  entry(Lion, { beta1: true, beta2: true }),
  entry(Lamb, moments),
  entry(Adafactor, {
    ...{ beta2Decay: true, epsilon1: true, epsilon2: true },
    ...{ clipThreshold: true, relativeStep: true },
  } as const),
  entry(Muon, {
    ...{ adamBeta1: true, adamBeta2: true, adamWeightDecay: true, epsilon: true },
    ...{ excludeLayers: true, excludeEmbeddings: true, muonA: true, muonB: true, muonC: true },
    ...{ adamLrRatio: true, momentum: true, nsSteps: true, nesterov: true, rmsRate: true },
  } as const),
  entry(ScheduleFreeAdamW, { ...moments, warmupSteps: true }),
  { optimizer: LossScaleOptimizer, known: lossScaleOptions },
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
  const { known } = entries.find((each) => each.optimizer.className === optimizer.className)!;
  rejectUnknownOptions(options, known as KnownOptions<Options>, optimizer.className);
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

/**
 * Lion: moves each weight by the learning rate, along the sign of momentum and gradient.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.lion({ learningRate: 1e-4 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/lion/
 */
export const lion = (options: LionOptions = {}): Lion => make(Lion, options);

/**
 * Lamb: Adam whose steps are as large as the weights are, for large batches.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.lamb({ weightDecay: 0.01 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/lamb/
 */
export const lamb = (options: MomentsOptions = {}): Lamb => make(Lamb, options);

/**
 * Adafactor: Adam with the mean squares of rows and columns in place of those of each weight.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.adafactor({ clipThreshold: 0.5 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/adafactor/
 */
export const adafactor = (options: AdafactorOptions = {}): Adafactor => make(Adafactor, options);

/**
 * Muon: moves matrices along their momentum made orthogonal, all other weights as AdamW does.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const dense = tf.layers.dense({ units: 8, inputShape: [2] });
 * const model = tf.sequential({ layers: [dense, tf.layers.dense({ units: 1, name: "last" })] });
 * model.compile({ optimizer: optimizers.muon({ excludeLayers: ["last"] }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/
 */
export const muon = (options: MuonOptions = {}): Muon => make(Muon, options);

/**
 * Schedule-free AdamW: Adam on weights of its own, of which the model has a mean.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: optimizers.scheduleFreeAdamW({ warmupSteps: 100 }), loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/
 */
export const scheduleFreeAdamW = (options: ScheduleFreeAdamWOptions = {}): ScheduleFreeAdamW =>
  make(ScheduleFreeAdamW, options);

/**
 * Scales the loss of another optimizer by what its gradients can bear.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * const optimizer = optimizers.lossScaleOptimizer({ innerOptimizer: optimizers.adam() });
 * model.compile({ optimizer, loss: "meanSquaredError" });
 * @see https://keras.io/api/optimizers/loss_scale_optimizer/
 */
export const lossScaleOptimizer = (options: LossScaleOptimizerOptions): LossScaleOptimizer =>
  make(LossScaleOptimizer, options);

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
  const config = description.config ?? {};
  const options =
    optimizer === LossScaleOptimizer
      ? lossScaleFrom(config)
      : optionsFromConfig(optimizer.className, config);
  return make(optimizer, options as never);
}

/** What Keras has written of a loss scale; earlier ones had all options of an optimizer, which it doesn't use. */
function lossScaleFrom(config: object): object {
  const { inner_optimizer: written, innerOptimizer = written, ...rest } = config as Description;
  const settings = Object.entries(rest).filter(([name, value]) => unused[name] !== value);
  const options = optionsFromConfig("LossScaleOptimizer", Object.fromEntries(settings));
  if (typeof innerOptimizer !== "object" || innerOptimizer === null) return options;
  const inner = innerOptimizer as Exclude<Parameters<typeof get>[0], string>;
  const title = "class_name" in inner ? String(inner.class_name) : "";
  const isNested = title.toLowerCase() === LossScaleOptimizer.className.toLowerCase();
  return { ...options, innerOptimizer: isNested ? inner : get(inner) };
}

type Description = Record<string, unknown>;

const unused: Readonly<Record<string, unknown>> = {
  ...{ weight_decay: null, clipnorm: null, global_clipnorm: null, clipvalue: null },
  ...{ use_ema: false, ema_momentum: 0.99, ema_overwrite_frequency: null, dynamic: true },
  ...{ loss_scale_factor: null, gradient_accumulation_steps: null },
};

offerOptimizers(get);
