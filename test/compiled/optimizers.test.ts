import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { fusedKerasOptimizer } from "../../lib/compiled/fusedKerasOptimizer";
import { prepareOptimizer } from "../../lib/compiled/optimizers";
import { fit, setSeed, tf } from "../../lib/index";
import * as optimizers from "../../lib/optimizers/public";

const cases: [string, object][] = [
  ["rmsprop", {}],
  ["rmsprop", { momentum: 0.5 }],
  ["rmsprop", { centered: true }],
  ["rmsprop", { centered: true, momentum: 0.9, clipNorm: 0.1 }],
  ["sgd", {}],
  ["sgd", { momentum: 0.9 }],
  ["sgd", { momentum: 0.9, nesterov: true }],
  ["sgd", { globalClipNorm: 0.2, weightDecay: 0.1 }],
  ["adam", {}],
  ["adam", { amsgrad: true }],
  ["adamw", {}],
  ["adamw", { weightDecay: 0.5, amsgrad: true }],
  ["rmsprop", { weightDecay: 0.3 }],
  ["adagrad", {}],
  ["adadelta", { learningRate: 1 }],
  ["adamax", {}],
  ["nadam", {}],
  ["lion", { weightDecay: 0.1 }],
  ["lamb", {}],
  ["adafactor", {}],
  ["muon", { excludeLayers: ["dense_1"] }],
  ["scheduleFreeAdamW", { warmupSteps: 3 }],
  ["adam", { useEma: true, emaOverwriteFrequency: 3, emaMomentum: 0.8 }],
  ["rmsprop", { gradientAccumulationSteps: 3, clipNorm: 0.2, weightDecay: 0.1 }],
  ["nadam", { gradientAccumulationSteps: 2, useEma: true }],
  ["sgd", { lossScaleFactor: 8, momentum: 0.9 }],
  ["lossScaleOptimizer", { inner_optimizer: { class_name: "Adam", config: { use_ema: true } } }],
  [
    "lossScaleOptimizer",
    {
      ...{ initial_scale: 3e38, dynamic_growth_steps: 2 },
      inner_optimizer: { class_name: "SGD", config: { momentum: 0.9 } },
    },
  ],
];

/** Trains a small model for 3 × 4 steps, the last of each epoch a smaller batch, the learning rate halved between. */
async function train(engine: "graph" | "eager", name: string, config: object) {
  setSeed(3);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 5, activation: "tanh", inputShape: [3] }),
      tf.layers.dense({ units: 1 }),
    ],
  });
  const optimizer = optimizers.get({ class_name: name, config });
  model.compile({ optimizer, loss: "meanSquaredError" });
  const x = tf.randomNormal([14, 3], 0, 1, "float32", 1);
  const y = tf.sum(x, 1, true);
  const losses: number[] = [];
  for (let epoch = 0; epoch < 3; epoch++) {
    const options = { epochs: 1, batchSize: 4, shuffle: false, verbose: 0 as const, engine };
    losses.push(...(await fit(model, [x, y], options)).history.loss!);
    optimizer.learningRate /= 2;
  }
  const state = await optimizer.getWeights();
  const numbers = (tensors: Tensor[]) => tensors.flatMap((tensor) => Array.from(tensor.dataSync()));
  const result = {
    losses,
    weights: numbers(model.getWeights()),
    state: numbers(state.map(({ tensor }) => tensor)),
    shared: numbers(optimizer.sharedVariables()),
  };
  tf.dispose([x, y, state.map(({ tensor }) => tensor)]);
  optimizer.dispose();
  model.dispose();
  return result;
}

for (const [name, config] of cases) {
  test(`${name} ${JSON.stringify(config)} makes the same steps in a graph as eagerly`, async () => {
    const before = tf.memory().numTensors;
    const eager = await train("eager", name, config);
    const graph = await train("graph", name, config);
    for (const key of ["losses", "weights", "state", "shared"] as const) {
      assert.equal(graph[key].length, eager[key].length);
      for (const [i, value] of eager[key].entries()) {
        const difference = Math.abs(graph[key][i]! - value);
        assert.ok(difference <= 1e-5 * Math.max(1, Math.abs(value)), `${key}: ${difference}`);
      }
    }
    assert.equal(tf.memory().numTensors, before);
  });
}

