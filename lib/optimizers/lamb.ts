/** Lamb. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { MomentsOptimizer, type MomentsOptions } from "./adam";
import type { StepState } from "./state";

/**
 * Adam whose steps are as large as the weights are: for large batches.
 *
 * @see https://keras.io/api/optimizers/lamb/
 * @see You et al., "Large batch optimization for deep learning", ICLR 2020
 */
export class Lamb extends MomentsOptimizer {
  /** Keras' name of the class. */
  static override className = "Lamb";

  constructor(options: MomentsOptions = {}) {
    super(options);
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slot, learningRate }: StepState,
  ): void {
    const [momentum, velocity] = [slot("momentum"), slot("velocity")];
    const approach = (mean: Variable, value: Tensor, beta: number) =>
      mean.assign(tf.add(mean, tf.mul(tf.sub(value, mean), 1 - beta)));
    approach(momentum, gradient, this.beta1);
    approach(velocity, tf.square(gradient), this.beta2);
    const mean = tf.div(momentum, tf.sub(1, this.power(this.beta1)));
    const meanSquare = tf.div(velocity, tf.sub(1, this.power(this.beta2)));
    const update = tf.div(mean, tf.add(tf.sqrt(meanSquare), this.epsilon));
    const size = (x: Tensor) => tf.sqrt(tf.sum(tf.square(x)));
    const [of, by] = [size(variable), size(update)];
    const isBoth = tf.logicalAnd(tf.greater(of, 0), tf.greater(by, 0));
    const ratio = tf.where(isBoth, tf.div(of, by), tf.onesLike(of));
    variable.assign(tf.sub(variable, tf.mul(tf.mul(ratio, learningRate), update)));
  }
}
