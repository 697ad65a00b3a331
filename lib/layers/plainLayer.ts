/** The base of layers that make one tensor of one, alike while training and at inference. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { type Layer, type Shape, tf } from "../tfjs";
import type { CommonLayerOptions } from "./options";

/** The shape of a layer's only input. */
export function oneShape(inputShape: Shape | Shape[]): Shape {
  return (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
}

/** A layer's only input. */
export function oneInput(inputs: Tensor | Tensor[]): Tensor {
  return Array.isArray(inputs) ? inputs[0]! : inputs;
}

/** Makes one tensor of one; by default of its shape. */
export abstract class PlainLayer extends tf.layers.Layer {
  constructor(options: CommonLayerOptions) {
    super(options as ConstructorParameters<typeof tf.layers.Layer>[0]);
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[], kwargs?: Parameters<Layer["call"]>[1]): Tensor {
    return tf.tidy(() => this.compute(oneInput(inputs), kwargs ?? {}));
  }

  /** The output's shape for an input's, `null` for what may vary. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return this.shapeAfter(oneShape(inputShape));
  }

  protected abstract compute(input: Tensor, kwargs: Parameters<Layer["call"]>[1]): Tensor;

  protected shapeAfter(shape: Shape): Shape {
    return shape;
  }
}
