/** FTRL. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { checkNumber } from "../checks";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { KerasOptimizer } from "./optimizer";
import { notNegative, type OptimizerOptions } from "./options";
import type { StepState } from "./state";

/** Options of `optimizers.ftrl`. */
export interface FtrlOptions extends OptimizerOptions {
  /** How the step size falls with the sum of squares, 0 or less; 0 for a fixed one. @default -0.5 */
  learningRatePower?: number;
  /** What the sum of squares starts from. @default 0.1 */
  initialAccumulatorValue?: number;
  /** Weights below it are 0 (L1). @default 0 */
  l1RegularizationStrength?: number;
  /** Draws weights towards 0 (L2). @default 0 */
  l2RegularizationStrength?: number;
  /** The same, of the loss at each step. @default 0 */
  l2ShrinkageRegularizationStrength?: number;
  /** The β of the paper. @default 0 */
  beta?: number;
}

/**
 * Follows the regularized leader: for models with few large weights among many inputs.
 *
 * @see https://keras.io/api/optimizers/ftrl/
 * @see McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013
 */
export class Ftrl extends KerasOptimizer {
  /** Keras' name of the class. */
  static override className = "Ftrl";
  /** How the step size falls with the sum of squares. */
  readonly learningRatePower: number;
  /** What the sum of squares starts from. */
  readonly initialAccumulatorValue: number;
  /** Weights below it are 0. */
  readonly l1RegularizationStrength: number;
  /** Draws weights towards 0. */
  readonly l2RegularizationStrength: number;
  /** The same, of the loss at each step. */
  readonly l2ShrinkageRegularizationStrength: number;
  /** The β of the paper. */
  readonly beta: number;

  constructor(options: FtrlOptions = {}) {
    super(options, { learningRate: 0.001 });
    const { learningRatePower = -0.5, initialAccumulatorValue = 0.1, beta = 0 } = options;
    const { l1RegularizationStrength: l1 = 0, l2RegularizationStrength: l2 = 0 } = options;
    const { l2ShrinkageRegularizationStrength: shrinkage = 0 } = options;
    checkNumber("learningRatePower", learningRatePower, { low: -Infinity, high: 0 });
    checkNumber("beta", beta);
    this.learningRatePower = learningRatePower;
    this.beta = beta;
    this.initialAccumulatorValue = notNegative("initialAccumulatorValue", initialAccumulatorValue);
    this.l1RegularizationStrength = notNegative("l1RegularizationStrength", l1);
    this.l2RegularizationStrength = notNegative("l2RegularizationStrength", l2);
    this.l2ShrinkageRegularizationStrength = notNegative(
      "l2ShrinkageRegularizationStrength",
      shrinkage,
    );
  }

  protected override initialValue(slot: string): number {
    return slot === "accumulator" ? this.initialAccumulatorValue : 0;
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slot, learningRate }: StepState,
  ): void {
    const [accumulator, linear] = [slot("accumulator"), slot("linear")];
    const l1 = this.l1RegularizationStrength;
    const l2 = tf.add(tf.div(this.beta, tf.mul(learningRate, 2)), this.l2RegularizationStrength);
    const shrinking = tf.mul(variable, 2 * this.l2ShrinkageRegularizationStrength);
    const power = (sum: Tensor) => tf.pow(sum, -this.learningRatePower);
    const sum = tf.add(accumulator, tf.square(gradient));
    const sigma = tf.div(tf.sub(power(sum), power(accumulator)), learningRate);
    const change = tf.sub(tf.add(gradient, shrinking), tf.mul(sigma, variable));
    linear.assign(tf.add(linear, change));
    const quadratic = tf.add(tf.div(power(sum), learningRate), tf.mul(l2, 2));
    variable.assign(tf.div(tf.sub(tf.clipByValue(linear, -l1, l1), linear), quadratic));
    accumulator.assign(sum);
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    const { learningRatePower, initialAccumulatorValue, beta } = this;
    return {
      ...super.getConfig(),
      ...{ learningRatePower, initialAccumulatorValue, beta },
      l1RegularizationStrength: this.l1RegularizationStrength,
      l2RegularizationStrength: this.l2RegularizationStrength,
      l2ShrinkageRegularizationStrength: this.l2ShrinkageRegularizationStrength,
    };
  }
}
