import assert from "node:assert/strict";
import { pbkdf2 } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import v8 from "node:v8";
import vm from "node:vm";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { createRunner } from "../../lib/compiled/runner";
import { borrowTensor } from "../../lib/graph";
import { evaluate, fit, predict, setLearningRate, setSeed, tf } from "../../lib/index";
import { objectiveOf } from "../../lib/objectives";
import { lendTensor } from "../../lib/tfjs";
import { memoryOf } from "../support/memoryOf";
import { batchOf, type Case, cases, onHost } from "./cases";

// What bfloat16 computes, whether it pays on this machine or not.
process.env.CONVNETS_BFLOAT16 = "all";

const which = cases.find(({ name }) => name === "batch normalisation")!;
const adam = cases.find(({ name }) => name === "convolutional network, adam")!;

function runnerOf(model: LayersModel, options: { precision?: "float32" | "bfloat16" } = {}) {
  const objective = objectiveOf(model, "fit");
  const { precision = "float32" } = options;
  return createRunner(model, { engine: "graph", precision, mode: "train", objective });
}

async function steps(
  runner: ReturnType<typeof runnerOf>,
  use: { of: Case; from: number; to: number },
): Promise<number[]> {
  const losses: number[] = [];
  for (let step = use.from; step < use.to; step++) {
    const batch = batchOf(use.of, { size: 8, seed: step + 1 });
    losses.push((await runner.train(onHost(batch)))[0]!);
    tf.dispose([batch.xs, batch.ys]);
  }
  return losses;
}

/**
 * What the process holds once the collector has run: native memory and the live objects. The pages that V8 keeps for
 * objects to come don't count: how many it wants differs from Node to Node (24 takes 60 MiB more as it warms up).
 */
async function heldMiB(): Promise<number> {
  v8.setFlagsFromString("--expose-gc");
  const gc = vm.runInNewContext("gc") as (options?: object) => void;
  gc();
  gc({ type: "major", execution: "sync", flavor: "last-resort" }); // pages that V8 pools go too; Node 20 knows no flavor
  await sleep(200); // they go in the background
  const { total_physical_size, used_heap_size } = v8.getHeapStatistics();
  return (process.memoryUsage().rss - total_physical_size + used_heap_size) / 2 ** 20;
}

/** Gives each thread of libuv's pool something to do for some 100 ms, so that other work waits. */
async function keepThreadsBusy(): Promise<void> {
  const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4);
  const work = promisify(pbkdf2);
  await Promise.all(Array.from({ length: threads }, () => work("a", "b", 100_000, 64, "sha512")));
}

function free(model: LayersModel): void {
  model.optimizer.dispose();
  model.dispose();
}

test("weights that pull() brings are freed when it brings the next, and what was read of them stays", async () => {
  setSeed(1);
  const model = which.build();
  const runner = runnerOf(model);
  const weight = model.trainableWeights[0]!.read();
  await steps(runner, { of: which, from: 0, to: 2 });
  await runner.pull();
  const [memory, read] = [memoryOf(weight), weight.dataSync()];
  const was = [...read];
  assert.equal(memory.length, weight.size);
  await steps(runner, { of: which, from: 2, to: 4 });
  await runner.pull();
  assert.equal(memory.length, 0);
  assert.deepEqual([...read], was);
  assert.notDeepEqual([...weight.dataSync()], was);
  runner.dispose();
  free(model);
});

test("a lent batch may be disposed, and used by ops, while a step reads it", async () => {
  setSeed(1);
  const model = which.build();
  const runner = runnerOf(model);
  const batch = batchOf(which, { size: 8, seed: 1 });
  const expected = await runner.evaluate(onHost(batch));
  for (const end of [(xs: Tensor) => xs, (xs: Tensor) => xs.mul(2)]) {
    const values = batch.xs[0]!.dataSync().slice();
    const giveBack = () => values.fill(NaN);
    const lent = lendTensor(values, { shape: batch.xs[0]!.shape, giveBack });
    const busy = keepThreadsBusy();
    const { host, end: release } = borrowTensor(lent);
    const results = runner.evaluate({ ...onHost(batch), xs: [host], release });
    await Promise.resolve(); // the step has its feeds by now, but no thread to copy them on
    tf.dispose([end(lent), lent]);
    assert.deepEqual(await results, expected);
    release();
    assert.ok(Number.isNaN(values[0]), "given back");
    await busy;
  }
  tf.dispose([batch.xs, batch.ys]);
  runner.dispose();
  free(model);
});

