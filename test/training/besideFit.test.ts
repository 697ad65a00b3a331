/** What is seen of a model, kept of it, and refused, while another call trains it or after one has failed. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, it, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import {
  callbacks,
  evaluate,
  extractFeatures,
  fit,
  optimizers,
  predict,
  tf,
} from "../../lib/index";
import { repositoryRoot } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { pictures, writePictures } from "./featureModels";

/** Each step of training takes 1 / 1024 off the one weight: it tells how many there were. */
function counting(): LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 1, inputShape: [1], useBias: false, kernelInitializer: "zeros" }),
    ],
  });
  const optimizer = optimizers.sgd({ learningRate: 1 / 1024 });
  model.compile({ optimizer, loss: (_, predicted) => tf.mean(predicted, -1) });
  return model;
}

const stepsIn = (model: LayersModel) => -model.getWeights()[0]!.dataSync()[0]! * 1024;
const data = (samples: number): [tf.Tensor, tf.Tensor] => [
  tf.ones([samples, 1]),
  tf.zeros([samples, 1]),
];

test("the first file that a process saves beside a fit has weights and count of one step", () => {
  using folder = temporaryFolder();
  const library = path.join(repositoryRoot, ".build/lib/index");
  const program = `
    const { fit, loadModel, optimizers, saveModel, tf } = require(${JSON.stringify(library)});
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], useBias: false, kernelInitializer: "zeros" })] });
    model.compile({ optimizer: optimizers.sgd({ learningRate: 1 / 1024 }), loss: "meanAbsoluteError" });
    (async () => {
      const run = fit(model, [tf.ones([20000, 1]), tf.fill([20000, 1], 1e6)], { batchSize: 4, verbose: 0 });
      await new Promise((done) => setTimeout(done, 60));
      await saveModel(model, "beside.keras");
      const saved = await loadModel("beside.keras");
      console.log(saved.optimizer.iterations, saved.getWeights()[0].dataSync()[0] * 1024);
      process.exit(0);
    })();`;
  const output = execFileSync(process.execPath, ["-e", program], {
    cwd: folder.path,
    encoding: "utf8",
  });
  const [count, steps] = output.trim().split(" ").map(Number);
  assert.ok(count! > 0, output);
  assert.equal(steps, count);
});

describe("a model whose layer was frozen after compile, and goes on being trained", () => {
  it("is up to date for who predicts, and refuses other weights meanwhile", async () => {
    const model = counting();
    await fit(model, data(4), { batchSize: 4, verbose: 0 });
    model.layers[0]!.trainable = false;
    const run = fit(model, data(8000), { batchSize: 4, verbose: 0 });
    await delay(80);
    const predicted = (await predict(model, tf.ones([1, 1]), { verbose: 0 })) as tf.Tensor;
    assert.ok(-predicted.dataSync()[0]! * 1024 > 1, "later than the first run");
    assert.throws(() => model.setWeights([tf.ones([1, 1])]), /while a `fit` trains it/);
    assert.throws(() => model.compile({ optimizer: "sgd", loss: "meanSquaredError" }), /`compile`/);
    await run;
    assert.equal(stepsIn(model), 2001);
  });
});

test("features beside a fit are those of a step that has been made", async () => {
  const model = counting();
  const run = fit(model, data(8000), { batchSize: 4, verbose: 0 });
  await delay(80);
  const before = stepsIn(model);
  const batch = tf.data.generator(function* () {
    yield { xs: tf.ones([1, 1]), ys: tf.zeros([1, 1]) };
  });
  const { features, labels } = await extractFeatures(model, batch as never, { verbose: 0 });
  assert.ok(-features.dataSync()[0]! * 1024 > before);
  tf.dispose([features, labels]);
  await run;
});

/** Batches of `size` ones, and time between them for a `fit` to go on in. */
function slowBatches(count: number, sizes = [1]): tf.data.Dataset<tf.TensorContainer> {
  return tf.data.generator(async function* () {
    for (let i = 0; i < count; i++) {
      if (i > 0) await delay(60);
      const shape = [2, sizes[i % sizes.length]!];
      yield { xs: tf.ones(shape), ys: tf.zeros(shape) };
    }
  } as never);
}

