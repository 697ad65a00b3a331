/** Adam and AdamW. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { CountingOptimizer } from "./countingOptimizer";
import { notNegative, type OptimizerOptions, share } from "./options";
import type { StepState } from "./state";

/** What the optimizers of Adam's family take. */
export interface MomentsOptions extends OptimizerOptions {
  /** How much of the mean gradient each step keeps. @default 0.9 */
  beta1?: number;
  /** How much of the gradients' mean size each step keeps. @default 0.999 */
  beta2?: number;
  /** Added to the size, against division by zero. @default 1e-7 */
  epsilon?: number;
}

/** Options of `optimizers.adam` and `optimizers.adamW`, whose `weightDecay` is 0.004 where none is given. */
export interface AdamOptions extends MomentsOptions {
  /** Whether to divide by the largest mean square so far (AMSGrad). @default false */
  amsgrad?: boolean;
}

/** The constants of Adam's family. */
export abstract class MomentsOptimizer extends CountingOptimizer {
  /** How much of the mean gradient each step keeps. */
  readonly beta1: number;
  /** How much of the mean size each step keeps. */
  readonly beta2: number;
  /** Added to the size, against division by zero. */
  readonly epsilon: number;

  constructor(
    options: MomentsOptions,
    defaults: { learningRate: number; epsilon?: number; name?: string } = { learningRate: 0.001 },
  ) {
    super(options, defaults);
    this.beta1 = share("beta1", options.beta1 ?? 0.9);
    this.beta2 = share("beta2", options.beta2 ?? 0.999);
    this.epsilon = notNegative("epsilon", options.epsilon ?? defaults.epsilon ?? 1e-7);
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon };
  }
}

/**
 * Moves along the mean gradient, divided by the root of its mean square.
 *
 * @see https://keras.io/api/optimizers/adam/
 * @see Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015
 */
export class Adam extends MomentsOptimizer {
  /** Keras' name of the class. */
  static override className = "Adam";
  /** Whether to divide by the largest mean square so far. */
  readonly amsgrad: boolean;

  constructor(options: AdamOptions = {}) {
    super(options);
    checkBoolean("amsgrad", options.amsgrad);
    this.amsgrad = options.amsgrad ?? false;
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slot, learningRate }: StepState,
  ): void {
    const momentum = slot("momentum");
    const velocity = slot("velocity");
    const correction = tf.sqrt(tf.sub(1, this.power(this.beta2)));
    const rate = tf.div(tf.mul(learningRate, correction), tf.sub(1, this.power(this.beta1)));
    const approach = (mean: Variable, value: Tensor, share: number) =>
      mean.assign(tf.add(mean, tf.mul(tf.sub(value, mean), share)));
    approach(momentum, gradient, 1 - this.beta1);
    approach(velocity, tf.square(gradient), 1 - this.beta2);
    const largest = this.amsgrad ? slot("velocityHat") : velocity;
    if (this.amsgrad) largest.assign(tf.maximum(largest, velocity));
    const size = tf.add(tf.sqrt(largest), this.epsilon);
    variable.assign(tf.sub(variable, tf.div(tf.mul(momentum, rate), size)));
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    return { ...super.getConfig(), amsgrad: this.amsgrad };
  }
}

/**
 * Adam whose weight decay is apart from the gradient: 0.004 where none is given.
 *
 * @see https://keras.io/api/optimizers/adamw/
 * @see Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019
 */
export class AdamW extends Adam {
  /** Keras' name of the class. */
  static override className = "AdamW";

  constructor(options: AdamOptions = {}) {
    if (options.weightDecay === null) {
      throw invalidArgument("weightDecay", { expected: "a number for AdamW", received: null });
    }
    super({ ...options, weightDecay: options.weightDecay ?? 0.004 });
  }
}
