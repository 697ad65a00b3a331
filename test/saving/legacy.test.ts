/** Keras 2's files, and weights by the names of layers. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { loadModel, loadWeights, saveWeights } from "../../lib/saving";
import { tf } from "../../lib/tfjs";
import { runPythonFile } from "../support/python";

let folder: string;
let x: Tensor;
let y: Tensor;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "legacy-"));
  await runPythonFile("test/saving/legacy_files.py", [folder]);
  x = await readArray("x", [3, 8, 8, 3]);
  y = await readArray("y", [3, 2]);
});

after(async () => {
  tf.dispose([x, y]);
  await fs.rm(folder, { recursive: true, force: true });
});

async function readArray(name: string, shape: number[]): Promise<Tensor> {
  const bytes = await fs.readFile(path.join(folder, name));
  return tf.tensor(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4), shape);
}

function differsBy(model: LayersModel): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(model.predict(x) as Tensor, y))).dataSync()[0]!);
}

function base(names: { conv: string; norm: string; deep: string }): LayersModel {
  const input = tf.input({ shape: [8, 8, 3] });
  let output = input;
  for (const layer of [
    tf.layers.conv2d({ filters: 4, kernelSize: 3, useBias: false, name: names.conv }),
    tf.layers.batchNormalization({ name: names.norm }),
    tf.layers.reLU({ maxValue: 6 }),
    tf.layers.depthwiseConv2d({ kernelSize: 3, name: names.deep }),
  ]) {
    output = layer.apply(output) as SymbolicTensor;
  }
  return tf.model({ inputs: input, outputs: output });
}

test("loadModel() reads a Keras 2 file with a model in a model, compiled", async () => {
  const tensors = tf.memory().numTensors;
  const model = await loadModel(path.join(folder, "keras2.h5"));
  assert.ok(differsBy(model) <= 1e-5, `differs by ${differsBy(model)}`);
  assert.equal(model.layers[1]!.name, "base");
  assert.equal(model.loss, "categoricalCrossentropy");
  model.dispose();
  assert.equal(tf.memory().numTensors, tensors);
});

test("loadModel() reads a Sequential model that is but a list of layers, as before Keras 2.2.3", async () => {
  const tensors = tf.memory().numTensors;
  const model = await loadModel(path.join(folder, "list.h5"));
  const expected = await readArray("list_y", [3, 2]);
  const predicted = model.predict(x) as Tensor;
  const worst = tf.tidy(() => tf.max(tf.abs(tf.sub(predicted, expected))).dataSync()[0]!);
  assert.ok(worst <= 1e-6, `differs by ${worst}`);
  assert.ok(model instanceof tf.Sequential);
  tf.dispose([expected, predicted]);
  model.dispose();
  assert.equal(tf.memory().numTensors, tensors);
});

test("loadWeights() reads a file of weights layer by layer, whatever the layers are called", async () => {
  const whole = await loadModel(path.join(folder, "keras2.h5"));
  const inner = whole.layers[1] as LayersModel;
  const model = base({ conv: "a", norm: "b", deep: "c" });
  await loadWeights(model, path.join(folder, "base_notop.h5"));
  for (const [i, weight] of model.getWeights().entries()) {
    const expected = inner.getWeights()[i]!;
    assert.deepEqual([...weight.dataSync()], [...expected.dataSync()]);
  }
  whole.dispose();
  model.dispose();
});

test("loadWeights() with byName fills the layers that the file knows and leaves the others", async () => {
  const model = base({ conv: "conv", norm: "another", deep: "deep" });
  const [before] = model.layers[2]!.getWeights().map((weight) => weight.dataSync().slice());
  await loadWeights(model, path.join(folder, "base_notop.h5"), { byName: true });
  assert.deepEqual(model.layers[2]!.getWeights()[0]!.dataSync(), before);
  const whole = await loadModel(path.join(folder, "keras2.h5"));
  const [, , , , deep] = (whole.layers[1] as LayersModel).layers;
  assert.deepEqual(model.layers[4]!.getWeights()[0]!.dataSync(), deep!.getWeights()[0]!.dataSync());
  whole.dispose();
  model.dispose();
});

test("loadWeights() with byName finds layers in a model in an older file's model", async () => {
  const whole = await loadModel(path.join(folder, "keras2.h5"));
  const model = base({ conv: "conv", norm: "norm", deep: "deep" });
  await loadWeights(model, path.join(folder, "keras2.h5"), { byName: true });
  const inner = whole.layers[1] as LayersModel;
  for (const [i, weight] of model.getWeights().entries()) {
    assert.deepEqual([...weight.dataSync()], [...inner.getWeights()[i]!.dataSync()]);
  }
  for (const each of [whole, model]) each.dispose();
});

test("loadWeights() with byName finds layers anywhere in a .weights.h5 file", async () => {
  const whole = await loadModel(path.join(folder, "keras2.h5"));
  const file = path.join(folder, "whole.weights.h5");
  await saveWeights(whole, file);
  const model = base({ conv: "conv", norm: "norm", deep: "deep" });
  await loadWeights(model, file, { byName: true });
  const inner = whole.layers[1] as LayersModel;
  for (const [i, weight] of model.getWeights().entries()) {
    assert.deepEqual([...weight.dataSync()], [...inner.getWeights()[i]!.dataSync()]);
  }
  const stranger = base({ conv: "x", norm: "y", deep: "z" });
  await assert.rejects(
    loadWeights(stranger, file, { byName: true }),
    /has no layer of any name that the model has/,
  );
  for (const each of [whole, model, stranger]) each.dispose();
});

test("loadWeights() with skipMismatch leaves a layer of another shape as it is", async () => {
  const make = (units: number) =>
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, inputShape: [3], name: "body" }),
        tf.layers.dense({ units, name: "head" }),
      ],
    });
  const [one, other] = [make(2), make(5)];
  const file = path.join(folder, "head.weights.h5");
  await saveWeights(one, file);
  const [, , head] = other.getWeights().map((weight) => weight.dataSync().slice());
  await assert.rejects(loadWeights(other, file), /shape \[4, 2\] where the model has \[4, 5\]/);
  await loadWeights(other, file, { skipMismatch: true });
  assert.deepEqual(other.getWeights()[0]!.dataSync(), one.getWeights()[0]!.dataSync());
  assert.deepEqual(other.getWeights()[2]!.dataSync(), head);
  for (const each of [one, other]) each.dispose();
});

test("loadModel() says what to do with a file of weights only", async () => {
  await assert.rejects(
    loadModel(path.join(folder, "base_notop.h5")),
    /holds weights without a model\. Build the model, then call loadWeights\(\)/,
  );
});