/** The same for inputs of any length, which take a graph for each. */
function countingAlong(): LayersModel {
  const layer = tf.layers.conv1d({
    ...{ filters: 1, kernelSize: 1, useBias: false, kernelInitializer: "zeros" },
    inputShape: [null, 1] as unknown as number[],
  });
  const model = tf.sequential({ layers: [layer, tf.layers.globalAveragePooling1d()] });
  const optimizer = optimizers.sgd({ learningRate: 1 / 1024 });
  model.compile({ optimizer, loss: (_, predicted) => tf.mean(predicted, -1) });
  return model;
}

describe("all batches of one call are computed with the weights of one step", () => {
  for (const engine of ["eager", "graph", "auto"] as const) {
    for (const begins of ["before", "after"] as const) {
      it(`predictions by the engine "${engine}" of a model whose fit begins ${begins} them`, async () => {
        const model = counting();
        const train = () =>
          fit(model, data(4000), { batchSize: 4, epochs: 40, verbose: 0, engine: "eager" });
        const training: Promise<unknown>[] = begins === "before" ? [train()] : [];
        await delay(30);
        const steps: number[] = [];
        const onPredictBatchEnd = () => {
          steps.push(stepsIn(model));
          if (training.length === 0) training.push(train());
        };
        const predicted = (await predict(model, slowBatches(4) as never, {
          ...{ engine, verbose: 0, callbacks: { onPredictBatchEnd } },
        })) as tf.Tensor;
        model.stopTraining = true;
        await Promise.all(training);
        const found = [...predicted.dataSync()].map((value) => value * -1024);
        predicted.dispose();
        assert.ok(steps.at(-1)! > steps[0]!, `the fit went from ${steps.join(" to ")}`);
        assert.deepEqual(found, Array(8).fill(found[0]));
        if (begins === "after") assert.equal(Math.abs(found[0]!), 0);
      });
    }
  }

  it("graphs that are made one after another, for inputs of several lengths", async () => {
    const model = countingAlong();
    const train = { batchSize: 4, epochs: 40, verbose: 0, engine: "eager" } as const;
    const run = fit(model, [tf.ones([4000, 1, 1]), tf.zeros([4000, 1])], train);
    await delay(30);
    const batches = tf.data.generator(async function* () {
      for (const length of [1, 2, 3]) {
        yield tf.ones([2, length, 1]);
        await delay(60);
      }
    } as never);
    const before = stepsIn(model);
    const predicted = (await predict(model, batches as never, {
      ...{ engine: "graph", verbose: 0 },
    })) as tf.Tensor;
    model.stopTraining = true;
    await run;
    const found = [...predicted.dataSync()];
    predicted.dispose();
    assert.ok(stepsIn(model) > before);
    assert.deepEqual(found, Array(6).fill(found[0]));
  });

  it("leaves no tensors, and the newest weights in the model", async () => {
    const model = counting();
    const before = tf.memory().numTensors;
    const run = fit(model, data(80), { batchSize: 4, epochs: 4, verbose: 0, engine: "eager" });
    const predicted = await predict(model, slowBatches(2) as never, {
      engine: "eager",
      verbose: 0,
    });
    tf.dispose(predicted);
    await run;
    assert.equal(stepsIn(model), 80);
    assert.equal(tf.memory().numTensors, before + 2, "the data that `fit` was given");
  });
});

