/** Adagrad. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { KerasOptimizer } from "./optimizer";
import { notNegative, type OptimizerOptions } from "./options";
import type { StepState } from "./state";

/** Options of `optimizers.adagrad`. */
export interface AdagradOptions extends OptimizerOptions {
  /** What the sum of squares starts from. @default 0.1 */
  initialAccumulatorValue?: number;
  /** Added to the sum of squares, against division by zero. @default 1e-7 */
  epsilon?: number;
}

/**
 * Divides each gradient by the root of the sum of its squares so far.
 *
 * @see https://keras.io/api/optimizers/adagrad/
 */
export class Adagrad extends KerasOptimizer {
  /** Keras' name of the class. */
  static override className = "Adagrad";
  /** What the sum of squares starts from. */
  readonly initialAccumulatorValue: number;
  /** Added to the size, against division by zero. */
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
    { slot, learningRate }: StepState,
  ): void {
    const accumulator = slot("accumulator");
    accumulator.assign(tf.add(accumulator, tf.square(gradient)));
    const size = tf.sqrt(tf.add(accumulator, this.epsilon));
    variable.assign(tf.sub(variable, tf.div(tf.mul(gradient, learningRate), size)));
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    const { initialAccumulatorValue, epsilon } = this;
    return { ...super.getConfig(), initialAccumulatorValue, epsilon };
  }
}
