/** Gradient descent. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { KerasOptimizer } from "./optimizer";
import { type OptimizerOptions, share } from "./options";
import type { StepState } from "./state";

/** Options of `optimizers.sgd`. */
export interface SGDOptions extends OptimizerOptions {
  /** How much of the last step is made again. @default 0 */
  momentum?: number;
  /** Whether to look ahead along the momentum (Nesterov). @default false */
  nesterov?: boolean;
}

/**
 * Gradient descent, with momentum if wanted.
 *
 * @see https://keras.io/api/optimizers/sgd/
 */
export class SGD extends KerasOptimizer {
  /** Keras' name of the class. */
  static override className = "SGD";
  /** How much of the last step is made again. */
  readonly momentum: number;
  /** Whether to look ahead along the momentum. */
  readonly nesterov: boolean;

  constructor(options: SGDOptions = {}) {
    super(options, { learningRate: 0.01 });
    this.momentum = share("momentum", options.momentum ?? 0);
    checkBoolean("nesterov", options.nesterov);
    this.nesterov = options.nesterov ?? false;
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slot, learningRate }: StepState,
  ): void {
    const step = tf.mul(gradient, learningRate);
    if (this.momentum === 0) {
      variable.assign(tf.sub(variable, step));
      return;
    }
    const momentum = slot("momentum");
    momentum.assign(tf.sub(tf.mul(momentum, this.momentum), step));
    const move = this.nesterov ? tf.sub(tf.mul(momentum, this.momentum), step) : momentum;
    variable.assign(tf.add(variable, move));
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    return { ...super.getConfig(), momentum: this.momentum, nesterov: this.nesterov };
  }
}
