/** Freezing and fine-tuning, beside Keras: which weights are trained, and the losses of the first steps. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { applications, fit, layers, loadWeights, optimizers, tf } from "../../lib/index";
import { runPythonFile } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { pixels } from "./pixels";

interface Trained {
  trained: number;
  losses: number[];
  statistics: number;
}

type Case = "functional" | "sequential" | "fineTuned" | "vgg" | "late";

const folder = temporaryFolder();
let keras: Record<Case, Trained> & { flags: number[] };

before(async () => {
  const printed = await runPythonFile("test/applications/freezing.py", [folder.path]);
  keras = JSON.parse(printed.trim().split("\n").at(-1)!);
});

after(() => folder[Symbol.dispose]());

const { vgg16, mobileNetV2 } = applications;
const headless = {
  weights: null,
  includeTop: false,
  inputShape: [64, 64, 3] as [number, number, number],
};
const mobileBase = () => mobileNetV2({ ...headless, alpha: 0.35 });

type Preprocess = (x: SymbolicTensor) => SymbolicTensor;

const head = () => [
  tf.layers.globalAveragePooling2d({ name: "mean" }),
  tf.layers.dense({ units: 1, activation: "sigmoid", name: "head" }),
];

function functional(base: LayersModel, preprocess: Preprocess = mobileNetV2.preprocessInput) {
  const inputs = tf.input({ shape: [64, 64, 3] });
  let x = base.apply(preprocess(inputs)) as SymbolicTensor;
  for (const layer of head()) x = layer.apply(x) as SymbolicTensor;
  return tf.model({ inputs, outputs: x });
}

function sequential(base: LayersModel) {
  const rescaling = layers.rescaling({ scale: 1 / 127.5, offset: -1, inputShape: [64, 64, 3] });
  return tf.sequential({ layers: [rescaling, base, ...head()] });
}

type Engine = "graph" | "eager";

/** The mean loss up to each step of one epoch. */
async function train(model: LayersModel, engine: Engine): Promise<number[]> {
  const losses: number[] = [];
  const x = pixels([12, 64, 64, 3]);
  const y = tf.tensor2d(
    Array.from({ length: 12 }, (_, i) => i % 2),
    [12, 1],
  );
  const note = {
    onlyReadsLogs: true,
    onTrainBatchEnd: (_: number, logs?: Record<string, number>) => void losses.push(logs!.loss!),
  };
  const settings = { epochs: 1, batchSize: 4, shuffle: false, verbose: 0 } as const;
  await fit(model, [x, y], { ...settings, engine, callbacks: note });
  tf.dispose([x, y]);
  return losses;
}

function compile(model: LayersModel, rate: number) {
  const optimizer = optimizers.sgd({ learningRate: rate });
  model.compile({ optimizer, loss: "binaryCrossentropy" });
}

/** Moving means and variances of every layer, at any depth. */
function movingStatistics(model: LayersModel): Float32Array[] {
  return model.weights
    .filter(({ originalName }) => originalName.includes("moving"))
    .map((weight) => weight.read().dataSync().slice() as Float32Array);
}

async function assertTrains(model: LayersModel, name: Case, engine: Engine, losses: number[]) {
  const expected = keras[name];
  assert.equal(model.trainableWeights.length, expected.trained);
  assertClose(losses, expected.losses, 1e-4);
  const sum = movingStatistics(model)
    .flatMap((values) => [...values])
    .reduce((total, value) => total + Math.abs(value), 0);
  assertClose([sum], [expected.statistics], 1e-4 * Math.max(1, expected.statistics));
  assert.ok(losses.length > 0, engine);
}

function assertClose(found: number[], expected: number[], tolerance: number): void {
  assert.equal(found.length, expected.length);
  const worst = Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)));
  assert.ok(worst <= tolerance, `${found} differs from ${expected} by ${worst}`);
}

for (const engine of ["graph", "eager"] as const) {
  for (const [name, build] of [
    ["functional", functional],
    ["sequential", sequential],
  ] as const) {
    test(`a frozen base in a ${name} model trains as in Keras, its statistics unchanged (${engine})`, async () => {
      const tensors = tf.memory().numTensors;
      const base = await mobileBase();
      base.trainable = false;
      const model = build(base);
      compile(model, 0.1);
      await loadWeights(model, folder.join(`${name}.weights.h5`));
      const statistics = movingStatistics(model);
      assert.equal(statistics.length, 104);
      const losses = await train(model, engine);
      await assertTrains(model, name, engine, losses);
      assert.deepEqual(movingStatistics(model), statistics);
      assert.deepEqual(
        model.trainableWeights.map(({ originalName }) => originalName),
        ["head/kernel", "head/bias"],
      );
      model.dispose();
      if (build === sequential) base.dispose(); // tfjs leaves a Sequential's models to those who made them
      assert.equal(tf.memory().numTensors, tensors);
    });
  }

  test(`MobileNetV2's last layers are fine-tuned as in Keras (${engine})`, async () => {
    const base = await mobileBase();
    base.trainable = false;
    base.trainable = true;
    for (const layer of base.layers.slice(0, -9)) layer.trainable = false;
    const model = functional(base);
    compile(model, 0.01);
    await loadWeights(model, folder.join("fineTuned.weights.h5"));
    await assertTrains(model, "fineTuned", engine, await train(model, engine));
    model.dispose();
  });

  test(`VGG16's last block is fine-tuned as in Keras, behind its preprocessing (${engine})`, async () => {
    const base = await vgg16(headless);
    base.trainable = false;
    base.trainable = true;
    for (const layer of base.layers.slice(0, -4)) layer.trainable = false;
    const model = functional(base, vgg16.preprocessInput);
    compile(model, 1e-4);
    await copyByName(model, "vgg");
    await assertTrains(model, "vgg", engine, await train(model, engine));
    model.dispose();
  });

  test(`freezing after compile counts until the first step; unfreezing waits for the next compile (${engine})`, async () => {
    const base = await mobileBase();
    const model = functional(base);
    compile(model, 0.1);
    base.trainable = false;
    await loadWeights(model, folder.join("late.weights.h5"));
    const losses = await train(model, engine);
    base.trainable = true;
    losses.push(...(await train(model, engine)));
    await assertTrains(model, "late", engine, losses);
    model.dispose();
  });
}

test("the list of trained weights follows each change of `trainable` as in Keras", async () => {
  const base = await mobileBase();
  const model = functional(base);
  const count = () => model.trainableWeights.length;
  const counts = [count()];
  const change = (what: { trainable: boolean }, value: boolean) => {
    what.trainable = value;
    counts.push(count());
  };
  change(base.layers[1]!, false);
  change(base, false);
  change(base.layers.at(-2)!, true);
  change(base, true);
  change(model, false);
  change(base, true);
  change(model, true);
  assert.deepEqual(counts, keras.flags);
  model.dispose();
});

/** Keras' preprocessing is no layer of ours, so the two files' layers are matched by their names. */
async function copyByName(model: LayersModel, name: Case): Promise<void> {
  await loadWeights(model, folder.join(`${name}.weights.h5`), { byName: true });
}
