/** A convolution that never looks ahead: tfjs accepts the padding and then refuses to compute it. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { type Config, type LayerClass, layerClass, tf } from "../../tfjs";

/** tfjs' fields. */
interface Convolution {
  padding: string;
  kernelSize: number[];
  strides: number[];
  dilationRate: number[] | number;
}

let cls: LayerClass | undefined;

/** `Conv1D` with `padding: "causal"`. */
export function causalConv1DClass(): LayerClass {
  cls ??= define();
  return cls;
}

function define(): LayerClass {
  return class extends (layerClass("Conv1D")!) {
    constructor(config: Config) {
      super({ ...config, padding: "valid" });
    }

    override call(inputs: Tensor | Tensor[], kwargs: Config): Tensor | Tensor[] {
      return tf.tidy(() => {
        const { kernelSize, dilationRate } = this as unknown as Convolution;
        const before = (kernelSize[0]! - 1) * [dilationRate].flat()[0]!;
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
      const { strides } = this as unknown as Convolution;
      const [batch, steps] = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as (
        | number
        | null
      )[];
      const { filters } = this.getConfig() as unknown as { filters: number };
      return [batch!, steps == null ? null : Math.ceil(steps / strides[0]!), filters];
    }

    override getConfig() {
      return { ...super.getConfig(), padding: "causal" };
    }
  };
}
