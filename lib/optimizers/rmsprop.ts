/** RMSprop. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { KerasOptimizer } from "./optimizer";
import { notNegative, type OptimizerOptions, share } from "./options";
import type { StepState } from "./state";

/** Options of `optimizers.rmsprop`. */
export interface RMSpropOptions extends OptimizerOptions {
  /** How much of the mean of squared gradients each step keeps. @default 0.9 */
  rho?: number;
  /** How much of the last step is made again. @default 0 */
  momentum?: number;
  /** Added to the mean square, against division by zero. @default 1e-7 */
  epsilon?: number;
  /** Whether to divide by the deviation of the gradients instead of their size. @default false */
  centered?: boolean;
}

/**
 * Divides each gradient by the root of a moving mean of its square.
 *
 * @see https://keras.io/api/optimizers/rmsprop/
 * @see Hinton, "Neural networks for machine learning", lecture 6e, 2012
 */
export class RMSprop extends KerasOptimizer {
  /** Keras' name of the class. */
  static override className = "RMSprop";
  /** How much of the means each step keeps. */
  readonly rho: number;
  /** How much of the last step is made again. */
  readonly momentum: number;
  /** Added to the size, against division by zero. */
  readonly epsilon: number;
  /** Whether gradients are divided by their deviation. */
  readonly centered: boolean;
  private readonly spares = new Map<Variable, Variable>();

  constructor(options: RMSpropOptions = {}) {
    super(options, { learningRate: 0.001 });
    this.rho = share("rho", options.rho ?? 0.9);
    this.momentum = share("momentum", options.momentum ?? 0);
    this.epsilon = notNegative("epsilon", options.epsilon ?? 1e-7);
    checkBoolean("centered", options.centered);
    this.centered = options.centered ?? false;
  }

  /**
   * A place of the variable's size for TensorFlow's fused kernels, which write a momentum even where there is
   * none (centred, or on a GPU). It is no part of the state.
   */
  spareMomentum(variable: Variable): Variable {
    let spare = this.spares.get(variable);
    if (spare === undefined) {
      spare = this.makeVariable(variable.shape, 0);
      this.spares.set(variable, spare);
    }
    return spare;
  }

  /** Frees every variable the optimizer made. */
  override dispose(): void {
    super.dispose();
    tf.dispose([...this.spares.values()]);
    this.spares.clear();
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slot, learningRate }: StepState,
  ): void {
    const velocity = slot("velocity");
    const { rho } = this;
    velocity.assign(tf.add(tf.mul(velocity, rho), tf.mul(tf.square(gradient), 1 - rho)));
    let size: Tensor = velocity;
    if (this.centered) {
      const averageGradient = slot("averageGradient");
      averageGradient.assign(tf.add(tf.mul(averageGradient, rho), tf.mul(gradient, 1 - rho)));
      size = tf.sub(velocity, tf.square(averageGradient));
    }
    const increment = tf.div(tf.mul(gradient, learningRate), tf.sqrt(tf.add(size, this.epsilon)));
    if (this.momentum > 0) {
      const momentum = slot("momentum");
      momentum.assign(tf.add(tf.mul(momentum, this.momentum), increment));
      variable.assign(tf.sub(variable, momentum));
    } else {
      variable.assign(tf.sub(variable, increment));
    }
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    const { rho, momentum, epsilon, centered } = this;
    return { ...super.getConfig(), rho, momentum, epsilon, centered };
  }
}
