/** A convolution that never looks ahead: tfjs accepts the padding and then refuses to compute it. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { baseClass, type Config, type LayerClass, tf } from "../../tfjs";

let cls: LayerClass | undefined;

/** `Conv1D` with `padding: "causal"`. */
export function causalConv1DClass(): LayerClass {
  cls ??= define();
  return cls;
}

function define(): LayerClass {
  return class extends baseClass("Conv1D") {
    constructor(config: Config) {
      super({ ...config, padding: "valid" });
    }

    override call(inputs: Tensor | Tensor[], kwargs: Config): Tensor | Tensor[] {
      return tf.tidy(() => {
        const before = (this.kernelSize[0]! - 1) * [this.dilationRate].flat()[0]!;
        const input = (Array.isArray(inputs) ? inputs[0]! : inputs) as Tensor;
        const padded = tf.pad(input, [
          [0, 0],
          [before, 0],
          [0, 0],
        ]);
        return super.call(padded, kwargs);
      });
    }

    override computeOutputShape(inputShape: (number | null)[] | (number | null)[][]) {
      const [batch, steps] = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as (
        | number
        | null
      )[];
      return [batch!, steps == null ? null : Math.ceil(steps / this.strides[0]!), this.filters];
    }

    override getConfig() {
      return { ...super.getConfig(), padding: "causal" };
    }
  };
}
