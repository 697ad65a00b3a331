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
