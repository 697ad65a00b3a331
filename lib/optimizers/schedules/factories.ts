/** Schedules by function. */
import {
  CosineDecay,
  type CosineDecayOptions,
  CosineDecayRestarts,
  type CosineDecayRestartsOptions,
} from "./cosine";
import {
  type DecayOptions,
  ExponentialDecay,
  InverseTimeDecay,
  PiecewiseConstantDecay,
  type PiecewiseConstantDecayOptions,
  PolynomialDecay,
  type PolynomialDecayOptions,
} from "./decays";

/**
 * A rate that is multiplied with `decayRate` in each `decaySteps` steps.
 *
 * @throws InvalidArgumentError for an option that is missing, unknown or outside what is allowed.
 * @example
 * import { optimizers } from "convnets";
 * const { exponentialDecay } = optimizers.schedules;
 * const learningRate = exponentialDecay({ initialLearningRate: 0.1, decaySteps: 1000, decayRate: 0.96 });
 * const sgd = optimizers.sgd({ learningRate });
 * @see https://keras.io/api/optimizers/learning_rate_schedules/exponential_decay/
 */
export const exponentialDecay = (options: DecayOptions): ExponentialDecay =>
  new ExponentialDecay(options);

/**
 * A rate that is divided by `1 + decayRate × step / decaySteps`.
 *
 * @throws InvalidArgumentError for an option that is missing, unknown or outside what is allowed.
 * @example
 * import { optimizers } from "convnets";
 * const { inverseTimeDecay } = optimizers.schedules;
 * const learningRate = inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.5 });
 * const sgd = optimizers.sgd({ learningRate });
 * @see https://keras.io/api/optimizers/learning_rate_schedules/inverse_time_decay/
 */
export const inverseTimeDecay = (options: DecayOptions): InverseTimeDecay =>
  new InverseTimeDecay(options);

/**
 * A rate that falls from one value to another along a power of the steps that are left; a line by default.
 *
 * @throws InvalidArgumentError for an option that is missing, unknown or outside what is allowed.
 * @example
 * import { optimizers } from "convnets";
 * const { polynomialDecay } = optimizers.schedules;
 * const adam = optimizers.adam({ learningRate: polynomialDecay({ initialLearningRate: 0.01, decaySteps: 500 }) });
 * @see https://keras.io/api/optimizers/learning_rate_schedules/polynomial_decay/
 */
export const polynomialDecay = (options: PolynomialDecayOptions): PolynomialDecay =>
  new PolynomialDecay(options);

/**
 * A rate for each part of training.
 *
 * @throws InvalidArgumentError for an option that is missing, unknown or outside what is allowed.
 * @example
 * import { optimizers } from "convnets";
 * const { piecewiseConstantDecay } = optimizers.schedules;
 * const learningRate = piecewiseConstantDecay({ boundaries: [1000, 2000], values: [0.1, 0.01, 0.001] });
 * const sgd = optimizers.sgd({ learningRate });
 * @see https://keras.io/api/optimizers/learning_rate_schedules/piecewise_constant_decay/
 */
export const piecewiseConstantDecay = (
  options: PiecewiseConstantDecayOptions,
): PiecewiseConstantDecay => new PiecewiseConstantDecay(options);

/**
 * A rate that falls along half a cosine, perhaps after a warm-up.
 *
 * @throws InvalidArgumentError for an option that is missing, unknown or outside what is allowed.
 * @example
 * import { optimizers } from "convnets";
 * const { cosineDecay } = optimizers.schedules;
 * const warmup = { warmupTarget: 1e-3, warmupSteps: 100 };
 * const learningRate = cosineDecay({ initialLearningRate: 0, decaySteps: 1000, ...warmup });
 * const adam = optimizers.adam({ learningRate });
 * @see https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay/
 */
export const cosineDecay = (options: CosineDecayOptions): CosineDecay => new CosineDecay(options);

/**
 * A rate that falls along one half cosine after the other, each longer than the last.
 *
 * @throws InvalidArgumentError for an option that is missing, unknown or outside what is allowed.
 * @example
 * import { optimizers } from "convnets";
 * const { cosineDecayRestarts } = optimizers.schedules;
 * const learningRate = cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 1000, mMul: 0.9 });
 * const sgd = optimizers.sgd({ learningRate });
 * @see https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay_restarts/
 */
export const cosineDecayRestarts = (options: CosineDecayRestartsOptions): CosineDecayRestarts =>
  new CosineDecayRestarts(options);