test("after pull() the tfjs model predicts with the session's weights and the optimizer has counted the steps", async () => {
  setSeed(1);
  const model = which.build();
  const runner = runnerOf(model);
  const x = batchOf(which, { size: 4, seed: 99 });
  const before = (model.predict(x.xs[0]!) as Tensor).dataSync()[0];
  await steps(runner, { of: which, from: 0, to: 5 });
  assert.equal((model.predict(x.xs[0]!) as Tensor).dataSync()[0], before);
  await runner.pull();
  const after = (model.predict(x.xs[0]!) as Tensor).dataSync()[0]!;
  assert.notEqual(after, before);
  assert.equal(model.optimizer.iterations, 5);
  runner.dispose();
  const compiled = (await predict(model, x.xs[0]!, { engine: "graph", verbose: 0 })) as Tensor;
  assert.ok(Math.abs(compiled.dataSync()[0]! - after) < 1e-6);
  free(model);
});

test("weights that a callback sets are what the next step starts from", async () => {
  const run = async (touch: boolean) => {
    setSeed(1);
    const model = which.build();
    const runner = runnerOf(model);
    await steps(runner, { of: which, from: 0, to: 2 });
    await runner.pull();
    if (touch) {
      const zeros = model.getWeights().map((weight) => tf.zerosLike(weight));
      model.setWeights(zeros);
      tf.dispose(zeros);
      await runner.push();
    }
    const [loss] = await steps(runner, { of: which, from: 2, to: 3 });
    runner.dispose();
    free(model);
    return loss!;
  };
  assert.ok(Math.abs((await run(true)) - Math.log(5)) < 1e-5); // all classes alike
  assert.ok(Math.abs((await run(false)) - Math.log(5)) > 1e-3);
});

test("a changed learning rate takes effect at the next step without compiling again", async () => {
  setSeed(1);
  const model = adam.build();
  const runner = runnerOf(model);
  await steps(runner, { of: adam, from: 0, to: 2 });
  await runner.pull();
  const weights = () => model.getWeights().map((weight) => Array.from(weight.dataSync()));
  const before = weights();
  setLearningRate(model, 0);
  await steps(runner, { of: adam, from: 2, to: 4 });
  await runner.pull();
  assert.deepEqual(weights(), before);
  setLearningRate(model, 0.01);
  await steps(runner, { of: adam, from: 4, to: 5 });
  await runner.pull();
  assert.notDeepEqual(weights(), before);
  runner.dispose();
  free(model);
});

test("training goes on eagerly where compiled training stopped, optimizer state included", async () => {
  const run = async (engines: ["graph" | "eager", "graph" | "eager"]) => {
    setSeed(1);
    const model = adam.build();
    const objective = objectiveOf(model, "fit");
    const losses: number[] = [];
    for (const [part, engine] of engines.entries()) {
      const runner = createRunner(model, {
        engine,
        precision: "float32",
        mode: "train",
        objective,
      });
      losses.push(...(await steps(runner, { of: adam, from: part * 3, to: part * 3 + 3 })));
      await runner.pull();
      runner.dispose();
    }
    free(model);
    return losses;
  };
  const expected = await run(["eager", "eager"]);
  for (const engines of [
    ["graph", "eager"],
    ["eager", "graph"],
    ["graph", "graph"],
  ] as const) {
    const losses = await run([...engines]);
    losses.forEach((loss, i) => {
      assert.ok(
        Math.abs(loss - expected[i]!) < 2e-5,
        `${engines} step ${i}: ${loss} ${expected[i]}`,
      );
    });
  }
});

test("two models trained in turns do not disturb each other", async () => {
  const alone = async () => {
    setSeed(1);
    const model = adam.build();
    const runner = runnerOf(model);
    const losses = await steps(runner, { of: adam, from: 0, to: 4 });
    runner.dispose();
    free(model);
    return losses;
  };
  const expected = await alone();
  setSeed(1);
  const first = adam.build();
  const second = which.build();
  const [one, two] = [runnerOf(first), runnerOf(second)];
  const losses: number[] = [];
  for (let step = 0; step < 4; step++) {
    losses.push(...(await steps(one, { of: adam, from: step, to: step + 1 })));
    await steps(two, { of: which, from: step, to: step + 1 });
  }
  assert.deepEqual(losses, expected);
  one.dispose();
  two.dispose();
  free(first);
  free(second);
});

