/** Nadam. */
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import { MomentsOptimizer, type MomentsOptions } from "./adam";
import type { StepState } from "./state";

/**
 * Adam with Nesterov's look ahead.
 *
 * Betas are float32 tensors here, as in Keras: 1 − 0.999 differs by 5e-5 in float32.
 *
 * @see https://keras.io/api/optimizers/Nadam/
 * @see Dozat, "Incorporating Nesterov momentum into Adam", 2016
 */
export class Nadam extends MomentsOptimizer {
  /** Keras' name of the class. */
  static override className = "Nadam";
  /** Product of all momentum factors so far. */
  private product: Variable | undefined;

  constructor(options: MomentsOptions = {}) {
    super(options);
  }

  /** Variables that serve all weights at once, such as a count of steps. */
  override sharedVariables(): Variable[] {
    return [...super.sharedVariables(), ...(this.product === undefined ? [] : [this.product])];
  }

  /** The optimizer's variables with Keras' names, in Keras' order, without iteration and learning rate. */
  override namedVariables(): { name: string; variable: Variable }[] {
    const product =
      this.product === undefined ? [] : [{ name: "u_product", variable: this.product }];
    return [...super.namedVariables(), ...product];
  }

  /** Frees every variable the optimizer made. */
  override dispose(): void {
    super.dispose();
    this.product = undefined;
  }

  protected override buildShared(): void {
    this.product ??= this.makeVariable([], 1);
  }

  protected override prepareStep(): void {
    this.product!.assign(tf.mul(this.product!, this.factor(this.step())));
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slot, learningRate }: StepState,
  ): void {
    const momentum = slot("momentum");
    const velocity = slot("velocity");
    const approach = (mean: Variable, value: Tensor, beta: number) =>
      mean.assign(tf.add(mean, tf.mul(tf.sub(value, mean), tf.sub(1, tf.scalar(beta)))));
    approach(momentum, gradient, this.beta1);
    approach(velocity, tf.square(gradient), this.beta2);
    const step = this.step();
    const factor = this.factor(step);
    const nextFactor = this.factor(tf.add(step, 1));
    const nextProduct = tf.mul(this.product!, nextFactor);
    const mean = tf.add(
      tf.div(tf.mul(momentum, nextFactor), tf.sub(1, nextProduct)),
      tf.div(tf.mul(gradient, tf.sub(1, factor)), tf.sub(1, this.product!)),
    );
    const size = tf.sqrt(tf.div(velocity, tf.sub(1, this.power(this.beta2, step))));
    const move = tf.div(tf.mul(mean, learningRate), tf.add(size, this.epsilon));
    variable.assign(tf.sub(variable, move));
  }

  /** The momentum of one step: it grows from half of beta1 to beta1. */
  private factor(step: Scalar): Scalar {
    return tf.mul(tf.sub(1, tf.mul(this.power(0.96, step), 0.5)), this.beta1);
  }
}
