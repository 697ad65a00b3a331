/** Keras' own GRU: the reset gate is applied after the recurrent product, which tfjs' GRU can't do. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { baseClass, type Config, type LayerClass, registerClass, tf } from "../../tfjs";

let resetAfterGru: LayerClass | undefined;

/** `GRU` with `reset_after=True`, Keras' default. */
export function gruClass(): LayerClass {
  resetAfterGru ??= defineClasses();
  return resetAfterGru;
}

/**
 * Made on first use, from tfjs' registered classes, which have no exported names.
 *
 * @see Chung et al., https://arxiv.org/abs/1412.3555 (the formula that cuDNN computes)
 */
function defineClasses(): LayerClass {
  class ResetAfterGRUCell extends baseClass("GRUCell") {
    static className = "ResetAfterGRUCell";

    constructor(config: Config) {
      super({ ...config, resetAfter: false });
    }

    override build(inputShape: number[] | number[][]): void {
      const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as number[];
      const gates = 3 * this.units;
      const add = (name: string, size: number[], what: "kernel" | "recurrent" | "bias") =>
        this.addWeight(
          name,
          size,
          "float32",
          this[`${what}Initializer`],
          this[`${what}Regularizer`],
          true,
          this[`${what}Constraint`],
        );
      this.kernel = add("kernel", [shape.at(-1)!, gates], "kernel");
      this.recurrentKernel = add("recurrent_kernel", [this.units, gates], "recurrent");
      this.bias = this.useBias ? add("bias", [2, gates], "bias") : null; // input's, then state's
      this.built = true;
    }

    override call(inputs: Tensor | Tensor[], kwargs: { training?: boolean }): Tensor[] {
      return tf.tidy(() => {
        const [x, state] = inputs as [Tensor, Tensor];
        const training = kwargs.training === true;
        this.dropoutMask ??= mask(x, this.dropout, training);
        this.recurrentDropoutMask ??= mask(state, this.recurrentDropout, training);
        const input = this.dropoutMask ? tf.mul(x, this.dropoutMask as Tensor) : x;
        const recurrent = this.recurrentDropoutMask
          ? tf.mul(state, this.recurrentDropoutMask as Tensor)
          : state;

        let fromInput = tf.matMul(input, this.kernel.read());
        let fromState = tf.matMul(recurrent, this.recurrentKernel.read());
        if (this.bias !== null) {
          const [inputBias, stateBias] = tf.unstack(this.bias.read());
          fromInput = tf.add(fromInput, inputBias!);
          fromState = tf.add(fromState, stateBias!);
        }
        const [updateIn, resetIn, candidateIn] = tf.split(fromInput, 3, 1);
        const [updateState, resetState, candidateState] = tf.split(fromState, 3, 1);
        const update = this.recurrentActivation.apply(tf.add(updateIn!, updateState!));
        const reset = this.recurrentActivation.apply(tf.add(resetIn!, resetState!));
        const candidate = this.activation.apply(
          tf.add(candidateIn!, tf.mul(reset, candidateState!)),
        );
        const next = tf.add(tf.mul(update, state), tf.mul(tf.sub(1, update), candidate));
        return [next, next];
      });
    }

    override getConfig() {
      return { ...super.getConfig(), resetAfter: true };
    }
  }

  class ResetAfterGRU extends baseClass("GRU") {
    static className = "ResetAfterGRU";

    constructor(config: Config) {
      super({ ...config, resetAfter: false });
      this.cell = new ResetAfterGRUCell(config);
    }
  }

  registerClass(ResetAfterGRUCell);
  registerClass(ResetAfterGRU);
  return ResetAfterGRU;
}

/** One mask for all time steps of a call; tfjs' GRU drops it before the next call. */
function mask(like: Tensor, rate: number, training: boolean): Tensor | null {
  return training && rate > 0 ? tf.keep(tf.dropout(tf.onesLike(like), rate)) : null;
}
