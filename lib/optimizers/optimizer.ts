/** What Keras' optimizers have in common. */
import type {
  NamedTensorMap,
  Scalar,
  serialization,
  Tensor,
  Variable,
} from "@tensorflow/tfjs-node-gpu";
import { checkText } from "../checks";
import { ConvnetsError } from "../errors";
import { refuseWhileTrained, slotNames, tf } from "../tfjs";
import { type Clipping, clipGradients } from "./clip";
import { type OptimizerConfig, optionsFromConfig, snakeCase } from "./config";
import { clippingOf, notNegative, type OptimizerOptions } from "./options";
import { LearningRate } from "./rate";
import type { LearningRateSchedule } from "./schedules";
import {
  assignAll,
  type NamedTensor,
  pairUp,
  type Slots,
  type StepState,
  type VariableSlots,
} from "./state";

/**
 * An optimizer with Keras 3's formulas, defaults and state.
 *
 * Every step is the same list of ops: what changes from step to step is held in variables, except the
 * learning rate, which comes from `learningRateTensor()`. So one traced step serves as every step.
 */
export abstract class KerasOptimizer extends tf.Optimizer {
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
  /** @internal The learning rate, or what it follows. */
  readonly rate: LearningRate;
  /** The variables that the optimizer was last built for, in the order of the model's weights. */
  private variables: Variable[] = [];
  private readonly kept = new Map<Variable, Slots>();
  private postponed: NamedTensor[] | undefined;

  constructor(options: OptimizerOptions, defaults: { learningRate: number }) {
    super();
    checkText("name", options.name ?? undefined, { what: "a name" });
    this.name = options.name ?? this.getClassName().toLowerCase();
    this.rate = new LearningRate(options.learningRate ?? defaults.learningRate);
    this.weightDecay = options.weightDecay ?? null;
    if (this.weightDecay !== null) notNegative("weightDecay", this.weightDecay);
    this.clipping = clippingOf(options);
  }

  /** The size of the next step; may be changed between any two steps, unless it follows a schedule. */
  get learningRate(): number {
    return this.rate.at(this.iterations);
  }

  /** @throws ConvnetsError for a negative number, or any where the rate follows a schedule; another schedule may. */
  set learningRate(value: number | LearningRateSchedule) {
    this.rate.set(value);
  }

  /** How many steps were made. */
  override get iterations(): number {
    return this.iterations_ ?? 0;
  }

  override set iterations(count: number) {
    this.iterations_ = count;
    this.onIterationsSet(count);
  }

  /** The current learning rate as a fresh tensor: the one constant of a step that may change between steps. */
  learningRateTensor(): Scalar {
    return tf.scalar(this.learningRate);
  }

  /** Makes the slots of the model's trainable variables, which come in its order; those that have theirs keep them. */
  build(variables: Variable[]): void {
    for (const variable of variables) {
      if (this.kept.has(variable)) continue;
      const make = (slot: string) =>
        [slot, this.makeVariable(variable.shape, this.initialValue(slot))] as const;
      const slots = Object.fromEntries(this.slotGroups().flat().map(make));
      this.kept.set(variable, slots);
    }
    this.variables = [...variables];
    this.buildShared();
    if (this.postponed !== undefined) {
      this.assignWeights(this.postponed);
      tf.dispose(this.postponed.map(({ tensor }) => tensor));
      this.postponed = undefined;
    }
  }

  /** The variables of the last `build` with their slots, for passes that replace a step by a fused kernel. */
  kernelSlots(): VariableSlots[] {
    return this.variables.map((variable) => ({ variable, slots: this.kept.get(variable)! }));
  }

  /** Variables that serve all weights at once, such as a count of steps. */
  sharedVariables(): Variable[] {
    return [];
  }

  /**
   * Makes one step.
   *
   * @param gradients A gradient for each variable's name; variables without one stay as they are.
   */
  override applyGradients(gradients: NamedTensorMap | NamedTensor[]): void {
    const pairs = pairUp(gradients);
    if (pairs.length === 0) return;
    const unknown = pairs.filter(({ variable }) => !this.kept.has(variable));
    if (unknown.length > 0) {
      this.build([...this.variables, ...unknown.map(({ variable }) => variable)]);
    }
    tf.tidy(() => {
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
    });
    this.incrementIterations();
  }

