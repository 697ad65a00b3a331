/** The networks beside Keras': names, sizes, and what they give with the same weights. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { after, before, test } from "node:test";
import type { LayersModel, Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { applications, clearSession, predict, tf } from "../../lib/index";
import { runPythonFile } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { pixels } from "./pixels";

interface Facts {
  name: string;
  count: number;
  output: (number | null)[];
  layers: [name: string, className: string, parameters: number, output: (number | null)[]][];
  images: [number, number, number, number];
  predicted: number[];
}

const { vgg16, mobileNetV2 } = applications;
const folder = temporaryFolder();
let facts: Record<string, Facts>;

before(async () => {
  facts = JSON.parse(await runPythonFile("test/applications/networks.py", [folder.path]));
});

after(() => folder[Symbol.dispose]());

const headless = { includeTop: false, inputShape: [64, 64, 3] as [number, number, number] };

/** By Keras' case: the same network made here, with the weights of a file. */
const networks: Record<string, (weights: string | null) => Promise<LayersModel>> = {
  vgg: (weights) => vgg16({ weights, ...headless }),
  vggTop: (weights) => vgg16({ weights, inputShape: [32, 32, 3], classes: 10 }),
  vggLogits: (weights) =>
    vgg16({ weights, inputShape: [32, 32, 3], classes: 10, classifierActivation: null }),
  vggChapter: (weights) => vgg16({ weights, includeTop: false, inputShape: [180, 180, 3] }),
  vggAverage: (weights) => vgg16({ weights, ...headless, pooling: "avg" }),
  vggMaximum: (weights) => vgg16({ weights, ...headless, pooling: "max" }),
  mobile: (weights) => mobileNetV2({ weights, includeTop: false, inputShape: [96, 96, 3] }),
  mobileOdd: (weights) =>
    mobileNetV2({ weights, includeTop: false, inputShape: [75, 101, 3], alpha: 0.35 }),
  mobileOpen: (weights) => mobileNetV2({ weights, includeTop: false, alpha: 0.5 }),
  mobileTop: (weights) =>
    mobileNetV2({ weights, inputShape: [64, 64, 3], classes: 7, alpha: 0.75 }),
  mobileWide: (weights) => mobileNetV2({ weights, ...headless, alpha: 1.4, pooling: "avg" }),
};

for (const [name, make] of Object.entries(networks)) {
  test(`${name}: layers, shapes and parameters are Keras'`, async () => {
    const tensors = tf.memory().numTensors;
    clearSession(); // names are counted anew, as the Python side does for each case
    const model = await make(null);
    const { layers, ...expected } = facts[name]!;
    assert.equal(model.name, expected.name);
    assert.equal(model.countParams(), expected.count);
    assert.deepEqual(model.outputs[0]!.shape, expected.output);
    const rows = model.layers.map((layer) => [
      layer.name,
      layer.getClassName(),
      layer.countParams(),
      layer.outputShape,
    ]);
    assert.deepEqual(rows, layers);
    model.dispose();
    assert.equal(tf.memory().numTensors, tensors);
  });

  for (const end of [".weights.h5", ".h5"]) {
    test(`${name}: with Keras' weights (${end}) it gives what Keras' gives`, async () => {
      const tensors = tf.memory().numTensors;
      const model = await make(folder.join(`${name}${end}`));
      assert.equal(applications.weightsOf(model).name, "file");
      await assertGives(model, name);
      model.dispose();
      assert.equal(tf.memory().numTensors, tensors);
    });
  }
}

test("vgg16 with the weights for edges gives the features that Keras gives with them", async () => {
  const model = await vgg16({ weights: "edges", ...headless });
  assert.equal(applications.weightsOf(model).name, "edges");
  await assertGives(model, "vggEdges");
  model.dispose();
});

test("mobileNetV2 with the weights for dogs gives the features of their base in Keras", async () => {
  const model = await mobileNetV2({
    weights: "dogs",
    includeTop: false,
    inputShape: [160, 160, 3],
  });
  assert.equal(applications.weightsOf(model).name, "dogs");
  await assertGives(model, "mobileDogs");
  model.dispose();
});

test("vgg16 has the paper's 138,357,544 parameters, 14,714,688 without the top", async () => {
  const whole = await vgg16({ weights: null });
  assert.equal(whole.countParams(), 138_357_544);
  whole.dispose();
  const trunk = await vgg16({ weights: null, includeTop: false, name: "trunk" });
  assert.equal(trunk.countParams(), 14_714_688);
  assert.deepEqual(trunk.outputs[0]!.shape, [null, null, null, 512]);
  assert.equal(trunk.name, "trunk");
  trunk.dispose();
});

test("mobileNetV2 has 3,538,984 parameters, 2,257,984 without the top", async () => {
  const whole = await mobileNetV2({ weights: null });
  assert.equal(whole.countParams(), 3_538_984);
  whole.dispose();
  const base = await mobileNetV2({ weights: null, includeTop: false });
  assert.equal(base.countParams(), 2_257_984);
  base.dispose();
});

/** Compares predictions, graph and eager, with Keras': 1e-4 of the largest number. */
async function assertGives(model: LayersModel, name: string): Promise<void> {
  const { images, predicted } = facts[name]!;
  const bytes = await fs.readFile(folder.join(`${name}.output`));
  const expected = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const { preprocessInput } = name.startsWith("vgg") ? vgg16 : mobileNetV2;
  const raw = pixels(images);
  const x = preprocessInput(raw) as Tensor4D;
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  assert.ok(scale > 1e-6, "Keras' numbers are not all 0");
  for (const engine of ["graph", "eager"] as const) {
    const y = (await predict(model, x, { engine, verbose: 0, batchSize: 4 })) as Tensor;
    assert.deepEqual(y.shape, predicted);
    const found = y.dataSync() as Float32Array;
    const worst = found.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - expected[i]!)),
      0,
    );
    assert.ok(worst <= 1e-4 * scale, `${engine}: differs by ${worst} of ${scale}`);
    y.dispose();
  }
  tf.dispose([raw, x]);
}
