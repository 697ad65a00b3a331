/** Adagrad. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { KerasOptimizer, type StepState } from "./optimizer";
import { notNegative, type OptimizerOptions } from "./options";

export interface AdagradOptions extends OptimizerOptions {
  /** What the sum of squares starts from. 0.1 by default. */
  initialAccumulatorValue?: number;
  /** Added to the sum of squares, against division by zero. 1e-7 by default. */
  epsilon?: number;
}

/**
 * Divides each gradient by the root of the sum of its squares so far.
 *
 * @see https://keras.io/api/optimizers/adagrad/
 */
export class Adagrad extends KerasOptimizer {
  static override className = "Adagrad";
  readonly initialAccumulatorValue: number;
  readonly epsilon: number;

  constructor(options: AdagradOptions = {}) {
    super(options, { learningRate: 0.001 });
    this.initialAccumulatorValue = notNegative(
      "initialAccumulatorValue",
      options.initialAccumulatorValue ?? 0.1,
    );
    this.epsilon = notNegative("epsilon", options.epsilon ?? 1e-7);
  }

  protected override initialValue(): number {
    return this.initialAccumulatorValue;
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slots, learningRate }: StepState,
  ): void {
    const { accumulator } = slots;
    accumulator.assign(tf.add(accumulator, tf.square(gradient)));
    const size = tf.sqrt(tf.add(accumulator, this.epsilon));
    variable.assign(tf.sub(variable, tf.div(tf.mul(gradient, learningRate), size)));
  }

  override getConfig(): OptimizerConfig {
    const { initialAccumulatorValue, epsilon } = this;
    return { ...super.getConfig(), initialAccumulatorValue, epsilon };
  }
}
