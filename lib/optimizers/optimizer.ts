/** What Keras' optimizers have in common. */
import type {
  NamedTensorMap,
  Scalar,
  serialization,
  Tensor,
  Variable,
} from "@tensorflow/tfjs-node-gpu";
import { checkNumber, checkText } from "../checks";
import { ConvnetsError } from "../errors";
import { tf } from "../tfjs";
import { accumulate, renewAverages } from "./averages";
import { type Clipping, clipGradients } from "./clip";
import { type OptimizerConfig, optionsFromConfig } from "./config";
import { exclusionsOf, type IsExcluded, type WeightDecayExclusions } from "./decay";
import { KeepingOptimizer } from "./keepingOptimizer";
import {
  type Averaging,
  averagingOf,
  clippingOf,
  notNegative,
  type OptimizerOptions,
} from "./options";
import { LearningRate } from "./rate";
import { scaledLoss, unscaled } from "./scale";
import type { LearningRateSchedule } from "./schedules";
import { type NamedTensor, type Pair, pairUp, type StepState } from "./state";

/**
 * An optimizer with Keras 3's formulas, defaults and state.
 *
 * Every step is the same list of ops: what changes from step to step is held in variables, except the
 * learning rate, which comes from `learningRateTensor()`. So one traced step serves as every step.
 */
export abstract class KerasOptimizer extends KeepingOptimizer {
  /** Keras' name of the class. */
  static className: string;

  /** The ordinary `instanceof`; tfjs' own takes anything with the right methods for any optimizer class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: each subclass asks for itself
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /** @internal How tfjs makes an optimizer from a saved configuration. */
  static override fromConfig<T extends serialization.Serializable>(
    cls: serialization.SerializableConstructor<T>,
    config: serialization.ConfigDict,
  ): T {
    return new cls(optionsFromConfig(cls.className, config));
  }

  /** Name of the optimizer. */
  readonly name: string;
  /** Share of each weight that is taken off at each step, times the learning rate; `null` for none. */
  readonly weightDecay: number | null;
  /** The limits of gradients. */
  readonly clipping: Readonly<Clipping>;
  /** Averages of weights and of gradients. */
  override readonly averaging: Readonly<Averaging>;
  /** @internal The learning rate, or what it follows. */
  override readonly rate: LearningRate;
  private lossScaling: number | null;
  private servedBy: KerasOptimizer | undefined;
  private isUndecayed: IsExcluded = () => false;

  /**
   * @param options What was given.
   * @param defaults What stands for what wasn't; a rate that another optimizer has is shared.
   */
  constructor(
    options: OptimizerOptions,
    defaults: { learningRate: number | LearningRate; name?: string },
  ) {
    super();
    checkText("name", options.name ?? undefined, { what: "a name" });
    this.name = options.name ?? defaults.name ?? this.getClassName().toLowerCase();
    const rate = options.learningRate ?? defaults.learningRate;
    this.rate = rate instanceof LearningRate ? rate : new LearningRate(rate);
    this.weightDecay = options.weightDecay ?? null;
    if (this.weightDecay !== null) notNegative("weightDecay", this.weightDecay);
    this.clipping = clippingOf(options);
    this.averaging = averagingOf(options);
    this.lossScaling = options.lossScaleFactor ?? null;
    checkNumber("lossScaleFactor", this.lossScaling ?? undefined, { above: 0 });
  }

  /** What the loss is multiplied by for the gradients; `null` for nothing. */
  get lossScaleFactor(): number | null {
    return this.lossScaling;
  }

  /** The size of the next step; may be changed between any two steps, unless it follows a schedule. */
  override get learningRate(): number {
    return this.rate.at(this.iterations);
  }

  /** @throws ConvnetsError for a negative number, or any where the rate follows a schedule; another schedule may. */
  override set learningRate(value: number | LearningRateSchedule) {
    this.rate.set(value);
  }

  /** How many steps were made: batches, also where their gradients are accumulated. */
  override get iterations(): number {
    return this.servedBy?.iterations ?? this.iterations_ ?? 0;
  }

  override set iterations(count: number) {
    this.iterations_ = count;
    this.setBatchCount(count);
  }

  /** The current learning rate as a fresh tensor: the one constant of a step that may change between steps. */
  learningRateTensor(): Scalar {
    return tf.scalar(this.learningRate);
  }

  /**
   * Makes one step.
   *
   * @param gradients A gradient for each variable's name; variables without one stay as they are.
   */
  override applyGradients(gradients: NamedTensorMap | NamedTensor[]): void {
    const pairs = pairUp(gradients);
    if (pairs.length === 0) return;
    this.buildFor(pairs.map(({ variable }) => variable));
    tf.tidy(() => this.applyPairs(pairs));
    this.incrementIterations();
  }

  /** Gradients of a loss that is multiplied by the loss scale, if there is one; its value is as `f` gives it. */
  override computeGradients(
    f: () => Scalar,
    varList?: Variable[],
  ): { value: Scalar; grads: NamedTensorMap } {
    const scale = this.lossScale();
    if (scale === null) return super.computeGradients(f, varList);
    return super.computeGradients(scaledLoss(f, scale), varList);
  }

