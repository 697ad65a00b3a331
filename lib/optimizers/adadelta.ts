/** Adadelta. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { KerasOptimizer, type StepState } from "./optimizer";
import { notNegative, type OptimizerOptions, share } from "./options";

export interface AdadeltaOptions extends OptimizerOptions {
  /** How much of both means each step keeps. 0.95 by default. */
  rho?: number;
  /** Added to both mean squares. 1e-7 by default. */
  epsilon?: number;
}

/**
 * Scales each gradient by the ratio of the sizes of recent steps and recent gradients.
 *
 * @see https://keras.io/api/optimizers/adadelta/
 * @see Zeiler, "ADADELTA: an adaptive learning rate method", 2012
 */
export class Adadelta extends KerasOptimizer {
  static override className = "Adadelta";
  readonly rho: number;
  readonly epsilon: number;

  constructor(options: AdadeltaOptions = {}) {
    super(options, { learningRate: 0.001 });
    this.rho = share("rho", options.rho ?? 0.95);
    this.epsilon = notNegative("epsilon", options.epsilon ?? 1e-7);
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slots, learningRate }: StepState,
  ): void {
    const { accumulatedGrad, accumulatedDeltaVar } = slots;
    const renew = (mean: Variable, value: Tensor) =>
      mean.assign(tf.add(tf.mul(mean, this.rho), tf.mul(tf.square(value), 1 - this.rho)));
    const root = (mean: Variable) => tf.sqrt(tf.add(mean, this.epsilon));
    renew(accumulatedGrad, gradient);
    const move = tf.div(tf.mul(root(accumulatedDeltaVar), gradient), root(accumulatedGrad));
    renew(accumulatedDeltaVar, move);
    variable.assign(tf.sub(variable, tf.mul(move, learningRate)));
  }

  override getConfig(): OptimizerConfig {
    return { ...super.getConfig(), rho: this.rho, epsilon: this.epsilon };
  }
}
