/** The cells of recurrent layers. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { type Config, type Shape, tf } from "../tfjs";
import { type Pass, type PassOptions, RecurrentCell } from "./recurrentCell";
import type { GatedOptions, SimpleRNNCellOptions } from "./recurrentOptions";

/** Options of `layers.lstmCell`. */
export interface LSTMCellOptions extends SimpleRNNCellOptions, GatedOptions {
  /** Whether the bias of the gate that forgets begins with 1. @default true */
  unitForgetBias?: boolean;
}

/** Options of `layers.gruCell`. */
export interface GRUCellOptions extends SimpleRNNCellOptions, GatedOptions {
  /** Whether the reset gate comes after the product with the state, as cuDNN computes it, or before. @default true */
  resetAfter?: boolean;
}

/** One activation of input and state. */
export class SimpleRNNCell extends RecurrentCell {
  /** Keras' name of the class. */
  static className = "SimpleRNNCell";

  protected get gates(): number {
    return 1;
  }

  begin(options: PassOptions): Pass {
    const { ofInputs, masks } = this.products(options);
    const ofState = this.ofStates(this.recurrentKernel.read(), masks);
    return {
      project: ofInputs,
      step: (projected, [state]) => {
        const output = this.activation.apply(tf.add(projected, ofState(state!)));
        return { output, states: [output] };
      },
    };
  }
}

/**
 * Gates for what is taken in, kept and given out, with a state for the output and one that is carried.
 *
 * @see Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9 (1997)
 */
export class LSTMCell extends RecurrentCell {
  /** Keras' name of the class. */
  static className = "LSTMCell";
  private readonly unitForgetBias: boolean;

  constructor(config: Config) {
    checkBoolean("unitForgetBias", config.unitForgetBias ?? undefined);
    super(config);
    this.unitForgetBias = (config.unitForgetBias as boolean | null | undefined) ?? true;
  }

  protected get gates(): number {
    return 4;
  }

  override stateShapes(input: Shape): Shape[] {
    const [shape] = super.stateShapes(input);
    return [shape!, [...shape!]];
  }

  protected override firstBias(): typeof this.biasInitializer {
    const { biasInitializer: initializer, units } = this;
    if (!this.unitForgetBias) return initializer;
    const apply = () =>
      tf.tidy(() =>
        tf.concat([initializer.apply([units]), tf.ones([units]), initializer.apply([2 * units])]),
      );
    return Object.create(initializer, { apply: { value: apply } });
  }

  begin(options: PassOptions): Pass {
    const { ofInputs, masks } = this.products(options);
    const ofState = this.ofStates(this.recurrentKernel.read(), masks);
    return {
      project: ofInputs,
      step: (projected, [state, carry]) => {
        const sum = tf.add(projected, ofState(state!));
        const [take, keep, candidate, give] = tf
          .split(sum, 4, sum.rank - 1)
          .map((part, i) => (i === 2 ? this.activation : this.recurrentActivation).apply(part)) as [
          Tensor,
          Tensor,
          Tensor,
          Tensor,
        ];
        const next = tf.add(tf.mul(keep, carry!), tf.mul(take, candidate));
        const output = tf.mul(give, this.activation.apply(next));
        return { output, states: [output, next] };
      },
    };
  }

  /** The cell's options, as plain data. */
  override getConfig() {
    return { ...super.getConfig(), unitForgetBias: this.unitForgetBias };
  }
}

/**
 * Gates for how much of the state stays, and how much of it the candidate sees.
 *
 * @see Chung et al., https://arxiv.org/abs/1412.3555 (with `resetAfter` the formula that cuDNN computes)
 */
export class GRUCell extends RecurrentCell {
  /** Keras' name of the class. */
  static className = "GRUCell";
  private readonly resetAfter: boolean;

  constructor(config: Config) {
    checkBoolean("resetAfter", config.resetAfter ?? undefined);
    super(config);
    this.resetAfter = (config.resetAfter as boolean | null | undefined) ?? true;
  }

  protected get gates(): number {
    return 3;
  }

  /** With the reset after the product inputs and states have a bias each. */
  protected override biasShape(): number[] {
    return this.resetAfter ? [2, ...super.biasShape()] : super.biasShape();
  }

  private biases(): Tensor[] {
    if (this.bias === null) return [];
    const bias = this.bias.read();
    return this.resetAfter ? tf.unstack(bias) : [bias];
  }

  protected override inputBias(): Tensor | undefined {
    return this.biases()[0];
  }

  begin(options: PassOptions): Pass {
    const { ofInputs, masks } = this.products(options);
    const candidate = this.resetAfter ? this.resetLate(masks) : this.resetEarly(masks);
    return {
      project: ofInputs,
      step: (projected, [state]) => {
        const { update, next } = candidate(projected, state!);
        const output = tf.add(tf.mul(update, state!), tf.mul(tf.sub(1, update), next));
        return { output, states: [output] };
      },
    };
  }

  private resetLate(masks: Tensor[] | undefined) {
    const product = this.ofStates(this.recurrentKernel.read(), masks);
    const bias = this.biases()[1];
    return (projected: Tensor, state: Tensor) => {
      const fromState = bias === undefined ? product(state) : tf.add(product(state), bias);
      const [updateIn, resetIn, candidateIn] = tf.split(projected, 3, 1);
      const [updateState, resetState, candidateState] = tf.split(fromState, 3, 1);
      const update = this.recurrentActivation.apply(tf.add(updateIn!, updateState!));
      const reset = this.recurrentActivation.apply(tf.add(resetIn!, resetState!));
      const sum = tf.add(candidateIn!, tf.mul(reset, candidateState!));
      return { update, next: this.activation.apply(sum) };
    };
  }

  private resetEarly(masks: Tensor[] | undefined) {
    const [ofGates, ofCandidate] = tf.split(
      this.recurrentKernel.read(),
      [2 * this.units, this.units],
      1,
    );
    const gates = this.ofStates(ofGates!, masks?.slice(0, 2));
    const product = this.ofStates(ofCandidate!, masks?.slice(2));
    return (projected: Tensor, state: Tensor) => {
      const [gatesIn, candidateIn] = tf.split(projected, [2 * this.units, this.units], 1);
      const both = this.recurrentActivation.apply(tf.add(gatesIn!, gates(state)));
      const [update, reset] = tf.split(both, 2, 1);
      const sum = tf.add(candidateIn!, product(tf.mul(reset!, state)));
      return { update: update!, next: this.activation.apply(sum) };
    };
  }

  /** The cell's options, as plain data. */
  override getConfig() {
    return { ...super.getConfig(), resetAfter: this.resetAfter };
  }
}
