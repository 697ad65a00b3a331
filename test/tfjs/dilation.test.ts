/** Dilated convolutions against Keras 3.15.1 on TensorFlow 2.21. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../../lib/index";
import { KerasCases } from "../support/kerasCases";
import { leavesNoTensors } from "../support/tensors";

const program = `
def images(name, *layers, shape=(9, 10, 3)):
    case(name, keras.Sequential([keras.Input(shape), *layers]), real(7, *shape))

images("conv2d", L.Conv2D(4, 3, dilation_rate=2, activation="relu"), L.Conv2D(2, 2, dilation_rate=(1, 3), padding="same"))
images("conv2d without bias", L.Conv2D(4, 3, dilation_rate=(3, 2), padding="same", use_bias=False))
images("depthwise", L.DepthwiseConv2D(3, dilation_rate=2, depth_multiplier=2, activation="tanh"), L.Conv2D(2, 1))
images("depthwise same", L.DepthwiseConv2D((2, 3), dilation_rate=(2, 3), padding="same"))
images("depthwise strides", L.DepthwiseConv2D(3, dilation_rate=2, strides=2))
images("depthwise strides same", L.DepthwiseConv2D(3, dilation_rate=(2, 3), strides=(2, 2), padding="same"))
images("separable", L.SeparableConv2D(4, 3, dilation_rate=2, depth_multiplier=2, activation="relu"))
images("separable strides", L.SeparableConv2D(4, 2, dilation_rate=3, strides=2, padding="same"))
images("conv1d", L.Conv1D(4, 3, dilation_rate=2, activation="relu"), L.Conv1D(2, 2, dilation_rate=3, padding="same"), shape=(12, 3))
images("causal", L.Conv1D(4, 3, dilation_rate=2, padding="causal"), L.Conv1D(2, 2, dilation_rate=4, padding="causal"), shape=(12, 3))
images("undilated", L.DepthwiseConv2D(3, strides=2), L.SeparableConv2D(2, 3))
`;

let cases: KerasCases | undefined;
before(async () => {
  cases = await KerasCases.of(program);
});

const names = [
  "conv2d",
  "conv2d without bias",
  "depthwise",
  "depthwise same",
  "depthwise strides",
  "depthwise strides same",
  "separable",
  "separable strides",
  "conv1d",
  "causal",
  "undilated",
];

describe("a dilated convolution", () => {
  for (const name of names) {
    for (const engine of ["eager", "graph"] as const) {
      it(`computes and trains as in Keras: ${name}, ${engine}`, () =>
        cases!.compare(name, { engine }));
    }
  }

  it("has the gradient of the same convolution with zeros in its filter", () => {
    const rate = 2;
    const wide = (filter: Tensor) => {
      const rows = tf.pad(tf.unstack(filter, 0)[0]!.expandDims(0), [
        [0, rate],
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
      const last = tf.pad(tf.unstack(filter, 0)[1]!.expandDims(0), [
        [rate, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
      return tf.add(rows, last) as typeof filter;
    };
    leavesNoTensors(() => {
      tf.tidy(() => {
        const x = tf.randomNormal([2, 7, 6, 3]) as Tensor;
        const filter = tf.randomNormal([2, 1, 3, 4]) as Tensor;
        const dilated = (a: Tensor, f: Tensor) =>
          tf.sum(tf.square(tf.conv2d(a as never, f as never, 1, "same", "NHWC", rate)));
        const plain = (a: Tensor, f: Tensor) =>
          tf.sum(tf.square(tf.conv2d(a as never, wide(f) as never, 1, "same")));
        const ours = tf.grads(dilated)([x, filter]);
        const expected = tf.grads(plain)([x, filter]);
        for (const [i, gradient] of ours.entries()) {
          const difference = tf.max(tf.abs(tf.sub(gradient, expected[i]!))).dataSync()[0]!;
          assert.ok(difference < 1e-4, `gradient ${i} differs by ${difference}`);
        }
      });
    });
  });
});

after(() => cases?.compareSaved());
