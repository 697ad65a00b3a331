/** Muon. */
import type { Scalar, Tensor, Tensor2D, Variable } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, checkTexts, checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { CountingOptimizer } from "./countingOptimizer";
import { notNegative, type OptimizerOptions, share } from "./options";
import type { StepState } from "./state";

/** Options of `optimizers.muon`, whose `weightDecay` is 0.004 by default. */
export interface MuonOptions extends OptimizerOptions {
  /** How much of the mean gradient each step keeps, of weights that AdamW moves. @default 0.9 */
  adamBeta1?: number;
  /** How much of the mean square each step keeps, of weights that AdamW moves. @default 0.999 */
  adamBeta2?: number;
  /** `weightDecay` of weights that AdamW moves. @default 0.004 */
  adamWeightDecay?: number | null;
  /** Added to the size, against division by zero, of weights that AdamW moves. @default 1e-7 */
  epsilon?: number;
  /**
   * Parts of the names of weights that AdamW moves, such as that of the last layer: letters, digits, `_`, `-` and `/`,
   * `.` for any sign, `^` before the first and `$` after the last one.
   *
   * @default []
   */
  excludeLayers?: readonly string[];
  /** Whether AdamW moves the weights of embeddings. @default true */
  excludeEmbeddings?: boolean;
  /** The first factor of the iteration that makes a matrix orthogonal. @default 3.4445 */
  muonA?: number;
  /** The second one. @default -4.775 */
  muonB?: number;
  /** The third one. @default 2.0315 */
  muonC?: number;
  /** The learning rate of weights that AdamW moves, as a share of that of the others. @default 1 */
  adamLrRatio?: number;
  /** How much of the momentum each step keeps, of matrices. @default 0.95 */
  momentum?: number;
  /** How many iterations make a matrix orthogonal. @default 5 */
  nsSteps?: number;
  /** Whether to look ahead along the momentum (Nesterov). @default true */
  nesterov?: boolean;
  /** Size of steps beside those of AdamW, `null` for the matrices as they are. @default 0.2 */
  rmsRate?: number | null;
}

/** What `excludeLayers` may be made of: a file's own regular expression could take for ever. */
const KEYWORD = /^\^?[\w./ -]*\$?$/;

/**
 * Moves matrices along their momentum made orthogonal, and all other weights, embeddings among them, as AdamW does.
 *
 * @see https://keras.io/api/optimizers/
 * @see Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024
 * @see Liu et al., "Muon is scalable for LLM training", 2025
 */
export class Muon extends CountingOptimizer {
  /** Keras' name of the class. */
  static override className = "Muon";
  /** How much of the mean gradient each step of AdamW keeps. */
  readonly adamBeta1: number;
  /** How much of the mean square each step of AdamW keeps. */
  readonly adamBeta2: number;
  /** Share of each weight that is taken off at each step of AdamW, times the learning rate. */
  readonly adamWeightDecay: number | null;
  /** Added to the size, against division by zero. */
  readonly epsilon: number;
  /** Parts of the names of weights that AdamW moves. */
  readonly excludeLayers: string[];
  /** Whether AdamW moves the weights of embeddings. */
  readonly excludeEmbeddings: boolean;
  /** The factors of the iteration that makes a matrix orthogonal. */
  readonly factors: readonly [a: number, b: number, c: number];
  /** The learning rate of AdamW, as a share of that of the others. */
  readonly adamLrRatio: number;
  /** How much of the momentum each step keeps. */
  readonly momentum: number;
  /** How many iterations make a matrix orthogonal. */
  readonly nsSteps: number;
  /** Whether to look ahead along the momentum. */
  readonly nesterov: boolean;
  /** Size of steps beside those of AdamW. */
  readonly rmsRate: number | null;

  constructor(options: MuonOptions = {}) {
    const { weightDecay = 0.004 } = options;
    super({ ...options, weightDecay }, { learningRate: 0.001 });
    const { adamWeightDecay = 0.004, rmsRate = 0.2, adamLrRatio = 1, nsSteps = 5 } = options;
    const { muonA = 3.4445, muonB = -4.775, muonC = 2.0315 } = options;
    const { excludeLayers = [], excludeEmbeddings = true, nesterov = true } = options;
    this.adamBeta1 = share("adamBeta1", options.adamBeta1 ?? 0.9);
    this.adamBeta2 = share("adamBeta2", options.adamBeta2 ?? 0.999);
    this.epsilon = notNegative("epsilon", options.epsilon ?? 1e-7);
    this.momentum = share("momentum", options.momentum ?? 0.95);
    if (adamWeightDecay !== null) notNegative("adamWeightDecay", adamWeightDecay);
    if (rmsRate !== null) checkNumber("rmsRate", rmsRate, { required: true });
    for (const [name, value] of Object.entries({ muonA, muonB, muonC, adamLrRatio })) {
      checkNumber(name, value, { required: true });
    }
    checkWhole("nsSteps", nsSteps, { low: 0, high: 100, required: true });
    checkBoolean("excludeEmbeddings", excludeEmbeddings);
    checkBoolean("nesterov", nesterov);
    checkKeywords(excludeLayers);
    this.adamWeightDecay = adamWeightDecay;
    this.excludeLayers = [...excludeLayers];
    this.excludeEmbeddings = excludeEmbeddings;
    this.factors = [muonA, muonB, muonC];
    this.adamLrRatio = adamLrRatio;
    this.nsSteps = nsSteps;
    this.nesterov = nesterov;
    this.rmsRate = rmsRate;
  }

