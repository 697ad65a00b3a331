/** Adafactor. */
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber } from "../checks";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { CountingOptimizer } from "./countingOptimizer";
import { notNegative, type OptimizerOptions } from "./options";
import type { StepState } from "./state";

/** Options of `optimizers.adafactor`. */
export interface AdafactorOptions extends OptimizerOptions {
  /** The power of the step's number by which new gradients count less in the mean square. @default -0.8 */
  beta2Decay?: number;
  /** Added to squared gradients, against division by zero. @default 1e-30 */
  epsilon1?: number;
  /** The smallest size that weights are taken to have. @default 1e-3 */
  epsilon2?: number;
  /** Largest root mean square of a weight's step, before the learning rate. @default 1 */
  clipThreshold?: number;
  /** Keras' option; it changes nothing, since the rate is never above one by the root of the step. @default true */
  relativeStep?: boolean;
}

/**
 * Adam in little memory: of a matrix it keeps the mean squares of rows and columns.
 *
 * As in Keras, the whole of them is kept, too, so that no memory is spared.
 *
 * @see https://keras.io/api/optimizers/adafactor/
 * @see Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", ICML 2018
 */
export class Adafactor extends CountingOptimizer {
  /** Keras' name of the class. */
  static override className = "Adafactor";
  /** The power of the step's number by which new gradients count less. */
  readonly beta2Decay: number;
  /** Added to squared gradients. */
  readonly epsilon1: number;
  /** The smallest size that weights are taken to have. */
  readonly epsilon2: number;
  /** Largest root mean square of a weight's step. */
  readonly clipThreshold: number;
  /** Keras' option, for files. */
  readonly relativeStep: boolean;

  constructor(options: AdafactorOptions = {}) {
    super(options, { learningRate: 0.001 });
    const { beta2Decay = -0.8, epsilon1 = 1e-30, epsilon2 = 1e-3 } = options;
    const { clipThreshold = 1, relativeStep = true } = options;
    checkNumber("beta2Decay", beta2Decay, { required: true });
    checkNumber("clipThreshold", clipThreshold, { above: 0, required: true });
    checkBoolean("relativeStep", relativeStep);
    this.beta2Decay = beta2Decay;
    this.epsilon1 = notNegative("epsilon1", epsilon1);
    this.epsilon2 = notNegative("epsilon2", epsilon2);
    this.clipThreshold = clipThreshold;
    this.relativeStep = relativeStep;
  }

  protected override slotGroups(): string[][] {
    return [["row", "column", "velocity"]];
  }

  protected override makeSlot(slot: string, variable: Variable): Variable | undefined {
    if (slot === "velocity") return super.makeSlot(slot, variable);
    const { shape } = variable;
    // What is no matrix has none of both; in Keras' files a 0 stands there.
    if (shape.length < 2) return tf.tidy(() => tf.variable(tf.scalar(0, "int32"), false));
    const kept = slot === "row" ? shape.slice(0, -1) : [...shape.slice(0, -2), shape.at(-1)!];
    return this.makeVariable(kept, 0);
  }

  protected override updateStep(
    variable: Variable,
    gradient: Tensor,
    { slot, learningRate }: StepState,
  ): void {
    const velocity = slot("velocity");
    const step = this.step();
    const rate = tf.minimum(learningRate, tf.div(1, tf.sqrt(step)));
    const size = tf.mul(tf.maximum(rootMeanSquare(variable), this.epsilon2), rate);
    const squares = tf.add(tf.square(gradient), this.epsilon1);
    const kept = tf.sub<Scalar>(1, tf.pow(step, this.beta2Decay));
    const renew = (mean: Variable, value: Tensor) =>
      mean.assign(tf.add(tf.mul(kept, mean), tf.mul(tf.sub(1, kept), value)));
    if (variable.rank < 2) renew(velocity, squares);
    else {
      const [row, column] = [slot("row"), slot("column")];
      renew(row, tf.mean(squares, -1));
      renew(column, tf.mean(squares, -2));
      const shares = tf.div(row, tf.mean(row, -1, true));
      velocity.assign(tf.mul(tf.expandDims(shares, -1), tf.expandDims(column, -2)));
    }
    const update = tf.div(gradient, tf.sqrt(velocity));
    const excess = tf.maximum(tf.div(rootMeanSquare(update), this.clipThreshold), 1);
    variable.assign(tf.sub(variable, tf.mul(size, tf.div(update, excess))));
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    const { beta2Decay, epsilon1, epsilon2, clipThreshold, relativeStep } = this;
    return {
      ...super.getConfig(),
      ...{ beta2Decay, epsilon1, epsilon2, clipThreshold, relativeStep },
    };
  }
}

function rootMeanSquare(x: Tensor): Tensor {
  return tf.sqrt(tf.mean(tf.square(x)));
}
