/** Training goes on where it stopped, whoever made the optimizer. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import type { LayersModel, Optimizer } from "@tensorflow/tfjs-node-gpu";
import * as optimizers from "../../lib/optimizers/public";
import { loadModel, loadWeights, saveModel, saveWeights } from "../../lib/saving";
import { tf } from "../../lib/tfjs";
import { fit } from "../../lib/training";

let folder: string;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "optimizers-"));
});

after(() => fs.rm(folder, { recursive: true, force: true }));

function makeModel(optimizer: Optimizer): LayersModel {
  const model = tf.sequential({ name: "regression" });
  model.add(tf.layers.dense({ units: 6, activation: "tanh", inputShape: [4], name: "one" }));
  model.add(tf.layers.dense({ units: 2, name: "two" }));
  model.compile({ optimizer, loss: "meanSquaredError", metrics: ["mae"] });
  return model;
}

function makeData() {
  return {
    x: tf.randomNormal([8, 4], 0, 1, "float32", 3),
    y: tf.randomNormal([8, 2], 0, 1, "float32", 4),
  };
}

async function train(model: LayersModel, { x, y }: ReturnType<typeof makeData>): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < 4; step++) {
    losses.push(((await model.trainOnBatch(x, y)) as number[])[0]!);
  }
  return losses;
}

function close(actual: number[], expected: number[]): void {
  for (const [step, loss] of actual.entries()) {
    assert.ok(Math.abs(loss - expected[step]!) <= 1e-4, `step ${step}: ${loss}, ${expected[step]}`);
  }
}

const made: Record<string, () => Optimizer> = {
  "tf.train.sgd": () => tf.train.sgd(0.1),
  "tf.train.momentum": () => tf.train.momentum(0.05, 0.9, true),
  "tf.train.momentum of 0": () => tf.train.momentum(0.02, 0),
  "tf.train.rmsprop": () => tf.train.rmsprop(0.01),
  "tf.train.rmsprop with momentum": () => tf.train.rmsprop(0.01, 0.8, 0.5),
  "tf.train.adam": () => tf.train.adam(0.02, 0.8, 0.99),
  "tf.train.adamax": () => tf.train.adamax(0.02),
  "tf.train.adagrad": () => tf.train.adagrad(0.1, 0.2),
  "optimizers.sgd": () => optimizers.sgd({ learningRate: 0.1, momentum: 0.9 }),
  "optimizers.adamW": () => optimizers.adamW({ learningRate: 0.02, clipNorm: 0.5 }),
  "optimizers.nadam": () => optimizers.nadam({ learningRate: 0.02 }),
  "optimizers.adafactor": () => optimizers.adafactor({ learningRate: 0.02 }),
  "optimizers.muon": () => optimizers.muon({ learningRate: 0.02 }),
  "optimizers.scheduleFreeAdamW": () => optimizers.scheduleFreeAdamW({ learningRate: 0.02 }),
  "averages of weights and gradients": () =>
    optimizers.adam({
      ...{ learningRate: 0.02, useEma: true, emaOverwriteFrequency: 2 },
      gradientAccumulationSteps: 3,
    }),
  "a loss scale": () =>
    optimizers.lossScaleOptimizer({
      innerOptimizer: optimizers.sgd({ learningRate: 0.1 }),
      dynamicGrowthSteps: 3,
    }),
};

for (const [name, make] of Object.entries(made)) {
  test(`${name}: a saved model goes on training as if it had never been saved`, async () => {
    const tensors = tf.memory().numTensors;
    const data = makeData();
    const optimizer = make();
    const model = makeModel(optimizer);
    await train(model, data);
    const file = path.join(folder, "model.keras");
    const weights = path.join(folder, "model.weights.h5");
    await saveModel(model, file);
    await saveWeights(model, weights);
    const expected = await train(model, data);

    const loaded = await loadModel(file);
    close(await train(loaded, data), expected);

    const otherOptimizer = make();
    const other = makeModel(otherOptimizer);
    await train(other, data); // has slots already, which are replaced
    await loadWeights(other, weights);
    close(await train(other, data), expected);

    for (const each of [model, loaded, other]) each.dispose();
    for (const each of [optimizer, otherOptimizer]) each.dispose();
    tf.dispose(Object.values(data));
    // tfjs' momentum keeps a scalar for ever: one for each that this test made.
    const kept = name.startsWith("tf.train.momentum") ? 2 : 0;
    assert.equal(tf.memory().numTensors, tensors + kept);
  });
}

test("a model that was saved before its first step starts from the beginning", async () => {
  const model = makeModel(tf.train.adam(0.02));
  const file = path.join(folder, "fresh.keras");
  await saveModel(model, file);
  const loaded = await loadModel(file);
  const data = makeData();
  close(await train(loaded, data), await train(model, data));
  for (const each of [model, loaded]) each.dispose();
  tf.dispose(Object.values(data));
});

test("includeOptimizer: false leaves compilation and state out", async () => {
  const model = makeModel(tf.train.adam(0.02));
  const file = path.join(folder, "bare.keras");
  await saveModel(model, file, { includeOptimizer: false });
  const loaded = await loadModel(file);
  assert.equal(loaded.optimizer, undefined);
  for (const each of [model, loaded]) each.dispose();
});

test("a loaded model goes on with fit(), and what fit() learnt is what is saved", async () => {
  const data = makeData();
  const model = makeModel(optimizers.adam({ learningRate: 0.02 }));
  const options = { epochs: 3, batchSize: 8, shuffle: false, verbose: 0 } as const;
  await fit(model, [data.x, data.y], options);
  const file = path.join(folder, "fitted.keras");
  await saveModel(model, file);
  const loaded = await loadModel(file);
  const expected = await fit(model, [data.x, data.y], options);
  const history = await fit(loaded, [data.x, data.y], options);
  close(history.history.loss!, expected.history.loss!);
  for (const each of [model, loaded]) each.dispose();
  tf.dispose(Object.values(data));
});