  protected override slotGroups(): string[][] {
    return [["momentum", "velocity"]];
  }

  protected override makeSlot(slot: string, variable: Variable): Variable | undefined {
    if (slot === "velocity" && !this.isForAdam(variable)) return undefined;
    return super.makeSlot(slot, variable);
  }

  protected override decayOf(variable: Variable): number | null {
    return this.isForAdam(variable) ? this.adamWeightDecay : this.weightDecay;
  }

  protected override updateStep(variable: Variable, gradient: Tensor, state: StepState): void {
    if (this.isForAdam(variable)) this.moveAsAdam(variable, gradient, state);
    else this.moveMatrix(variable, gradient, state);
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    const { adamBeta1, adamBeta2, epsilon, excludeLayers, adamLrRatio, momentum } = this;
    const { nsSteps, nesterov, excludeEmbeddings, adamWeightDecay, rmsRate } = this;
    const [muonA, muonB, muonC] = this.factors;
    return {
      ...super.getConfig(),
      ...{ adamBeta1, adamBeta2, epsilon, excludeLayers, muonA, muonB, muonC },
      ...{ adamLrRatio, momentum, nsSteps, nesterov, excludeEmbeddings, adamWeightDecay, rmsRate },
    };
  }

  private isForAdam({ name, rank }: Variable): boolean {
    if (rank !== 2) return true;
    if (this.excludeEmbeddings && name.toLowerCase().includes("embedding")) return true;
    return this.excludeLayers.some((keyword) => new RegExp(keyword).test(name));
  }

  private moveAsAdam(variable: Variable, gradient: Tensor, { slot, ...state }: StepState): void {
    const [momentum, velocity] = [slot("momentum"), slot("velocity")];
    const learningRate = tf.mul(state.learningRate, this.adamLrRatio);
    const correction = tf.sqrt(tf.sub(1, this.power(this.adamBeta2)));
    const rate = tf.div(tf.mul(learningRate, correction), tf.sub(1, this.power(this.adamBeta1)));
    const approach = (mean: Variable, value: Tensor, beta: number) =>
      mean.assign(tf.add(mean, tf.mul(tf.sub(value, mean), 1 - beta)));
    approach(momentum, gradient, this.adamBeta1);
    approach(velocity, tf.square(gradient), this.adamBeta2);
    const size = tf.add(tf.sqrt(velocity), this.epsilon);
    variable.assign(tf.sub(variable, tf.div(tf.mul(momentum, rate), size)));
  }

  private moveMatrix(variable: Variable, gradient: Tensor, { slot, learningRate }: StepState) {
    const momentum = slot("momentum");
    const change = tf.add(gradient, tf.mul(momentum, this.momentum - 1));
    momentum.assign(tf.add(momentum, change));
    const ahead = this.nesterov ? tf.add(gradient, tf.mul(momentum, this.momentum)) : momentum;
    const step = tf.mul(this.orthogonal(ahead as Tensor2D), learningRate);
    variable.assign(tf.sub(variable, this.sized(step, variable.shape)));
  }

  private sized(step: Tensor, shape: number[]): Tensor {
    if (this.rmsRate === null) return step;
    return tf.mul(tf.mul(step, Math.sqrt(Math.max(...shape))), this.rmsRate);
  }

  /** Nearly the orthogonal matrix next to another one, by the iteration of Newton and Schulz. */
  private orthogonal(matrix: Tensor2D): Tensor2D {
    const [a, b, c] = this.factors;
    const [rows, columns] = matrix.shape;
    const isTall = rows > columns;
    let x = isTall ? tf.transpose(matrix) : matrix;
    const norm = tf.sqrt(tf.sum<Scalar>(tf.square(x)));
    x = tf.div(x, tf.add(norm, 1e-7));
    for (let i = 0; i < this.nsSteps; i++) {
      const square = tf.matMul(x, x, false, true);
      const mixed = tf.add(tf.mul(square, b), tf.matMul(tf.mul<Tensor2D>(square, c), square));
      x = tf.add(tf.mul(x, a), tf.matMul(mixed as Tensor2D, x));
    }
    return isTall ? tf.transpose(x) : x;
  }
}

function checkKeywords(keywords: readonly string[]): void {
  if (Array.isArray(keywords) && keywords.length === 0) return;
  checkTexts("excludeLayers", keywords, { what: "parts of names" });
  const wrong = keywords.find((keyword) => !KEYWORD.test(keyword));
  if (wrong === undefined) return;
  throw invalidArgument("excludeLayers", {
    expected: "parts of names, of letters, digits and `_ - / . ^ $`",
    received: wrong,
  });
}
