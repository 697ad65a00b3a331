/** The layer that goes through the time steps of a sequence, whatever its cell computes. */
import type { LayerVariable, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { invalidArgument } from "../errors";
import {
  type ArrangedCall,
  type CallArguments,
  type Shape,
  type TakesArguments,
  tf,
} from "../tfjs";
import type { Config } from "./options";
import { oneShape } from "./plainLayer";
import type { Cell, Pass } from "./recurrentCell";
import type { RNNOptions } from "./recurrentOptions";
import { checkCell, described, describing, StackedRNNCells } from "./stackedCells";

const flags = [
  ...(["returnSequences", "returnState", "goBackwards"] as const),
  ...(["stateful", "unroll", "zeroOutputForMask"] as const),
] as const;

/** What a pass over a sequence begins with. */
interface PassOf {
  initial: Tensor[];
  mask: Tensor | null | undefined;
  training: boolean;
}

/** What time steps give. */
type Given = ReturnType<Pass["step"]>;

/** Goes through a sequence with a cell. */
export class RNN extends tf.layers.Layer implements TakesArguments {
  /** Keras' name of the class. */
  static className = "RNN";
  readonly callArguments: readonly string[] = [];
  /** What is done at each time step. */
  readonly cell: Cell;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly unroll: boolean;
  /** Whether masked time steps give 0; `layers.bidirectional` has it so. */
  zeroOutputForMask: boolean;
  /** The states in which the last batch ended; none of a layer that forgets them. */
  private readonly kept: Variable[] = [];

  constructor(options: RNNOptions) {
    const { cell, ...others } = options;
    for (const name of flags) checkBoolean(name, options[name] ?? undefined);
    super(others as ConstructorParameters<typeof tf.layers.Layer>[0]);
    this.supportsMasking = false; // tfjs would want a mask for each output
    const cells = [cell].flat().map((each) => checkCell("cell", described(each)));
    this.cell = Array.isArray(cell) ? new StackedRNNCells({ cells }) : cells[0]!;
    this.returnSequences = options.returnSequences === true;
    this.returnState = options.returnState === true;
    this.goBackwards = options.goBackwards === true;
    this.unroll = options.unroll === true;
    this.zeroOutputForMask = options.zeroOutputForMask === true;
    this._stateful = options.stateful === true;
  }

  /** First states that a call is given are inputs, after the sequence. */
  arrangeCall({ inputs, kwargs }: ArrangedCall): ArrangedCall {
    const { initialState, ...others } = kwargs;
    if (initialState === undefined || initialState === null) return { inputs, kwargs };
    const states = [initialState].flat(2) as ArrangedCall["inputs"];
    return { inputs: [...inputs, ...states], kwargs: others };
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = ordered(oneShape(inputShape), this.inward(2));
    const step = stepOf(shape);
    if (!this.cell.built) this.cell.build(step);
    this.built = true;
    if (!this.stateful) return;
    if (shape[0] == null) {
      throw invalidArgument("stateful", {
        expected: "false where any number of examples may be in a batch",
        received: true,
        hint: "Say how many there are: `batchInputShape`, or `batchShape` of tf.input.",
      });
    }
    for (const state of this.cell.stateShapes(step)) {
      this.kept.push(tf.tidy(() => tf.variable(tf.zeros(state as number[]), false)));
    }
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const shape = ordered(oneShape(inputShape), this.inward(2));
    const step = stepOf(shape);
    const [batch, ...output] = this.cell.outputOf(step);
    const steps = this.returnSequences ? [shape[1]!] : [];
    const leading = this.returnSequences ? 2 : 1;
    const given = ordered([batch!, ...steps, ...output], this.outward(leading));
    if (!this.returnState) return given;
    return [given, ...this.cell.stateShapes(step).map((state) => ordered(state, this.outward(1)))];
  }

  /** Computes the layer's outputs; the caller disposes them. */
  override call(inputs: Tensor | Tensor[], kwargs: CallArguments = {}): Tensor | Tensor[] {
    return tf.tidy(() => {
      const [sequence, ...given] = [inputs].flat() as [Tensor, ...Tensor[]];
      const arranged = turned(sequence, this.inward(2));
      const first = given.map((state) => turned(state, this.inward(1)));
      const { output, states } = this.pass(arranged, {
        initial: first.length > 0 ? first : this.firstStates(arranged),
        mask: kwargs.mask as Tensor | null | undefined,
        training: kwargs.training === true,
      });
      for (const [i, variable] of this.kept.entries()) variable.assign(states[i]!);
      const result = turned(output, this.outward(this.returnSequences ? 2 : 1));
      if (!this.returnState) return result;
      return [result, ...states.map((state) => turned(state, this.outward(1)))];
    });
  }

  private firstStates(sequence: Tensor): Tensor[] {
    const [batch] = sequence.shape;
    if (!this.stateful) {
      const shapes = this.cell.stateShapes(stepOf(sequence.shape));
      return shapes.map((shape) => tf.zeros(shape as number[]));
    }
    if (this.kept[0]!.shape[0] !== batch) {
      throw invalidArgument("inputs", {
        expected: `${this.kept[0]!.shape[0]} examples, as many as the layer keeps states of`,
        received: batch,
      });
    }
    // Their values as of now: the variables change before gradients are asked for.
    return this.kept.map((variable) => tf.clone<Tensor>(variable));
  }

  private pass(sequence: Tensor, { initial, mask, training }: PassOf): Given {
    const input = stepOf(sequence.shape) as number[];
    const count = this.cell.stateShapes(input).length;
    if (initial.length !== count) {
      throw invalidArgument("initialState", {
        expected: `a tensor for each of ${count} states`,
        received: `${initial.length}`,
      });
    }
    const cell = this.cell.begin({ training, input, states: initial.map(({ shape }) => shape) });
    const projected = tf.unstack(cell.project(this.inTime(sequence)));
    const counts = mask == null ? undefined : tf.unstack(this.inTime(tf.cast(mask, "bool")));
    const outputs: Tensor[] = [];
    let states = initial;
    for (const [step, seen] of projected.entries()) {
      const isCounted = counts?.[step];
      const [output, ...next] = tf.tidy(() => {
        const stepped = cell.step(seen, states);
        if (isCounted === undefined) return [stepped.output, ...stepped.states];
        return this.masked(isCounted, { ...stepped, before: states, last: outputs.at(-1) });
      });
      states = next;
      if (this.returnSequences) outputs.push(output!);
      else outputs[0] = output!;
    }
    return { output: this.returnSequences ? tf.stack(outputs, 1) : outputs[0]!, states };
  }

  /** A time step that doesn't count leaves the states as they are, and gives what was given before. */
  private masked(
    isCounted: Tensor,
    { output, states, before, last }: Given & { before: Tensor[]; last: Tensor | undefined },
  ): Tensor[] {
    const choose = (now: Tensor, otherwise: Tensor) => {
      const sizes = now.shape.slice(isCounted.rank).map(() => 1);
      return tf.where(tf.reshape(isCounted, [...isCounted.shape, ...sizes]), now, otherwise);
    };
    const isZero = this.zeroOutputForMask || last === undefined;
    return [
      choose(output, isZero ? tf.zerosLike(output) : last),
      ...states.map((state, i) => choose(state, before[i]!)),
    ];
  }

  /** The steps of a sequence, one after another. */
  private inTime(sequence: Tensor): Tensor {
    const axes = sequence.shape.map((_, axis) => (axis < 2 ? 1 - axis : axis));
    const steps = tf.transpose(sequence, axes);
    return this.goBackwards ? tf.reverse(steps, 0) : steps;
  }

  /** In which order the cell has the axes of a tensor, of which `leading` are batch and time; undefined for its own. */
  protected inward(_leading: number): number[] | undefined {
    return undefined;
  }

  /** In which order the layer gives what the cell has. */
  protected outward(_leading: number): number[] | undefined {
    return undefined;
  }

  /** Brings the states that the layer keeps to 0. */
  override resetStates(): void {
    for (const variable of this.kept) {
      tf.tidy(() => variable.assign(tf.zerosLike<Tensor>(variable)));
    }
  }

  override get trainableWeights(): LayerVariable[] {
    return this.trainable && this.cell ? this.cell.trainableWeights : [];
  }

  override get nonTrainableWeights(): LayerVariable[] {
    if (!this.cell) return [];
    return this.trainable ? this.cell.nonTrainableWeights : this.cell.weights;
  }

  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    this.cell.setFastWeightInitDuringBuild(value);
  }

  /** Frees the states that the layer keeps. */
  freeStates(): void {
    tf.dispose(this.kept);
  }

  protected override disposeWeights(): number {
    this.freeStates();
    return super.disposeWeights();
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const options = Object.fromEntries(
      flags.filter((name) => name !== "zeroOutputForMask").map((name) => [name, this[name]]),
    );
    const zeroes = this.zeroOutputForMask && { zeroOutputForMask: true };
    return { ...super.getConfig(), ...options, ...zeroes, ...this.ownConfig() };
  }

  /** What the cell is made of. */
  protected ownConfig(): Config {
    return { cell: describing(this.cell) as never };
  }
}

/** The shape of one time step. */
const stepOf = ([batch, , ...sizes]: Shape): Shape => [batch!, ...sizes];

const ordered = (shape: Shape, axes: number[] | undefined): Shape =>
  axes?.map((axis) => shape[axis]!) ?? shape;

const turned = (tensor: Tensor, axes: number[] | undefined): Tensor =>
  axes === undefined ? tensor : tf.transpose(tensor, axes);
