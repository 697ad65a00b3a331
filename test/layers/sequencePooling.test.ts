/** Layers of sequences whose features come first, against those whose features come last. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { layers, tf } from "../../lib/index";
import { leavesNoTensors } from "../support/tensors";

const turned = (x: tf.Tensor) => tf.transpose(x, [0, 2, 1]);

describe("with features first is as with features last:", () => {
  const makers = {
    averagePooling1d: (dataFormat: "channelsFirst" | "channelsLast") =>
      layers.averagePooling1d({ poolSize: 3, strides: 2, padding: "same", dataFormat }),
    maxPooling1d: (dataFormat: "channelsFirst" | "channelsLast") =>
      layers.maxPooling1d({ dataFormat }),
    conv1d: (dataFormat: "channelsFirst" | "channelsLast") =>
      layers.conv1d({
        ...{ filters: 4, kernelSize: 2, groups: 2, padding: "causal", activation: "relu" },
        ...{ biasInitializer: "ones", dataFormat },
        kernelInitializer: tf.initializers.randomUniform({ seed: 3 }),
      }),
  };
  for (const [name, make] of Object.entries(makers)) {
    it(name, () => {
      leavesNoTensors(() => {
        tf.tidy(() => {
          const x = tf.randomUniform([2, 7, 4], -1, 1, "float32", 5);
          const [last, first] = [make("channelsLast"), make("channelsFirst")];
          const expected = turned(last.apply(x) as tf.Tensor);
          const output = first.apply(turned(x)) as tf.Tensor;
          assert.deepEqual(output.shape, expected.shape);
          assert.deepEqual(first.computeOutputShape([2, 4, 7]), output.shape);
          assert.ok(tf.max(tf.abs(tf.sub(output, expected))).dataSync()[0]! < 1e-6);
          const again = first.getConfig();
          assert.equal(again.dataFormat, "channelsFirst");
          for (const layer of [last, first]) {
            tf.dispose(layer.weights.map((weight) => weight.read() as tf.Tensor));
          }
        });
      });
    });
  }
});
