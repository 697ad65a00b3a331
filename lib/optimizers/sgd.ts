/** Gradient descent. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { KerasOptimizer, type StepState } from "./optimizer";
import { type OptimizerOptions, share } from "./options";

export interface SGDOptions extends OptimizerOptions {
  /** How much of the last step is made again. 0 by default. */
  momentum?: number;
  /** Whether to look ahead along the momentum (Nesterov). false by default. */
  nesterov?: boolean;
}

/**
 * Gradient descent, with momentum if wanted.
 *
 * @see https://keras.io/api/optimizers/sgd/
 */
export class SGD extends KerasOptimizer {
  static override className = "SGD";
  readonly momentum: number;
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
    { slots, learningRate }: StepState,
  ): void {
    const { momentum } = slots;
    const step = tf.mul(gradient, learningRate);
    if (this.momentum === 0) {
      variable.assign(tf.sub(variable, step));
      return;
    }
    momentum.assign(tf.sub(tf.mul(momentum, this.momentum), step));
    const move = this.nesterov ? tf.sub(tf.mul(momentum, this.momentum), step) : momentum;
    variable.assign(tf.add(variable, move));
  }

  override getConfig(): OptimizerConfig {
    return { ...super.getConfig(), momentum: this.momentum, nesterov: this.nesterov };
  }
}