  /** @internal Makes one step by gradients of the scaled loss, within a tidy. */
  applyPairs(scaled: readonly Pair[]): void {
    const pairs = unscaled(scaled, this.lossScaling);
    const { useEma, emaMomentum, emaOverwriteFrequency, gradientAccumulationSteps } =
      this.averaging;
    if (gradientAccumulationSteps === null) this.moveAll(pairs);
    else {
      const use = {
        every: gradientAccumulationSteps,
        batch: tf.add<Scalar>(this.batchCount!, 1),
        variables: this.changedByStep(),
        move: (means: Pair[]) => this.moveAll(means),
      };
      const withPlaces = pairs.map((pair) => ({
        ...pair,
        accumulator: this.slotOf(pair.variable, "gradientAccumulator"),
      }));
      accumulate(withPlaces, use);
    }
    if (useEma) {
      const made = tf.sub<Scalar>(this.step(), 1);
      const use = { momentum: emaMomentum, every: emaOverwriteFrequency, made };
      renewAverages(this.averages(), use);
    }
    this.batchCount?.assign(tf.add(this.batchCount, 1));
  }

  /**
   * Leaves weights out of `weightDecay`; a later call takes the place of an earlier one. As in Keras it isn't kept in files.
   *
   * @throws InvalidArgumentError for anything but weights and texts, ConvnetsError once the optimizer has trained.
   * @example
   * import { optimizers } from "convnets";
   * const optimizer = optimizers.adamW({ weightDecay: 0.05 });
   * optimizer.excludeFromWeightDecay({ varNames: ["bias", "gamma", "beta"] });
   */
  excludeFromWeightDecay(options: WeightDecayExclusions): void {
    if (this.kernelSlots().length > 0) {
      throw new ConvnetsError(
        "`excludeFromWeightDecay` comes too late: the optimizer has trained.",
      );
    }
    this.isUndecayed = exclusionsOf(options);
  }

  /** @internal How many steps files say were made. */
  override countedSteps(): number {
    const counted = this.servedBy === undefined ? undefined : this.batchCount;
    return counted?.dataSync()[0] ?? this.iterations;
  }

  /** @internal Lets another optimizer scale the loss and decide which steps are made: they count in a variable. */
  serve(outer: KerasOptimizer): void {
    this.lossScaling = null;
    this.servedBy = outer;
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    return {
      name: this.name,
      learningRate: this.rate.config(),
      weightDecay: this.weightDecay,
      clipnorm: this.clipping.clipNorm,
      globalClipnorm: this.clipping.globalClipNorm,
      clipvalue: this.clipping.clipValue,
      ...this.averaging,
      lossScaleFactor: this.lossScaling,
    };
  }

  /** Moves `variable` by one step and renews its slots; runs within a tidy. */
  protected abstract updateStep(variable: Variable, gradient: Tensor, state: StepState): void;

  protected override takeIterations(count: number): void {
    this.iterations = count;
  }

  /** What the loss is multiplied by for the gradients. */
  protected lossScale(): number | Variable | null {
    return this.lossScaling;
  }

  /** Whether steps follow from how many were made. */
  protected override needsCount(): boolean {
    const { useEma, gradientAccumulationSteps } = this.averaging;
    return this.servedBy !== undefined || useEma || gradientAccumulationSteps !== null;
  }

  /** The number of the current step, from 1: of those that move weights. */
  protected step(): Scalar {
    const { gradientAccumulationSteps: every } = this.averaging;
    const made = every === null ? this.batchCount! : tf.floor(tf.div(this.batchCount!, every));
    return tf.add(made, 1);
  }

  /** Share of a variable that is taken off at each step, times the learning rate. */
  protected decayOf(_variable: Variable): number | null {
    return this.weightDecay;
  }

  /** What is done once in each step, before the variables move. */
  protected prepareStep(): void {}

  /** What is done once in each step, after the variables moved. */
  protected finishStep(): void {}

  /** Limits gradients and moves the variables. */
  private moveAll(pairs: readonly Pair[]): void {
    const learningRate = this.learningRateTensor();
    const clipped = clipGradients(
      pairs.map(({ gradient }) => gradient),
      this.clipping,
    );
    for (const { variable } of pairs) this.decay(variable, learningRate);
    this.prepareStep();
    for (const [i, { variable }] of pairs.entries()) {
      const slot = (name: string) => this.slotOf(variable, name);
      this.updateStep(variable, clipped[i]!, { slot, learningRate });
    }
    this.finishStep();
  }

  private decay(variable: Variable, learningRate: Scalar): void {
    const share = this.decayOf(variable);
    if (share === null || this.isUndecayed(variable)) return;
    variable.assign(tf.sub(variable, tf.mul(tf.mul(variable, share), learningRate)));
  }
}
