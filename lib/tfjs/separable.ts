/** `SeparableConv2D` with channels first: tfjs adds the bias while the channels are last, to another axis. */
import { insides } from "./insides";
import { prototypeOf } from "./prototypes";
import * as tf from "./tfjs";

const linear = { getClassName: () => "linear", apply: <X>(x: X) => x };

/** Lets the layer compute what Keras' does. */
export function separateAsKeras(): void {
  const layer = prototypeOf("SeparableConv2D");
  const { call } = layer;
  layer.call = function (inputs, kwargs) {
    const { dataFormat, activation } = insides("SeparableConv2D", this);
    if (dataFormat !== "channelsFirst") return call.call(this, inputs, kwargs);
    return tf.tidy(() => {
      const last = Object.create(this, {
        dataFormat: { value: "channelsLast" },
        activation: { value: linear },
      });
      const pictures = tf.transpose([inputs].flat()[0]!, [0, 2, 3, 1]);
      const output = [call.call(last, pictures, kwargs)].flat()[0]!;
      return activation.apply(tf.transpose(output, [0, 3, 1, 2]));
    });
  };
}