test("features beside a fit are kept under the key of the weights that they are of", async () => {
  using folder = temporaryFolder();
  using cache = temporaryFolder();
  writePictures(folder.path);
  const make = () => {
    const layer = tf.layers.conv2d({
      ...{ filters: 1, kernelSize: 1, useBias: false, kernelInitializer: "zeros" },
      inputShape: [8, 8, 3],
    });
    const model = tf.sequential({ layers: [layer, tf.layers.globalAveragePooling2d({})] });
    const optimizer = optimizers.sgd({ learningRate: 1 / 1024 });
    model.compile({ optimizer, loss: (_, predicted) => tf.mean(predicted, -1) });
    return model;
  };
  const preprocess = (images: tf.Tensor) => tf.onesLike(images);
  const settings = { preprocess, cacheDir: cache.path, verbose: 0 } as const;
  const model = make();
  for (const engine of ["eager", "graph"] as const) {
    const train = { batchSize: 4, epochs: 40, verbose: 0, engine } as const;
    const run = fit(model, [tf.ones([4000, 8, 8, 3]), tf.zeros([4000, 1])], train);
    await delay(80);
    const beside = await extractFeatures(model, await pictures(folder.path), settings);
    model.stopTraining = true;
    await run;
    const found = [...beside.features.dataSync()];
    assert.deepEqual(found, Array(10).fill(found[0]));
    const files = fs.readdirSync(cache.path);
    // Each of the three channels has the same weight: a third of what they add up to.
    const same = make();
    same.setWeights([tf.fill([1, 1, 3, 1], found[0]! / 3)]);
    const again = await extractFeatures(same, await pictures(folder.path), settings);
    assert.deepEqual([...again.features.dataSync()], found);
    assert.deepEqual(fs.readdirSync(cache.path), files, "nothing new was computed");
  }
});

test("a kept backup has the same files however often it is restored", async () => {
  using folder = temporaryFolder();
  const files: number[] = [];
  for (let run = 0; run < 3; run++) {
    const backup = callbacks.backupAndRestore({ backupDir: folder.path, deleteCheckpoint: false });
    await fit(counting(), data(8), { epochs: 2, verbose: 0, callbacks: backup });
    files.push(fs.readdirSync(folder.path).length);
  }
  assert.deepEqual(files, [files[0], files[0], files[0]]);
});

for (const engine of ["graph", "auto", "eager"] as const) {
  test(`a step that fails leaves no tensor (${engine})`, async () => {
    const model = counting();
    const bad = () => {
      throw new Error("not today");
    };
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: [bad as never] });
    const [x, y] = data(4);
    const go = () => assert.rejects(fit(model, [x, y], { verbose: 0, engine }), /not today/);
    await go();
    const before = tf.memory().numTensors;
    await go();
    assert.equal(tf.memory().numTensors, before);
  });
}

test("a prediction whose data fail leaves no listener for Ctrl-C", async () => {
  const before = process.listenerCount("SIGINT");
  const bad = tf.data.generator(() => {
    throw new Error("no data");
  });
  await assert.rejects(predict(counting(), bad as never, { verbose: 0 }), /no data/);
  assert.equal(process.listenerCount("SIGINT"), before);
});

test("binary accuracy of a masked sequence is a share of its steps (Keras 3.15.1: 0.6667)", async () => {
  const dense = tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: "ones" });
  const model = tf.sequential({
    layers: [
      tf.layers.masking({ maskValue: 0, inputShape: [3, 2] }),
      tf.layers.timeDistributed({ layer: dense }),
    ],
  });
  model.compile({ optimizer: "sgd", loss: "binaryCrossentropy", metrics: ["accuracy"] });
  const x = tf.tensor3d([
    [
      [1, 1],
      [0, 0],
      [0, 0],
    ],
    [
      [1, 2],
      [2, 1],
      [0, 0],
    ],
    [
      [-1, -2],
      [2, 1],
      [3, 3],
    ],
  ]);
  const y = tf.tensor3d([
    [[1], [0], [0]],
    [[0], [1], [0]],
    [[0], [1], [0]],
  ]);
  for (const engine of ["graph", "eager"] as const) {
    const options = { verbose: 0, engine, returnDict: true } as const;
    const { accuracy } = await evaluate(model, [x, y], options);
    assert.ok(Math.abs(accuracy! - 2 / 3) < 1e-6, `${accuracy} (${engine})`);
  }
});
