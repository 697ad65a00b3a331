/** Adamax. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { MomentsOptimizer, type MomentsOptions } from "./adam";
import type { StepState } from "./state";

/**
 * Adam with the largest recent gradient in place of the mean square.
 *
 * @see https://keras.io/api/optimizers/adamax/
 */
export class Adamax extends MomentsOptimizer {
  /** Keras' name of the class. */
  static override className = "Adamax";

  constructor(options: MomentsOptions = {}) {
    super(options);
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slot, learningRate }: StepState,
  ): void {
    const momentum = slot("momentum");
    const norm = slot("norm");
    momentum.assign(tf.add(momentum, tf.mul(tf.sub(gradient, momentum), 1 - this.beta1)));
    norm.assign(tf.maximum(tf.mul(norm, this.beta2), tf.abs(gradient)));
    const correction = tf.sub(1, this.power(this.beta1));
    const size = tf.mul(tf.add(norm, this.epsilon), correction);
    variable.assign(tf.sub(variable, tf.div(tf.mul(momentum, learningRate), size)));
  }
}