  /** Frees every variable the optimizer made. */
  override dispose(): void {
    for (const slots of this.kept.values()) tf.dispose(Object.values(slots));
    tf.dispose([this.sharedVariables(), this.postponed?.map(({ tensor }) => tensor) ?? []]);
    this.kept.clear();
    this.variables = [];
    this.postponed = undefined;
  }

  /** The optimizer's variables with Keras' names, in Keras' order, without iteration and learning rate. */
  namedVariables(): { name: string; variable: Variable }[] {
    return this.slotGroups().flatMap((group) =>
      this.variables.flatMap((variable) =>
        group.map((slot) => ({
          name: `${variable.name.replaceAll("/", "_")}_${snakeCase(slot)}`,
          variable: this.slotOf(variable, slot),
        })),
      ),
    );
  }

  /**
   * The optimizer's whole state in Keras' order: iteration (int32), learning rate, then the slots.
   *
   * @returns Copies; the caller disposes them.
   */
  override async getWeights(): Promise<NamedTensor[]> {
    return [
      { name: "iteration", tensor: tf.scalar(this.iterations, "int32") },
      { name: "learning_rate", tensor: tf.scalar(this.learningRate) },
      ...this.namedVariables().map(({ name, variable }) => ({ name, tensor: variable.clone() })),
    ];
  }

  /**
   * Takes over a state that `getWeights` returned, here or of tfjs' optimizer of the same name. An optimizer
   * that is not built yet takes it when it is.
   *
   * @param weights Tensors in `getWeights`' order; they stay the caller's.
   * @throws InvalidArgumentError when their number or shapes don't fit; ConvnetsError while a `fit` trains with it.
   */
  override async setWeights(weights: NamedTensor[]): Promise<void> {
    refuseWhileTrained(this, "setWeights");
    if (this.variables.length > 0) return this.assignWeights(weights);
    tf.dispose(this.postponed?.map(({ tensor }) => tensor) ?? []);
    this.postponed = weights.map(({ name, tensor }) => ({ name, tensor: tf.keep(tensor.clone()) }));
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
    };
  }

  /** Names of the slots of one variable, for a class of one's own; Keras lists each group variable by variable. */
  protected slotGroups(): string[][] {
    return slotNames(this.getClassName(), this)?.groups ?? [];
  }

  /** Moves `variable` by one step and renews its slots; runs within a tidy. */
  protected abstract updateStep(variable: Variable, gradient: Tensor, state: StepState): void;

  /** What all elements of a new slot hold. */
  protected initialValue(_slot: string): number {
    return 0;
  }

  /** Makes the variables of `sharedVariables`, unless they exist. */
  protected buildShared(): void {}

  /** What is done once in each step, before the variables move. */
  protected prepareStep(): void {}

  /** What is done once in each step, after the variables moved. */
  protected finishStep(): void {}

  protected onIterationsSet(_count: number): void {}

  protected makeVariable(shape: number[], value: number): Variable {
    return tf.tidy(() => tf.variable(tf.fill(shape, value), false));
  }

  private decay(variable: Variable, learningRate: Scalar): void {
    if (this.weightDecay === null) return;
    variable.assign(tf.sub(variable, tf.mul(tf.mul(variable, this.weightDecay), learningRate)));
  }

  private assignWeights(weights: NamedTensor[]): void {
    const fromTfjs = weights[0]?.name === "iter"; // no learning rate, and slots kind by kind
    const byVariable = () => this.namedVariables().map(({ variable }) => variable);
    const variables = fromTfjs ? this.slotsByKind() : byVariable();
    const [iteration, learningRate] = weights.map(({ tensor }) => tensor);
    const slots = weights.slice(fromTfjs ? 1 : 2).map(({ tensor }) => tensor);
    assignAll(variables, slots, this.getClassName());
    this.iterations = iteration!.dataSync()[0]!;
    if (!fromTfjs) this.rate.restore(learningRate!.dataSync()[0]!);
  }

  private slotsByKind(): Variable[] {
    const kinds = this.slotGroups().flat();
    return kinds.flatMap((kind) => this.variables.map((variable) => this.slotOf(variable, kind)));
  }

  private slotOf(variable: Variable, name: string): Variable {
    const slot = this.kept.get(variable)?.[name];
    if (slot !== undefined) return slot;
    throw new ConvnetsError(`${this.getClassName()} keeps no "${name}" for ${variable.name}.`);
  }
}
