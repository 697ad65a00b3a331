import assert from "node:assert/strict";
import { test } from "node:test";
import { datasets, evaluate, fit, optimizers, setSeed, tf } from "../../lib/index";

// What bfloat16 computes, whether it pays on this machine or not.
process.env.CONVNETS_BFLOAT16 = "all";

const isSlow = process.env.CONVNETS_SLOW_TESTS === "1";
const skip = isSlow ? false : "takes ten minutes; CONVNETS_SLOW_TESTS=1 runs it";
const SEEDS = [1, 2, 3];

/** Accuracy on the 10,000 test digits, in percent, of the chapter's convnet after 5 epochs on all 60,000. */
async function accuracy(precision: "float32" | "bfloat16", seed: number): Promise<number> {
  setSeed(seed);
  const [[x, y], [testX, testY]] = await datasets.mnist.loadData();
  const images = (digits: typeof x) =>
    tf.tidy(() => tf.div(tf.cast(tf.expandDims(digits, -1), "float32"), 255));
  const [trainImages, testImages] = [images(x), images(testX)];
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 32,
        kernelSize: 3,
        activation: "relu",
        inputShape: [28, 28, 1],
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 64, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 128, kernelSize: 3, activation: "relu" }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
  const optimizer = optimizers.rmsprop();
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  const options = { batchSize: 64, verbose: 0, precision } as const;
  await fit(model, [trainImages, y], { ...options, epochs: 5 });
  // Both are measured in float32, on the float32 weights that training keeps.
  const result = await evaluate(model, [testImages, testY], {
    verbose: 0,
    returnDict: true,
  });
  tf.dispose([x, y, testX, testY, trainImages, testImages]);
  model.dispose();
  optimizer.dispose();
  return 100 * result.accuracy!;
}

test("MNIST trained in bfloat16 is as accurate as in float32, to 0.2 points over three seeds", {
  skip,
  timeout: 40 * 60_000,
}, async (t) => {
  const means: number[] = [];
  for (const precision of ["float32", "bfloat16"] as const) {
    const values: number[] = [];
    for (const seed of SEEDS) values.push(await accuracy(precision, seed));
    means.push(values.reduce((sum, value) => sum + value, 0) / values.length);
    t.diagnostic(`${precision}: ${values.map((value) => value.toFixed(2)).join(", ")} %`);
  }
  assert.ok(Math.abs(means[1]! - means[0]!) <= 0.2, `${means}`);
  assert.ok(means[0]! > 98.5, `${means}`);
});