test("a weight that rmsprop's kernel deals out to threads makes the same steps in a graph as eagerly", async () => {
  const before = tf.memory().numTensors;
  const results: Tensor[] = [];
  for (const engine of ["eager", "graph"] as const) {
    setSeed(4);
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 901, inputShape: [900] })] });
    const optimizer = optimizers.rmsprop();
    model.compile({ optimizer, loss: "meanSquaredError" });
    const x = tf.randomNormal([12, 900], 0, 1, "float32", 1);
    const y = tf.randomNormal([12, 901], 0, 1, "float32", 2);
    await fit(model, [x, y], { epochs: 2, batchSize: 4, shuffle: false, verbose: 0, engine });
    results.push(model.getWeights()[0]!.clone());
    tf.dispose([x, y]);
    optimizer.dispose();
    model.dispose();
  }
  const [eager, graph] = results as [Tensor, Tensor];
  const worst = tf.tidy(() => tf.max(tf.abs(tf.sub(eager, graph))).dataSync()[0]!);
  assert.ok(worst <= 1e-5, `off by ${worst}`);
  tf.dispose(results);
  assert.equal(tf.memory().numTensors, before);
});

test("optimizers run as fused kernels, where there are some", () => {
  const isFused = (name: string, config: object = {}) =>
    fusedKerasOptimizer(optimizers.get({ class_name: name, config })) !== undefined;
  for (const name of ["rmsprop", "sgd", "adam", "adamw", "adamax", "adadelta"])
    assert.ok(isFused(name), name);
  for (const name of ["adagrad", "nadam", "lion"]) assert.ok(!isFused(name), name);
  assert.ok(!isFused("adam", { useEma: true }), "averages come after the update");
  assert.ok(isFused("rmsprop", { clipNorm: 1 }), "clipping comes before the kernel");
});

for (const [name, make] of Object.entries({
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  rmsprop: () => tf.train.rmsprop(0.1),
  "rmsprop, centred": () => tf.train.rmsprop(0.1, 0.9, 0.5, 1e-7, true),
  adam: () => tf.train.adam(0.1),
  adagrad: () => tf.train.adagrad(0.1, 0.25),
  adadelta: () => tf.train.adadelta(0.1),
})) {
  test(`what tfjs' ${name} keeps is there before its first step, and nothing is computed for it`, async () => {
    const weights = [tf.variable(tf.ones([300, 2])), tf.variable(tf.fill([5], 2))];
    const [prepared, stepped] = [make(), make()];
    const variables = weights.map((weight) => Array.from(weight.dataSync()));
    const { kernels } = await tf.profile(() => {
      prepareOptimizer(prepared, weights);
      return tf.scalar(0);
    });
    const sizes = kernels
      .filter(({ name }) => !["Identity", "ZerosLike", "Fill"].includes(name))
      .flatMap(({ outputShapes }) => outputShapes.map((shape) => shape?.length));
    assert.ok(sizes.every((rank) => rank === 0));
    assert.deepEqual(
      weights.map((weight) => Array.from(weight.dataSync())),
      variables,
    );
    stepped.applyGradients(
      weights.map((weight) => ({ name: weight.name, tensor: tf.zerosLike(weight) })),
    );
    const [own, theirs] = [await prepared.getWeights(), await stepped.getWeights()];
    const slots = (list: typeof own) =>
      list.slice(1).map(({ name, tensor }) => [name, tensor.shape, tensor.dtype]);
    assert.deepEqual(slots(own), slots(theirs));
    for (const { name, tensor } of own.slice(1)) {
      const initial = name.endsWith("/accumulator") ? 0.25 : 0;
      assert.ok(tensor.dataSync().every((value) => value === initial));
    }
    tf.dispose([weights, own.map(({ tensor }) => tensor), theirs.map(({ tensor }) => tensor)]);
    prepared.dispose();
    stepped.dispose();
  });
}
