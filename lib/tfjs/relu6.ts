/** `relu6`: TensorFlow has one op for what tfjs' layers make of three, and Keras takes it. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { insides } from "./insides";
import { prototypeOf } from "./prototypes";
import * as tf from "./tfjs";

/**
 * Lets `ReLU` layers with a `maxValue` of 6, and activations of that name, compute as Keras' do.
 *
 * TensorFlow fuses that op with the convolution before it.
 */
export function clipAsKeras(): void {
  const layer = prototypeOf("ReLU");
  const { call } = layer;
  layer.call = function (inputs, kwargs) {
    if (insides("ReLU", this).maxValue !== 6) return call.call(this, inputs, kwargs);
    return tf.relu6([inputs].flat()[0]!);
  };
  const activation = tf.serialization.SerializationMap.getMap().classNameMap.relu6![0];
  const { prototype } = activation as unknown as { prototype: { apply(x: Tensor): Tensor } };
  prototype.apply = (x) => tf.relu6(x);
}
