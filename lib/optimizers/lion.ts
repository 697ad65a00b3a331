/** Lion. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { KerasOptimizer } from "./optimizer";
import { type OptimizerOptions, share } from "./options";
import type { StepState } from "./state";

/** Options of `optimizers.lion`. */
export interface LionOptions extends OptimizerOptions {
  /** How much of the momentum, beside the gradient, says which way to go; above 0. @default 0.9 */
  beta1?: number;
  /** How much of the momentum each step keeps. @default 0.99 */
  beta2?: number;
}

/**
 * Moves each weight by the learning rate, along the sign of momentum and gradient.
 *
 * @see https://keras.io/api/optimizers/lion/
 * @see Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023
 */
export class Lion extends KerasOptimizer {
  /** Keras' name of the class. */
  static override className = "Lion";
  /** How much of the momentum says which way to go. */
  readonly beta1: number;
  /** How much of the momentum each step keeps. */
  readonly beta2: number;

  constructor(options: LionOptions = {}) {
    super(options, { learningRate: 0.001 });
    this.beta1 = options.beta1 ?? 0.9;
    checkNumber("beta1", this.beta1, { above: 0, high: 1, required: true });
    this.beta2 = share("beta2", options.beta2 ?? 0.99);
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slot, learningRate }: StepState,
  ): void {
    const momentum = slot("momentum");
    // float32 tensors, as in Keras: 1 − 0.99 differs in its last digits.
    const [beta1, beta2] = [tf.scalar(this.beta1), tf.scalar(this.beta2)];
    const mixed = (beta: Tensor) =>
      tf.add(tf.mul(momentum, beta), tf.mul(gradient, tf.sub(1, beta)));
    variable.assign(tf.sub(variable, tf.mul(tf.sign(mixed(beta1)), learningRate)));
    momentum.assign(mixed(beta2));
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    return { ...super.getConfig(), beta1: this.beta1, beta2: this.beta2 };
  }
}
