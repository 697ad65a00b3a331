/** A threshold that can be trained through: tfjs asks for the gradient of a comparison, which has none. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { type Config, type LayerClass, layerClass, tf } from "../../tfjs";

let cls: LayerClass | undefined;

/** `ThresholdedReLU` with a gradient: 1 above the threshold, else 0. */
export function thresholdedReLUClass(): LayerClass {
  cls ??= define();
  return cls;
}

function define(): LayerClass {
  return class extends (layerClass("ThresholdedReLU")!) {
    private readonly threshold: number;

    constructor(config: Config) {
      super(config);
      this.threshold = Number(config.theta ?? 1);
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.customGrad((x, save) => {
        const above = tf.cast(tf.greater(x as Tensor, this.threshold), "float32");
        (save as (tensors: Tensor[]) => void)([above]);
        const gradFunc = (dy: Tensor, saved: Tensor[]) => tf.mul(dy, saved[0]!);
        return { value: tf.mul(x as Tensor, above), gradFunc };
      })(Array.isArray(inputs) ? inputs[0]! : inputs);
    }
  };
}
