/** A loss scale that follows what gradients can bear. */
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import { checkNumber, checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import type { OptimizerConfig } from "./config";
import { KerasOptimizer } from "./optimizer";
import { unscaled } from "./scale";
import { serialize } from "./serialize";
import { onlyIf, type Pair } from "./state";

/** Options of `optimizers.lossScaleOptimizer`. */
export interface LossScaleOptimizerOptions {
  /** What moves the weights; its learning rate, clipping and averages are used, its own loss scale isn't. */
  innerOptimizer: KerasOptimizer;
  /** What the loss is multiplied by at first. @default 32768 */
  initialScale?: number;
  /** After how many steps without a broken gradient the scale is doubled. @default 2000 */
  dynamicGrowthSteps?: number;
  /** Name of the optimizer. @default "loss_scale_optimizer" */
  name?: string;
}

/**
 * Multiplies the loss, so that small gradients aren't lost, and leaves out steps whose gradients became infinite.
 *
 * Such a step halves the scale. `iterations` and learning-rate schedules count it, other than in Keras, until the model
 * is saved.
 *
 * @see https://keras.io/api/optimizers/loss_scale_optimizer/
 */
export class LossScaleOptimizer extends KerasOptimizer {
  /** Keras' name of the class. */
  static override className = "LossScaleOptimizer";
  /** What moves the weights. */
  readonly innerOptimizer: KerasOptimizer;
  /** What the loss is multiplied by at first. */
  readonly initialScale: number;
  /** After how many steps without a broken gradient the scale is doubled. */
  readonly dynamicGrowthSteps: number;
  private stepCounter: Variable | undefined;
  private dynamicScale: Variable | undefined;

  constructor(options: LossScaleOptimizerOptions) {
    const { innerOptimizer: inner, initialScale = 2 ** 15, dynamicGrowthSteps = 2000 } = options;
    if (!(inner instanceof KerasOptimizer) || inner instanceof LossScaleOptimizer) {
      throw invalidArgument("innerOptimizer", {
        expected: "another optimizer of this library",
        received: inner,
      });
    }
    checkNumber("initialScale", initialScale, { above: 0, required: true });
    checkWhole("dynamicGrowthSteps", dynamicGrowthSteps, { low: 1, required: true });
    const defaults = { learningRate: inner.rate, name: "loss_scale_optimizer" };
    super({ name: options.name }, defaults);
    this.innerOptimizer = inner;
    this.initialScale = initialScale;
    this.dynamicGrowthSteps = dynamicGrowthSteps;
    inner.serve(this);
  }

  /** How many steps were made, with those that were left out. */
  override get iterations(): number {
    return super.iterations;
  }

  override set iterations(count: number) {
    super.iterations = count;
    this.innerOptimizer.iterations = count;
  }

  override build(variables: Variable[]): void {
    this.innerOptimizer.build(variables);
    super.build(variables);
  }

  /** Variables that serve all weights at once, such as a count of steps. */
  override sharedVariables(): Variable[] {
    const own = [this.stepCounter, this.dynamicScale].filter((each) => each !== undefined);
    return [...super.sharedVariables(), ...own];
  }

  /** The optimizer's variables with Keras' names, in Keras' order, without iteration and learning rate. */
  override namedVariables(): { name: string; variable: Variable }[] {
    const { stepCounter, dynamicScale } = this.scale();
    if (stepCounter === undefined || dynamicScale === undefined) return [];
    return [
      { name: "step_counter", variable: stepCounter },
      { name: "dynamic_scale", variable: dynamicScale },
      ...this.innerOptimizer.namedVariables(),
    ];
  }

  /** What the loss is multiplied by, and how many steps in a row had no broken gradient; from `build` on. */
  scale(): { stepCounter: Variable | undefined; dynamicScale: Variable | undefined } {
    return { stepCounter: this.stepCounter, dynamicScale: this.dynamicScale };
  }

  override applyPairs(pairs: readonly Pair[]): void {
    const { innerOptimizer: inner } = this;
    const [counter, scale] = [this.stepCounter!, this.dynamicScale!];
    const isSound = tf.all(tf.stack(pairs.map(({ gradient }) => tf.all(tf.isFinite(gradient)))));
    const change = () => inner.applyPairs(unscaled(pairs, scale));
    onlyIf(isSound, { variables: inner.changedByStep(), change });
    const isDue = tf.equal(counter, this.dynamicGrowthSteps - 1);
    const isCounted = tf.logicalAnd(isSound, tf.logicalNot(isDue));
    const growth = tf.where(isDue, tf.scalar(2), tf.scalar(1));
    scale.assign(tf.mul(scale, tf.where(isSound, growth, tf.scalar(0.5))));
    counter.assign(tf.where(isCounted, tf.add(counter, 1), tf.scalar(0)));
  }

  override countedSteps(): number {
    return this.innerOptimizer.countedSteps();
  }

  override get keepsAverages(): boolean {
    return this.innerOptimizer.keepsAverages;
  }

  override finalizeVariableValues(): void {
    this.innerOptimizer.finalizeVariableValues();
  }

  override swapAverages(): void {
    this.innerOptimizer.swapAverages();
  }

  override get hasAveragesInModel(): boolean {
    return this.innerOptimizer.hasAveragesInModel;
  }

  override set hasAveragesInModel(value: boolean) {
    this.innerOptimizer.hasAveragesInModel = value;
  }

  override changedByStep(): Variable[] {
    return [...this.innerOptimizer.changedByStep(), ...this.sharedVariables()];
  }

  /** Frees every variable the optimizer made, and the inner optimizer's. */
  override dispose(): void {
    super.dispose();
    this.stepCounter = undefined;
    this.dynamicScale = undefined;
    this.innerOptimizer.dispose();
  }

  /** The options of this optimizer, with Keras' names in camel case. */
  override getConfig(): OptimizerConfig {
    const { name, initialScale, dynamicGrowthSteps } = this;
    const innerOptimizer = serialize(this.innerOptimizer);
    return { name, innerOptimizer, initialScale, dynamicGrowthSteps };
  }

  protected override slotGroups(): string[][] {
    return [];
  }

  protected override buildShared(): void {
    this.stepCounter ??= this.makeVariable([], 0);
    this.dynamicScale ??= this.makeVariable([], this.initialScale);
  }

  protected override lossScale(): number | Variable {
    return this.dynamicScale ?? this.initialScale;
  }

  /** The inner optimizer moves the weights. */
  protected override updateStep(): void {}
}
