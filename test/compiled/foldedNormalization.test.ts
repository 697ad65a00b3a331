/** Filters that have a normalisation in them follow the weights that they are made of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { fit, predict, setSeed, tf } from "../../lib/index";

/** A small base with its normalisations, and a layer on it. */
function makeModel({ trainable }: { trainable: boolean }): LayersModel {
  setSeed(1);
  const base = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 2] }),
      tf.layers.batchNormalization({ movingVarianceInitializer: "ones", momentum: 0.5 }),
      tf.layers.reLU({ maxValue: 6 }),
      tf.layers.depthwiseConv2d({ kernelSize: 3, useBias: false }),
      tf.layers.batchNormalization({ momentum: 0.5 }),
      tf.layers.globalAveragePooling2d({}),
    ],
  });
  base.trainable = trainable;
  const inputs = tf.input({ shape: [8, 8, 2] });
  const features = base.apply(inputs) as SymbolicTensor;
  const outputs = tf.layers.dense({ units: 1 }).apply(features) as SymbolicTensor;
  const model = tf.model({ inputs, outputs });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  return model;
}

const data = tf.tidy(() => {
  const x = tf.randomNormal([12, 8, 8, 2], 1, 2, "float32", 7) as Tensor;
  return [x, tf.sum(x, [1, 2, 3]).reshape([12, 1]).div(100)] as [Tensor, Tensor];
});

for (const trainable of [true, false]) {
  const base = trainable ? "a base that is trained" : "a frozen base";
  test(`losses, validation and predictions of ${base} are the eager engine's`, async () => {
    const seen: number[][] = [];
    const tensors = tf.memory().numTensors;
    for (const engine of ["graph", "eager"] as const) {
      const model = makeModel({ trainable });
      const numbers: number[] = [];
      const look = async () => {
        const outputs = (await predict(model, data[0], { engine, verbose: 0 })) as Tensor;
        numbers.push(...outputs.dataSync());
        outputs.dispose();
      };
      await look();
      const options = { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 as const, engine };
      const { history } = await fit(model, data, { ...options, validationData: data });
      numbers.push(...history.loss!, ...history.val_loss!);
      await look();
      const weights = tf.tidy(() => model.getWeights().map((weight) => weight.mul(0.5).add(0.1)));
      model.setWeights(weights);
      tf.dispose(weights);
      await look();
      seen.push(numbers);
      model.dispose();
    }
    const [graph, eager] = seen as [number[], number[]];
    assert.equal(graph.length, 3 * 12 + 2 * 3);
    tf.test_util.expectArraysClose(graph, eager, 1e-5);
    assert.notDeepEqual(graph.slice(0, 12), graph.slice(-12));
    assert.equal(tf.memory().numTensors, tensors);
  });
}

test("of two normalisations behind a convolution it takes the first in, with weights as they are now", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [6, 6, 2] }),
      tf.layers.batchNormalization({ scale: false }),
      tf.layers.batchNormalization({ center: false }),
      tf.layers.flatten(),
    ],
  });
  const x = tf.randomNormal([3, 6, 6, 2], 0, 1, "float32", 3);
  const tensors = tf.memory().numTensors;
  for (const factor of [1, 2, 3]) {
    const weights = tf.tidy(() =>
      model.getWeights().map((weight) => tf.fill(weight.shape, factor / 4)),
    );
    model.setWeights(weights);
    const [outputs, expected] = [
      (await predict(model, x, { verbose: 0 })) as Tensor,
      model.predict(x) as Tensor,
    ];
    tf.test_util.expectArraysClose(outputs.dataSync(), expected.dataSync(), 1e-4);
    tf.dispose([outputs, expected, weights]);
  }
  assert.equal(tf.memory().numTensors, tensors);
});

for (const options of [{ scale: false }, { center: false }, { scale: false, center: false }]) {
  for (const engine of ["graph", "eager"] as const) {
    const without = Object.keys(options).join(" and ");
    test(`a frozen normalisation without ${without} is trained through (${engine})`, async () => {
      const tensors = tf.memory().numTensors;
      const normalization = tf.layers.batchNormalization({ ...options, trainable: false });
      const model = tf.sequential({
        layers: [
          tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [4, 4, 1], name: "first" }),
          normalization,
          tf.layers.flatten(),
          tf.layers.dense({ units: 1 }),
        ],
      });
      model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
      const before = Array.from(model.layers[0]!.getWeights()[0]!.dataSync());
      const [x, y] = [tf.ones([4, 4, 4, 1]), tf.ones([4, 1])];
      await fit(model, [x, y], { epochs: 2, verbose: 0, engine });
      assert.notDeepEqual(Array.from(model.layers[0]!.getWeights()[0]!.dataSync()), before);
      assert.equal(normalization.weights.length, 4 - Object.keys(options).length);
      tf.dispose([x, y]);
      model.dispose();
      assert.equal(tf.memory().numTensors, tensors);
    });
  }
}
