/** The difference of two inputs, which tfjs has no layer for. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { type Shape, tf } from "../tfjs";
import type { CommonLayerOptions } from "./options";

/** Takes the second of two inputs from the first. */
export class Subtract extends tf.layers.Layer {
  /** Keras' name of the class. */
  static className = "Subtract";

  constructor(options: CommonLayerOptions = {}) {
    super(options as ConstructorParameters<typeof tf.layers.Layer>[0]);
    this.supportsMasking = true;
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const [whole, part] = inputs as [Tensor, Tensor];
      return tf.sub(whole, part);
    });
  }

  /** The output's shape for two inputs', `null` for what may vary. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [whole, part, ...others] = inputShape as Shape[];
    const fits =
      Array.isArray(whole) &&
      Array.isArray(part) &&
      others.length === 0 &&
      whole.length === part.length &&
      whole.every((size, i) => [null, 1, size].includes(part[i]!) || size === null || size === 1);
    if (fits) return whole.map((size, i) => (size === 1 ? part[i]! : size));
    throw invalidArgument("inputs", {
      expected: "two tensors of the same shape",
      received: inputShape,
    });
  }
}