test("a model may be trained inside another's callback", async () => {
  setSeed(1);
  const outer = adam.build();
  const inner = which.build();
  const data = batchOf(adam, { size: 24, seed: 1 });
  const pair: [Tensor, Tensor] = [data.xs[0]!, data.ys[0]!];
  const innerLosses: number[] = [];
  const history = await fit(outer, pair, {
    epochs: 2,
    batchSize: 8,
    verbose: 0,
    engine: "graph",
    callbacks: {
      onEpochEnd: async () => {
        const run = await fit(inner, pair, { batchSize: 8, verbose: 0, engine: "graph" });
        innerLosses.push(run.history.loss![0]!);
      },
    },
  });
  assert.equal(history.history.loss!.length, 2);
  assert.equal(innerLosses.length, 2);
  tf.dispose(pair);
  free(outer);
  free(inner);
});

for (const engine of ["graph", "eager"] as const) {
  test(`constraints hold after each ${engine} update`, async () => {
    setSeed(1);
    const model = tf.sequential({
      layers: [
        tf.layers.dense({
          units: 4,
          inputShape: [6],
          kernelConstraint: "nonNeg",
          biasConstraint: tf.constraints.maxNorm({ maxValue: 0.01, axis: 0 }),
        }),
      ],
    });
    model.compile({ optimizer: tf.train.sgd(1), loss: "meanSquaredError" });
    const x = tf.randomUniform([8, 6], 0, 1, "float32", 1);
    const y = tf.fill([8, 4], -5);
    await fit(model, [x, y], { epochs: 2, verbose: 0, engine });
    const [kernel, bias] = model.getWeights().map((weight) => Array.from(weight.dataSync()));
    assert.ok(kernel!.every((value) => value >= 0));
    assert.ok(Math.abs(Math.hypot(...bias!) - 0.01) < 1e-6, String(bias));
    tf.dispose([x, y]);
    free(model);
  });
}

test("frozen weights stay as they are; unfrozen and compiled again they move", async () => {
  setSeed(1);
  const model = cases.find(({ name }) => name === "a nested, frozen base")!.build();
  const base = model.layers[0] as LayersModel;
  const data = batchOf(which, { size: 16, seed: 1 });
  const pair: [Tensor, Tensor] = [data.xs[0]!, data.ys[0]!];
  const weights = () => base.getWeights().map((weight) => Array.from(weight.dataSync()));
  const before = weights();
  await fit(model, pair, { batchSize: 8, verbose: 0, engine: "graph" });
  assert.deepEqual(weights(), before);
  base.trainable = true;
  model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
  await fit(model, pair, { batchSize: 8, verbose: 0, engine: "graph" });
  assert.notDeepEqual(weights(), before);
  tf.dispose(pair);
  model.dispose();
});

test('a model that can\'t be compiled runs eagerly, says why once, and is refused by engine: "graph"', async (t) => {
  class ReadsBack extends tf.layers.Layer {
    static className = "ReadsBack";
    override call(inputs: Tensor | Tensor[]): Tensor {
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      return tf.mul(x, tf.tidy(() => tf.sum(x).dataSync()[0]!) > 1e9 ? 2 : 1);
    }
  }
  const model = tf.sequential({
    layers: [new ReadsBack({ inputShape: [6] }), tf.layers.dense({ units: 1 })],
  });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const x = tf.ones([8, 6]);
  const y = tf.ones([8, 1]);
  const warn = t.mock.method(console, "warn", () => {});
  await fit(model, [x, y], { verbose: 0 });
  await fit(model, [x, y], { verbose: 0 });
  assert.equal(warn.mock.callCount(), 1);
  assert.match(
    warn.mock.calls[0]!.arguments[0] as string,
    /runs eagerly, which is slower: the step reads values back into JavaScript/,
  );
  await assert.rejects(
    fit(model, [x, y], { verbose: 0, engine: "graph" }),
    /the step reads values back into JavaScript/,
  );
  tf.dispose([x, y]);
  model.dispose();
});

