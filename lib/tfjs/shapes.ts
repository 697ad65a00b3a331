/** Layers that only shape or join, where tfjs 4.22 refuses what Keras takes, or does something else. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { insides } from "./insides";
import { prototypeOf } from "./prototypes";
import * as tf from "./tfjs";

/** Lets Flatten, Reshape, Softmax and Concatenate take the shapes and axes that Keras' take. */
export function shapeAsKeras(): void {
  for (const className of ["CategoryEncoding", "CenterCrop"]) leaveInputShape(className);
  flatten();
  reshape();
  softmax();
  concatenate();
}

/** tfjs refuses vectors, and sizes that aren't known yet. */
function flatten(): void {
  const layer = prototypeOf("Flatten");
  // The constructor writes here that an input has three axes or more.
  Object.defineProperty(layer, "inputSpec", { get: () => null, set() {} });
  layer.computeOutputShape = (inputShape) => {
    const [batch, ...sizes] = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as (
      | number
      | null
    )[];
    const size = sizes.includes(null) ? null : sizes.reduce<number>((all, one) => all * one!, 1);
    return [batch!, size];
  };
}

/** tfjs counts the batch among the sizes that must be known to find the one that is -1. */
function reshape(): void {
  const layer = prototypeOf("Reshape");
  const { computeOutputShape } = layer;
  layer.computeOutputShape = function (inputShape) {
    const [batch, ...sizes] = inputShape as (number | null)[];
    if (sizes.includes(null)) return computeOutputShape.call(this, inputShape);
    const [, ...target] = computeOutputShape.call(this, [1, ...sizes]) as (number | null)[];
    return [batch!, ...target];
  };
}

/** tfjs has 1 as the axis where none is given, and computes none but the last. */
function softmax(): void {
  const layer = prototypeOf("Softmax");
  // The constructor writes its own default here and then reads it.
  Object.defineProperty(layer, "DEFAULT_AXIS", { get: () => -1, set() {} });
  const { call } = layer;
  layer.call = function (inputs, kwargs) {
    const input = [inputs].flat()[0]!;
    const { axis: given } = insides("Softmax", this);
    const axis = typeof given === "number" ? given : given.length === 1 ? given[0]! : undefined;
    const isLast = axis === undefined || axis === -1 || axis === input.rank - 1;
    if (isLast) return call.call(this, inputs, kwargs);
    return tf.tidy(() => {
      const order = input.shape.map((_, i) => i);
      order.push(...order.splice(axis, 1));
      const back = order.map((_, i) => order.indexOf(i));
      const moved = call.call(
        Object.create(this, { axis: { value: -1 } }),
        tf.transpose(input, order),
        kwargs,
      );
      return tf.transpose(moved as Tensor, back);
    });
  };
}

/** tfjs joins the last axis for every negative one. */
function concatenate(): void {
  const layer = prototypeOf("Concatenate");
  layer.call = function (inputs) {
    const list = [inputs].flat();
    const { axis } = insides("Concatenate", this);
    return tf.concat(list, axis < 0 ? axis + list[0]!.rank : axis);
  };
}

/** tfjs computes the layer's shape in its input's own, which is then another than was said. */
function leaveInputShape(className: string): void {
  const layer = prototypeOf(className);
  const { computeOutputShape } = layer;
  layer.computeOutputShape = function (inputShape) {
    return computeOutputShape.call(this, structuredClone(inputShape));
  };
}
