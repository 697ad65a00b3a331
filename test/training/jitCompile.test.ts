/** Training that XLA compiles: the same as without it, to the rounding of float32. */
import "../support/withoutXlaCache"; // first: TensorFlow reads it when it is loaded
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayersModel, Optimizer } from "@tensorflow/tfjs-node-gpu";
import {
  type CallbackLike,
  type FitOptions,
  fit,
  InterruptedError,
  layers,
  loadModel,
  optimizers,
  saveModel,
  setSeed,
  tf,
} from "../../lib/index";
import { functionalOf, jitCompileOf } from "../../lib/tfjs";
import { observedCalls } from "../support/nativeCalls";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { numbersOf, tensorCount } from "./models";

type Compilation = Parameters<LayersModel["compile"]>[0];
type Calls = Pick<Compilation, "jitCompile" | "stepsPerExecution">;

interface Made extends Calls {
  build: () => LayersModel;
  optimizer: () => Optimizer | string;
}

/** 52 pictures of 12×12 in batches of 8: six whole ones, then four pictures. */
const samples = 52;
const options = { epochs: 3, batchSize: 8, verbose: 0 } satisfies FitOptions;

function pictures(): [tf.Tensor, tf.Tensor] {
  const x = tf.tensor4d(
    Array.from({ length: samples * 144 }, (_, i) => Math.sin(i * 12.9898) * 0.5 + 0.5),
    [samples, 12, 12, 1],
  );
  return [x, tf.tensor1d(Array.from({ length: samples }, (_, i) => i % 10))];
}

/** MNIST's convnet, with fewer filters. */
function convnet(): LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 8, kernelSize: 3, activation: "relu", inputShape: [12, 12, 1] }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 16, kernelSize: 3, activation: "relu" }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
}

