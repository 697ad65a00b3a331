import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { DType } from "../../../lib/engine";
import type { HostTensor } from "../../../lib/graph";
import { layers, optimizers, setSeed, tf } from "../../../lib/index";
import { compileSteps } from "../../../lib/training/compiled/compile";
import { CompiledSteps } from "../../../lib/training/compiled/compiledSteps";
import type { LoopRequest } from "../../../lib/training/compiled/manySteps";
import { fusedOptimizer, prepareOptimizer } from "../../../lib/training/compiled/optimizers";
import type { StepRequest, TrainedBy } from "../../../lib/training/compiled/traceStep";
import { EagerStep } from "../../../lib/training/eager";
import { internals, trainedParts } from "../../../lib/training/model";
import { objectiveOf } from "../../../lib/training/objective";

const STEPS = 5;
const BATCH = 6;
const IMAGE = [9, 9, 2];

type Optimizer = Parameters<LayersModel["compile"]>[0]["optimizer"];

function plainModel(optimizer: Optimizer): LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        activation: "relu",
        inputShape: IMAGE as [9, 9, 2],
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

function randomModel(optimizer: Optimizer): LayersModel {
  const model = tf.sequential({
    layers: [
      layers.randomFlip({ mode: "horizontal", inputShape: IMAGE as [9, 9, 2] }),
      layers.randomRotation({ factor: 0.1 }),
      layers.randomZoom({ heightFactor: 0.2 }),
      tf.layers.gaussianNoise({ stddev: 0.1 }),
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu" }),
      tf.layers.batchNormalization(),
      layers.dropout({ rate: 0.4 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

async function compiled(
  model: LayersModel,
  loop: Omit<LoopRequest, "step">,
): Promise<CompiledSteps> {
  const eager = new EagerStep(model, objectiveOf(model, "fit"), "train");
  const optimizer = internals(model).optimizer_ as unknown as TrainedBy["optimizer"];
  prepareOptimizer(
    optimizer,
    trainedParts(model).weights.map((weight) => weight.read()),
  );
  const request: StepRequest = {
    name: "train",
    run: ([x, y]) => eager.train({ xs: [x!], ys: [y!], size: x!.shape[0]! }),
    inputs: [
      { shape: IMAGE, dtype: "float32" },
      { shape: [], dtype: "int32" },
    ],
    scalars: true,
    optimizer: { optimizer, fused: fusedOptimizer(optimizer) },
  };
  const options = { precision: "float32" as const, batchSize: BATCH };
  const made = await compileSteps([request], { ...options, loops: [{ step: "train", ...loop }] });
  const steps = new CompiledSteps(made);
  await steps.push();
  return steps;
}

/** Whole numbers, so that they are the same as uint8. */
function data(count: number): { images: HostTensor; labels: HostTensor } {
  const size = IMAGE.reduce((a, b) => a * b);
  const pixels = Uint8Array.from(
    { length: count * size },
    (_, i) => (i * 7919 + (i >> 3) * 31) % 5,
  );
  return {
    images: { dtype: DType.uint8, shape: [count, ...IMAGE], data: pixels },
    labels: {
      dtype: DType.int32,
      shape: [count],
      data: Int32Array.from({ length: count }, (_, i) => (i * 5) % 3),
    },
  };
}

function asFloats({ data, shape }: HostTensor): HostTensor {
  return { dtype: DType.float32, shape, data: Float32Array.from(data as Uint8Array) };
}

function inBatches({ dtype, data, shape: [, ...example] }: HostTensor): HostTensor {
  return { dtype, data, shape: [STEPS, BATCH, ...example] };
}

/** The first two batches, or those that follow. */
function someBatches({ dtype, data, shape: [, ...rest] }: HostTensor, from: number): HostTensor {
  const size = rest.reduce((a, b) => a * b);
  const to = from === 0 ? 2 : STEPS;
  const part = (data as Uint8Array).slice(from * size, to * size);
  return { dtype, shape: [to - from, ...rest], data: part };
}

const rates = Array.from({ length: STEPS }, (_, i) => 0.01 / (i + 1));

async function singly(model: LayersModel, steps: CompiledSteps): Promise<number[][]> {
  const { images, labels } = data(STEPS * BATCH);
  const x = tf.tensor(asFloats(images).data as Float32Array, [...images.shape]);
  const y = tf.tensor(labels.data as Int32Array, [...labels.shape], "int32");
  const results: number[][] = [];
  for (let step = 0; step < STEPS; step++) {
    const batch = [x, y].map((all) => all.slice(step * BATCH, BATCH));
    const [packed] = await steps.run("train", batch, { learningRate: rates[step]! });
    results.push(Array.from(packed!.data as Float32Array));
    tf.dispose(batch);
  }
  tf.dispose([x, y]);
  await steps.pull();
  assert.equal(model.weights.length > 0, true);
  return results;
}

async function weightsOf(model: LayersModel): Promise<number[]> {
  return model.getWeights().flatMap((weight: Tensor) => [...weight.dataSync()]);
}

function assertClose(actual: number[], expected: number[], message: string): void {
  assert.equal(actual.length, expected.length);
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  assert.ok(worst < 2e-5, `${message}: ${worst} apart`);
}

/** Both ways from the same start; the results and weights must be the same. */
async function compare(build: () => LayersModel, loop: Omit<LoopRequest, "step">): Promise<void> {
  const start = async () => {
    setSeed(3);
    const model = build();
    return { model, steps: await compiled(model, loop) };
  };
  const one = await start();
  const expected = await singly(one.model, one.steps);
  const many = await start();
  const { images, labels } = data(STEPS * BATCH);
  const kept = loop.stored?.[0] === DType.uint8 ? images : asFloats(images);
  let feeds = [inBatches(kept), inBatches(labels)];
  if (loop.resident !== undefined) {
    await many.steps.stage("train", [kept, labels]);
    const indices = Int32Array.from({ length: STEPS * BATCH }, (_, i) => i);
    feeds = [{ dtype: DType.int32, shape: [STEPS, BATCH], data: indices }];
  }
  let actual: number[][];
  if (loop.staged) {
    const [first, second] = [0, 2].map((from) => feeds.map((feed) => someBatches(feed, from))) as [
      HostTensor[],
      HostTensor[],
    ];
    await many.steps.stage("train", first, 0);
    const begun = many.steps.runMany("train", [], { learningRate: rates.slice(0, 2), slot: 0 });
    await many.steps.stage("train", second, 1);
    actual = await begun;
    const learningRate = rates.slice(2);
    actual.push(...(await many.steps.runMany("train", [], { learningRate, slot: 1 })));
  } else actual = await many.steps.runMany("train", feeds, { learningRate: rates });
  await many.steps.pull();
  assert.equal(many.steps.refusalByXla("train"), undefined);
  assert.deepEqual(
    actual.map((row) => row.length),
    expected.map((row) => row.length),
  );
  assertClose(actual.flat(), expected.flat(), "results");
  assertClose(await weightsOf(many.model), await weightsOf(one.model), "weights");
  for (const { model, steps } of [one, many]) {
    steps.dispose();
    model.dispose();
  }
}

const kinds: [string, () => Optimizer][] = [
  ["SGD", () => "sgd"],
  ["RMSprop", () => optimizers.rmsprop()],
  ["RMSprop with momentum", () => optimizers.rmsprop({ momentum: 0.5 })],
  ["Adam", () => optimizers.adam()],
  ["Adam of tfjs", () => "adam"],
];

for (const [name, optimizer] of kinds) {
  for (const xla of [false, true]) {
    test(`a loop over steps of ${name}${xla ? ", compiled by XLA," : ""} trains as single steps do`, async () => {
      await compare(() => plainModel(optimizer()), { xla });
    });
  }
}

for (const xla of [false, true]) {
  const how = xla ? "a loop compiled by XLA" : "a loop";
  test(`${how} draws the random numbers of single steps and moves statistics`, async () => {
    await compare(() => randomModel(optimizers.adam()), { xla });
  });
  test(`${how} takes batches that were brought while another call ran`, async () => {
    await compare(() => plainModel(optimizers.adam()), { xla, staged: true });
  });
  test(`${how} takes as many turns as it is told`, async () => {
    const { images, labels } = data(STEPS * BATCH);
    const feeds = [inBatches(asFloats(images)), inBatches(labels)];
    const results: number[][][] = [];
    for (const turns of [STEPS, 2]) {
      setSeed(3);
      const model = randomModel("sgd");
      const steps = await compiled(model, { xla, counted: true });
      const learningRate = 0.01;
      results.push(await steps.runMany("train", feeds, { learningRate, turns }));
      steps.dispose();
      model.dispose();
    }
    assert.equal(results[1]!.length, 2);
    assertClose(results[1]!.flat(), results[0]!.slice(0, 2).flat(), "results");
  });
  test(`${how} takes its examples by index from the session, as uint8`, async () => {
    const stored = [DType.uint8, undefined];
    await compare(() => plainModel(optimizers.rmsprop()), { xla, stored, resident: STEPS * BATCH });
  });
}
