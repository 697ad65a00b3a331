/** What an optimizer keeps: variables for each weight, a count of batches, and all of it as weights. */
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError } from "../errors";
import { commonSlots, ownSlots, refuseWhileTrained, tf } from "../tfjs";
import { swapAverages } from "./averages";
import { snakeCase } from "./config";
import type { Averaging } from "./options";
import type { LearningRate } from "./rate";
import { assignAll, type NamedTensor, type Slots, type VariableSlots } from "./state";

/** Those whose averages are in the model. It is no field, of which a change would have a step traced again. */
const swapped = new WeakSet<KeepingOptimizer>();

/** The part of Keras' optimizers that keeps, without what moves weights. */
export abstract class KeepingOptimizer extends tf.Optimizer {
  /** Averages of weights and of gradients. */
  abstract readonly averaging: Readonly<Averaging>;
  /** @internal The learning rate, or what it follows. */
  abstract readonly rate: LearningRate;
  /** The size of the next step. */
  abstract get learningRate(): number;
  /** The number of batches, where a compiled step can count on; exact up to 2^24. */
  protected batchCount: Variable | undefined;
  /** The variables that the optimizer was last built for, in the order of the model's weights. */
  private variables: Variable[] = [];
  private readonly kept = new Map<Variable, Slots>();
  private postponed: NamedTensor[] | undefined;

  /** Makes the slots of the model's trainable variables, which come in its order; those that have theirs keep them. */
  build(variables: Variable[]): void {
    for (const variable of variables) {
      if (this.kept.has(variable)) continue;
      const slots: Record<string, Variable> = {};
      for (const [slot] of commonSlots(this.averaging)) {
        slots[slot!] = this.makeVariable(variable.shape, 0);
      }
      for (const slot of this.slotGroups().flat()) {
        const made = this.makeSlot(slot, variable);
        if (made !== undefined) slots[slot] = made;
      }
      this.kept.set(variable, slots);
    }
    this.variables = [...variables];
    if (this.needsCount()) this.batchCount ??= this.makeVariable([], this.iterations);
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
    return this.batchCount === undefined ? [] : [this.batchCount];
  }

  /** @internal All that a step may change: the variables of the last `build`, and what is kept for them. */
  changedByStep(): Variable[] {
    const slots = [...this.kept.values()].flatMap((each) => Object.values(each));
    return [...this.variables, ...slots, ...this.sharedVariables()];
  }

  /** @internal How many steps files say were made. */
  abstract countedSteps(): number;

  /** @internal Whether `finalizeVariableValues` changes anything. */
  get keepsAverages(): boolean {
    return this.averaging.useEma;
  }

  /** Lets the weights of the last `build` become their moving averages, as `fit` does after its last epoch. */
  finalizeVariableValues(): void {
    if (!this.averaging.useEma) return;
    const isThere = this.hasAveragesInModel;
    for (const { variable, average } of this.averages()) {
      if (isThere) average.assign(variable);
      else variable.assign(average);
    }
    this.hasAveragesInModel = false;
  }

  /** @internal Lets weights and their averages change places. */
  swapAverages(): void {
    swapAverages(this.averages());
    this.hasAveragesInModel = !this.hasAveragesInModel;
  }

  /** @internal Whether the model has the averages, and the optimizer the weights. */
  get hasAveragesInModel(): boolean {
    return swapped.has(this);
  }

  /** @internal */
  set hasAveragesInModel(value: boolean) {
    if (value) swapped.add(this);
    else swapped.delete(this);
  }

  /** Frees every variable the optimizer made. */
  override dispose(): void {
    for (const slots of this.kept.values()) tf.dispose(Object.values(slots));
    tf.dispose([this.sharedVariables(), this.postponed?.map(({ tensor }) => tensor) ?? []]);
    this.kept.clear();
    this.batchCount = undefined;
    this.variables = [];
    this.postponed = undefined;
  }

  /** The optimizer's variables with Keras' names, in Keras' order, without iteration and learning rate. */
  namedVariables(): { name: string; variable: Variable }[] {
    const groups = [...commonSlots(this.averaging), ...this.slotGroups()];
    return groups.flatMap((group) =>
      this.variables.flatMap((of) =>
        group.flatMap((slot) => {
          const variable = this.kept.get(of)?.[slot];
          const name = `${of.name.replaceAll("/", "_")}_${snakeCase(slot)}`;
          return variable === undefined ? [] : [{ name, variable }];
        }),
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
      { name: "iteration", tensor: tf.scalar(this.countedSteps(), "int32") },
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

  /** Names of the slots of one variable, for a class of one's own; Keras lists each group variable by variable. */
  protected slotGroups(): string[][] {
    return ownSlots(this.getClassName(), this) ?? [];
  }

  /** What all elements of a new slot hold. */
  protected initialValue(_slot: string): number {
    return 0;
  }

  /** A new slot; none where a variable has none of this name. */
  protected makeSlot(slot: string, variable: Variable): Variable | undefined {
    return this.makeVariable(variable.shape, this.initialValue(slot));
  }

  /** Makes the variables of `sharedVariables`, unless they exist. */
  protected buildShared(): void {}

  /** Whether steps follow from how many were made. */
  protected abstract needsCount(): boolean;

  /** Makes the slots of variables that have none. */
  protected buildFor(variables: Variable[]): void {
    const unknown = variables.filter((variable) => !this.kept.has(variable));
    if (unknown.length > 0) this.build([...this.variables, ...unknown]);
  }

  /** Goes on as if so many steps had been made. */
  protected abstract takeIterations(count: number): void;

  protected setBatchCount(count: number): void {
    tf.tidy(() => this.batchCount?.assign(tf.scalar(count)));
  }

  protected makeVariable(shape: number[], value: number): Variable {
    return tf.tidy(() => tf.variable(tf.fill(shape, value), false));
  }

  /** Each variable of the last `build` with its moving average. */
  protected averages(): { variable: Variable; average: Variable }[] {
    return this.variables.map((variable) => ({
      variable,
      average: this.slotOf(variable, "average"),
    }));
  }

  private assignWeights(weights: NamedTensor[]): void {
    const fromTfjs = weights[0]?.name === "iter"; // no learning rate, and slots kind by kind
    const byVariable = () => this.namedVariables().map(({ variable }) => variable);
    const variables = fromTfjs ? this.slotsByKind() : byVariable();
    const [iteration, learningRate] = weights.map(({ tensor }) => tensor);
    const slots = weights.slice(fromTfjs ? 1 : 2).map(({ tensor }) => tensor);
    assignAll(variables, slots, this.getClassName());
    this.takeIterations(iteration!.dataSync()[0]!);
    if (!fromTfjs) this.rate.restore(learningRate!.dataSync()[0]!);
  }

  private slotsByKind(): Variable[] {
    const kinds = this.slotGroups().flat();
    return kinds.flatMap((kind) => this.variables.map((variable) => this.slotOf(variable, kind)));
  }

  /** What is kept for a variable under a name. */
  protected slotOf(variable: Variable, name: string): Variable {
    const slot = this.kept.get(variable)?.[name];
    if (slot !== undefined) return slot;
    throw new ConvnetsError(`${this.getClassName()} keeps no "${name}" for ${variable.name}.`);
  }
}