test("bfloat16 gives the float32 losses to bfloat16's precision, not to float32's", async () => {
  const run = async (precision: "float32" | "bfloat16") => {
    setSeed(1);
    const model = which.build();
    const runner = runnerOf(model, { precision });
    const losses = await steps(runner, { of: which, from: 0, to: 5 });
    runner.dispose();
    free(model);
    return losses;
  };
  const [full, low] = [await run("float32"), await run("bfloat16")];
  const largest = Math.max(...full.map((loss, i) => Math.abs(loss - low[i]!)));
  assert.ok(largest > 1e-6 && largest < 0.05, `${largest}`);
});

test("bfloat16 without compilation is refused", async () => {
  const model = which.build();
  const x = tf.zeros([4, 10, 10, 2]);
  await assert.rejects(
    predict(model, x, { engine: "eager", precision: "bfloat16", verbose: 0 }),
    /`precision` must be "float32" when the engine is "eager".* Received: precision="bfloat16"/,
  );
  x.dispose();
  free(model);
});

test("predictions in bfloat16 come back as float32, also where the last layer computes in bfloat16", async () => {
  setSeed(1);
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu", inputShape: [8, 8, 3] }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
    ],
  });
  const x = tf.randomUniform([5, 8, 8, 3], 0, 1, "float32", 1);
  const options = { verbose: 0, engine: "graph" } as const;
  const full = (await predict(model, x, options)) as Tensor;
  const low = (await predict(model, x, { ...options, precision: "bfloat16" })) as Tensor;
  assert.equal(low.dtype, "float32");
  const largest = tf.tidy(() => tf.max(tf.abs(tf.sub(full, low))).dataSync()[0]!);
  assert.ok(largest > 0 && largest < 0.02, String(largest));
  tf.dispose([x, full, low]);
  model.dispose();
});

test("compiling, training and disposing leave no tensors but the optimizer's", async () => {
  setSeed(1);
  const model = adam.build();
  const data = batchOf(adam, { size: 20, seed: 1 });
  const pair: [Tensor, Tensor] = [data.xs[0]!, data.ys[0]!];
  await fit(model, pair, { batchSize: 8, verbose: 0, engine: "graph" }); // makes the slots
  const tensors = tf.memory().numTensors;
  await fit(model, pair, { batchSize: 8, epochs: 2, verbose: 0, engine: "graph" });
  await evaluate(model, pair, { batchSize: 8, verbose: 0, engine: "graph" });
  tf.dispose(await predict(model, pair[0], { batchSize: 8, verbose: 0, engine: "graph" }));
  assert.equal(tf.memory().numTensors, tensors);
  tf.dispose(pair);
  free(model);
});

test("compiling and disposing 200 times does not grow the process", async () => {
  const round = async () => {
    const model = adam.build();
    const runner = runnerOf(model);
    await steps(runner, { of: adam, from: 0, to: 1 });
    runner.dispose();
    free(model);
  };
  for (let i = 0; i < 100; i++) await round(); // pools and caches fill
  const before = await heldMiB();
  for (let i = 0; i < 200; i++) await round();
  const grown = (await heldMiB()) - before;
  assert.ok(grown <= 20, `grown by ${grown.toFixed(1)} MiB`);
});

for (const atOnce of [1, 100]) {
  const how = atOnce === 1 ? "" : `, ${atOnce} in a call,`;
  test(`10,000 steps${how} do not grow the process`, () => takeManySteps(atOnce));
}

async function takeManySteps(atOnce: number): Promise<void> {
  setSeed(1);
  const small = cases.find(({ name }) => name === "loss meanSquaredError")!;
  const model = small.build();
  const runner = runnerOf(model);
  const tensors = batchOf(small, { size: 8, seed: 1 });
  const batch = onHost(tensors);
  const run = async (count: number) => {
    const batches = Array(atOnce).fill(batch);
    for (let i = 0; i < count; i += atOnce) {
      assert.equal((await runner.trainMany(batches)).length, atOnce);
    }
  };
  await run(2000);
  const before = await heldMiB();
  await run(10_000);
  const grown = (await heldMiB()) - before;
  assert.ok(grown <= 20, `grown by ${grown.toFixed(1)} MiB`);
  runner.dispose();
  tf.dispose([tensors.xs, tensors.ys]);
  free(model);
}