/** With all that draws or keeps statistics while it trains. */
function augmented(): LayersModel {
  return tf.sequential({
    layers: [
      layers.randomFlip({ mode: "horizontal", inputShape: [12, 12, 1] }),
      layers.randomRotation({ factor: 0.1 }),
      layers.randomZoom({ heightFactor: 0.2 }),
      tf.layers.conv2d({ filters: 8, kernelSize: 3, useBias: false }),
      tf.layers.batchNormalization(),
      tf.layers.reLU(),
      tf.layers.gaussianNoise({ stddev: 0.1 }),
      tf.layers.flatten(),
      layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
}

async function trained({ build, optimizer, ...calls }: Made, more: Partial<FitOptions> = {}) {
  setSeed(1);
  const [x, y] = pictures();
  const model = build();
  const loss = "sparseCategoricalCrossentropy";
  model.compile({ optimizer: optimizer(), loss, metrics: ["accuracy"], ...calls });
  const before = tensorCount();
  const { result, calls: taken } = await observedCalls(() =>
    fit(model, [x, y], { ...options, ...more }),
  );
  const slots = tensorCount() - before;
  tf.dispose([x, y]);
  return {
    losses: result.history.loss!,
    accuracies: result.history.accuracy!,
    weights: numbersOf(model),
    iterations: model.optimizer.iterations,
    calls: taken,
    slots,
  };
}

type Trained = Awaited<ReturnType<typeof trained>>;

function assertSame(jit: Trained, plain: Trained) {
  const apart = jit.losses.map((loss, i) => Math.abs(loss / plain.losses[i]! - 1));
  assert.ok(Math.max(...apart) <= 1e-4, `losses ${apart.join(" ")}`);
  assert.deepEqual(jit.accuracies, plain.accuracies);
  const weights = jit.weights.map((weight, i) => Math.abs(weight - plain.weights[i]!));
  assert.ok(Math.max(...weights) <= 1e-3, `weights ${Math.max(...weights)}`);
  assert.equal(jit.iterations, plain.iterations);
  assert.equal(jit.slots, plain.slots);
}

const cases: [string, () => LayersModel, () => Optimizer | string][] = [
  ["MNIST's convnet with RMSprop", convnet, () => optimizers.rmsprop()],
  ["MNIST's convnet with tfjs' Adam", convnet, () => "adam"],
  [
    "augmentation, BatchNormalization and dropout with Adam",
    augmented,
    () => optimizers.adam({ learningRate: 0.002 }),
  ],
  [
    "augmentation, BatchNormalization and dropout with SGD's momentum and a schedule",
    augmented,
    () =>
      optimizers.sgd({
        momentum: 0.9,
        learningRate: optimizers.schedules.exponentialDecay({
          initialLearningRate: 0.02,
          decaySteps: 3,
          decayRate: 0.7,
        }),
      }),
  ],
];

for (const [name, build, optimizer] of cases) {
  test(`${name}: four steps in a loop of XLA's train as the plain engine does`, async () => {
    const plain = await trained({ build, optimizer, jitCompile: false });
    const jit = await trained({ build, optimizer, jitCompile: true, stepsPerExecution: 4 });
    assertSame(jit, plain);
    assert.deepEqual(plain.calls, Array(21).fill("plain 1"));
    const epoch = ["XLA 4", "XLA 2", "plain 1"]; // the last batch is smaller
    assert.deepEqual(jit.calls, [...epoch, ...epoch, ...epoch]);
  });
}

test("without `stepsPerExecution` XLA takes each step by itself", async () => {
  const made = { build: convnet, optimizer: () => optimizers.sgd() };
  const plain = await trained({ ...made, jitCompile: false });
  const jit = await trained({ ...made, jitCompile: true });
  assertSame(jit, plain);
  assert.deepEqual(jit.calls.slice(0, 7), [...Array(6).fill("XLA 1"), "plain 1"]);
});

test('"auto" steps are measured by two without XLA, which then compiles once', async () => {
  const made = { build: convnet, optimizer: () => optimizers.sgd() };
  const plain = await trained({ ...made, jitCompile: false });
  const jit = await trained({ ...made, jitCompile: true, stepsPerExecution: "auto" });
  assertSame(jit, plain);
  assert.deepEqual(jit.calls.slice(0, 2), ["plain 1", "plain 1"]);
  assert.match(jit.calls[2]!, /^XLA [1-4]$/);
});

test('on a CPU "auto" leaves XLA alone', async () => {
  const made = { build: convnet, optimizer: () => optimizers.sgd() };
  const auto = await trained({ ...made, jitCompile: "auto" });
  assert.deepEqual(auto, await trained(made));
  assert.ok(auto.calls.every((call) => call === "plain 1"));
});

test("what XLA can't compile trains without it, and one warning says why", async (t) => {
  const warn = t.mock.method(console, "warn", () => undefined);
  // Its kernel with `amsgrad` is one that XLA lacks.
  const optimizer = () => optimizers.adam({ amsgrad: true });
  const plain = await trained({ build: convnet, optimizer, jitCompile: false });
  const jit = await trained({ build: convnet, optimizer, jitCompile: true, stepsPerExecution: 4 });
  assert.deepEqual(jit.losses, plain.losses);
  assert.deepEqual(jit.weights, plain.weights);
  assert.equal(jit.calls[0], "XLA 4");
  assert.ok(jit.calls.slice(1).every((call) => call.startsWith("plain")));
  assert.equal(warn.mock.callCount(), 1);
  assert.match(
    String(warn.mock.calls[0]!.arguments[0]),
    /^XLA can't compile the training of the model "sequential_\d+", which goes on without it: ResourceApplyAdamWithAmsgrad/,
  );
});

test("a callback that looks at every batch sees every batch", async () => {
  const seen: number[] = [];
  const looks: CallbackLike = {
    onTrainBatchEnd: (batch) => {
      seen.push(batch);
    },
  };
  const made = { build: convnet, optimizer: () => optimizers.sgd(), jitCompile: true };
  const jit = await trained({ ...made, stepsPerExecution: 4 }, { callbacks: looks, epochs: 1 });
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(jit.calls, [...Array(6).fill("XLA 1"), "plain 1"]);
});

test("the stop button is heard between two loops; the model keeps the steps of the last one", async () => {
  const [x, y] = pictures();
  const model = convnet();
  const loss = "sparseCategoricalCrossentropy";
  model.compile({ optimizer: "sgd", loss, jitCompile: true, stepsPerExecution: 3 });
  const stop: CallbackLike = {
    onEpochBegin: () => {
      setImmediate(() => process.emit("SIGINT"));
    },
  };
  await assert.rejects(
    fit(model, [x, y], { ...options, callbacks: stop }),
    (error: Error) => error instanceof InterruptedError,
  );
  assert.ok([0, 3].includes(model.optimizer.iterations), String(model.optimizer.iterations));
  tf.dispose([x, y]);
});

test("how long XLA took is told once", async (t) => {
  const texts: string[] = [];
  t.mock.method(process.stdout, "write", (text: string) => {
    texts.push(String(text));
    return true;
  });
  await trained(
    {
      build: () =>
        tf.sequential({
          layers: [...convnet().layers.slice(0, 4), tf.layers.dense({ units: 11 })],
        }),
      optimizer: () => optimizers.adam(),
      jitCompile: true,
      stepsPerExecution: 5,
    },
    { verbose: 2 },
  );
  t.mock.restoreAll();
  const told = texts.filter((text) => text.startsWith("XLA"));
  assert.equal(told.length, 1);
  assert.match(told[0]!, /^XLA compiled 5 steps a call in \d+\.\d s\.\n$/);
});

test("what is no choice is refused by `compile`, in one sentence", () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  for (const [value, received] of [
    ["sometimes", '"sometimes"'],
    [1, "1"],
    [null, "null"],
  ] as const) {
    assert.throws(
      () =>
        model.compile({
          ...{ optimizer: "sgd", loss: "meanSquaredError" },
          jitCompile: value as never,
        }),
      {
        name: "InvalidArgumentError",
        message: `\`jitCompile\` must be true, false or "auto". Received: jitCompile=${received}`,
      },
    );
  }
  model.dispose();
});

const program = `
import json, sys, keras
read = []
for name in sys.argv[1:]:
    model = keras.models.load_model(name)
    read.append(model.jit_compile)
    model.save(name.replace(".keras", "-keras.keras"))
print(json.dumps(read))
`;

test("the choice is in the file: Keras reads it, and what Keras writes is read", async () => {
  using folder = temporaryFolder();
  const choices = [true, false, "auto"] as const;
  const files = choices.map((choice) => folder.join(`${choice}.keras`));
  for (const [i, jitCompile] of choices.entries()) {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", jitCompile });
    await saveModel(model, files[i]!);
    assert.equal(jitCompileOf(functionalOf(await loadModel(files[i]!))), jitCompile);
  }
  const read = JSON.parse(await runPython(program, files));
  assert.deepEqual(read, [true, false, false]); // on a CPU Keras takes "auto" for false
  for (const [i, file] of files.entries()) {
    const model = await loadModel(file.replace(".keras", "-keras.keras"));
    assert.equal(jitCompileOf(functionalOf(model)), read[i]);
  }
});
