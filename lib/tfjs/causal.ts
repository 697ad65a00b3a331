/** Convolutions that never look ahead: tfjs accepts the padding, promises another shape, and refuses to compute. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { insides } from "./insides";
import type { Layer, Shape } from "./layer";
import { prototypeOf } from "./prototypes";
import * as tf from "./tfjs";

/** Sequences `[batch, steps, channels]` with as many zeros before as the layer's window reaches back. */
export function paddedCausally(layer: Layer, input: Tensor): Tensor {
  const { kernelSize, dilationRate } = insides("Conv", layer);
  return tf.pad(input, [
    [0, 0],
    [(kernelSize[0]! - 1) * [dilationRate].flat()[0]!, 0],
    [0, 0],
  ]);
}

/** Lets `Conv1D` compute `padding: "causal"`. */
export function convolveCausally(): void {
  const layer = prototypeOf("Conv1D");
  const { call, computeOutputShape } = layer;
  layer.call = function (inputs, kwargs) {
    if (insides("Conv", this).padding !== "causal") return call.call(this, inputs, kwargs);
    return tf.tidy(() => {
      const valid = Object.create(this, { padding: { value: "valid" } });
      return call.call(valid, paddedCausally(this, [inputs].flat()[0]!), kwargs);
    });
  };
  layer.computeOutputShape = function (inputShape) {
    const { padding, strides, filters, dataFormat } = insides("Conv", this);
    if (padding !== "causal") return computeOutputShape.call(this, inputShape);
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    const isFirst = dataFormat === "channelsFirst";
    const steps = shape[isFirst ? 2 : 1];
    const after = steps == null ? null : Math.ceil(steps / strides[0]!);
    return isFirst ? [shape[0]!, filters, after] : [shape[0]!, after, filters];
  };
}
