/** Schedule-free AdamW. */
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import { tf } from "../tfjs";
import { MomentsOptimizer, type MomentsOptions } from "./adam";
import type { OptimizerConfig } from "./config";
import type { StepState } from "./state";

/** Options of `optimizers.scheduleFreeAdamW`, whose `learningRate` is 0.0025 and `epsilon` 1e-8 by default. */
export interface ScheduleFreeAdamWOptions extends MomentsOptions {
  /** Over how many steps the learning rate grows from 0. @default 0 */
  warmupSteps?: number;
}

/**
 * Adam on weights of its own, of which the model has a mean: it needs no schedule of learning rates.
 *
 * The numbers are those of Keras on TensorFlow, which mixes the weights after their step where the paper has those of
 * before it. A first `fit` in Keras 3.15.1 begins the optimizer's own weights at 0, since what its `build` assigns there is
 * lost, unless `optimizer.build` was called or the model runs eagerly: here they begin at the model's.
 *
 * @see https://keras.io/api/optimizers/
 * @see Defazio et al., "The road less scheduled", NeurIPS 2024
 */
export class ScheduleFreeAdamW extends MomentsOptimizer {
  /** Keras' name of the class. */
  static override className = "ScheduleFreeAdamW";
  /** Over how many steps the learning rate grows from 0. */
  readonly warmupSteps: number;

  constructor(options: ScheduleFreeAdamWOptions = {}) {
    const { warmupSteps = 0 } = options;
    checkWhole("warmupSteps", warmupSteps, { low: 0 });
    const defaults = { learningRate: 0.0025, epsilon: 1e-8, name: "schedule_free_adam_w" };
    super(options, defaults);
    this.warmupSteps = warmupSteps;
  }

  protected override makeSlot(slot: string, variable: Variable): Variable | undefined {
    if (slot !== "momentum") return super.makeSlot(slot, variable);
    return tf.tidy(() => tf.variable(tf.clone(variable), false));
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slot, learningRate }: StepState,
  ): void {
    const [own, velocity] = [slot("momentum"), slot("velocity")];
    const step = this.step();
    const [beta1, beta2] = [tf.scalar(this.beta1), tf.scalar(this.beta2)];
    const rate = this.warmed(learningRate, step);
    const change = tf.sub(tf.square(gradient), velocity);
    velocity.assign(tf.add(velocity, tf.mul(change, tf.sub(1, beta2))));
    const meanSquare = tf.div(velocity, tf.sub(1, tf.pow(beta2, step)));
    const size = tf.add(tf.sqrt(meanSquare), this.epsilon);
    own.assign(tf.sub(own, tf.div(tf.mul(rate, gradient), size)));
    const weight = tf.div(1, step);
    const others = tf.sub(1, beta1);
    const mean = tf.div(tf.sub(variable, tf.mul(others, own)), beta1);
    const newMean = tf.add(tf.mul(tf.sub(1, weight), mean), tf.mul(weight, own));
    variable.assign(tf.add(tf.mul(others, own), tf.mul(beta1, newMean)));
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    return { ...super.getConfig(), warmupSteps: this.warmupSteps };
  }

  private warmed(learningRate: Scalar, step: Scalar): Tensor {
    if (this.warmupSteps === 0) return learningRate;
    return tf.mul(learningRate, tf.minimum(tf.div(step, this.warmupSteps), 1));
  }
}
