/** Adadelta. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { KerasOptimizer } from "./optimizer";
import { notNegative, type OptimizerOptions, share } from "./options";
import type { StepState } from "./state";

/** Options of `optimizers.adadelta`. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** How much of both means each step keeps. @default 0.95 */
  rho?: number;
  /** Added to both mean squares. @default 1e-7 */
  epsilon?: number;
}

/**
 * Scales each gradient by the ratio of the sizes of recent steps and recent gradients.
 *
 * @see https://keras.io/api/optimizers/adadelta/
 * @see Zeiler, "ADADELTA: an adaptive learning rate method", 2012
 */
export class Adadelta extends KerasOptimizer {
  /** Keras' name of the class. */
  static override className = "Adadelta";
  /** How much of the means each step keeps. */
  readonly rho: number;
  /** Added to the size, against division by zero. */
  readonly epsilon: number;

  constructor(options: AdadeltaOptions = {}) {
    super(options, { learningRate: 0.001 });
    this.rho = share("rho", options.rho ?? 0.95);
    this.epsilon = notNegative("epsilon", options.epsilon ?? 1e-7);
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slot, learningRate }: StepState,
  ): void {
    const accumulatedGrad = slot("accumulatedGrad");
    const accumulatedDeltaVar = slot("accumulatedDeltaVar");
    const renew = (mean: Variable, value: Tensor) =>
      mean.assign(tf.add(tf.mul(mean, this.rho), tf.mul(tf.square(value), 1 - this.rho)));
    const root = (mean: Variable) => tf.sqrt(tf.add(mean, this.epsilon));
    renew(accumulatedGrad, gradient);
    const move = tf.div(tf.mul(root(accumulatedDeltaVar), gradient), root(accumulatedGrad));
    renew(accumulatedDeltaVar, move);
    variable.assign(tf.sub(variable, tf.mul(move, learningRate)));
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    return { ...super.getConfig(), rho: this.rho, epsilon: this.epsilon };
  }
}
