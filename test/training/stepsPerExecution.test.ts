/** Several steps in one call of TensorFlow: the same training as one by one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayersModel, Optimizer } from "@tensorflow/tfjs-node-gpu";
import {
  type CallbackLike,
  callbacks,
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
import { nativeModule } from "../../lib/native";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { numbersOf, pointBatches, points, tensorCount } from "./models";

type StepsPerExecution = Parameters<LayersModel["compile"]>[0]["stepsPerExecution"];

/** 30 points in batches of 4: seven whole ones, then two points. */
const samples = 30;
const options = { epochs: 2, batchSize: 4, verbose: 0 } satisfies FitOptions;

interface Made {
  optimizer?: () => Optimizer | string;
  stepsPerExecution?: StepsPerExecution;
}

/** Normalises and drops out: what moves and what is drawn in each step. */
function noisyModel({ optimizer = () => "rmsprop", stepsPerExecution }: Made): LayersModel {
  setSeed(1);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: "relu", inputShape: [2] }),
      tf.layers.batchNormalization(),
      layers.dropout({ rate: 0.4 }),
      tf.layers.dense({ units: 1, activation: "sigmoid" }),
    ],
  });
  const loss = "binaryCrossentropy";
  model.compile({ optimizer: optimizer(), loss, metrics: ["accuracy"], stepsPerExecution });
  return model;
}

/** How many steps each call of TensorFlow takes meanwhile. */
async function countingSteps<T>(work: () => Promise<T>): Promise<{ result: T; calls: number[] }> {
  const native = nativeModule();
  const { runEach } = native;
  const calls: number[] = [];
  native.runEach = (call, values) => {
    calls.push(values.length);
    return runEach(call, values);
  };
  try {
    return { result: await work(), calls };
  } finally {
    native.runEach = runEach;
  }
}

async function trained(made: Made, more: Partial<FitOptions> = {}) {
  const [x, y] = points(samples);
  const model = noisyModel(made);
  const before = tensorCount();
  const { result, calls } = await countingSteps(() =>
    fit(model, [x, y], { ...options, classWeight: { 0: 1, 1: 3 }, ...more }),
  );
  const slots = tensorCount() - before;
  const weights = numbersOf(model);
  const { iterations } = model.optimizer;
  tf.dispose([x, y]);
  return { history: result.history, weights, iterations, calls, slots };
}

const kinds: [string, () => Optimizer | string][] = [
  ["SGD with momentum", () => optimizers.sgd({ learningRate: 0.1, momentum: 0.9 })],
  ["RMSprop", () => optimizers.rmsprop()],
  ["Adam", () => optimizers.adam()],
  ["Nadam", () => optimizers.nadam()],
  ["tfjs' Adam", () => "adam"],
  [
    "SGD with a schedule",
    () =>
      optimizers.sgd({
        learningRate: optimizers.schedules.exponentialDecay({
          initialLearningRate: 0.5,
          decaySteps: 3,
          decayRate: 0.5,
        }),
      }),
  ],
];

for (const [name, optimizer] of kinds) {
  test(`${name}: three steps in a call train to the last bit as one by one do`, async () => {
    const one = await trained({ optimizer });
    const many = await trained({ optimizer, stepsPerExecution: 3 });
    assert.deepEqual(many.history, one.history);
    assert.deepEqual(many.weights, one.weights);
    assert.equal(many.iterations, one.iterations);
    assert.equal(many.iterations, 16);
    assert.equal(many.slots, one.slots);
    assert.deepEqual(one.calls, Array(16).fill(1));
    assert.deepEqual(many.calls, [3, 3, 2, 3, 3, 2]);
  });
}

test('"auto" begins with one step, takes more when they are quick, and trains the same', async () => {
  const more = { epochs: 6 };
  const one = await trained({}, more);
  const auto = await trained({ stepsPerExecution: "auto" }, more);
  assert.deepEqual(auto.history, one.history);
  assert.deepEqual(auto.weights, one.weights);
  assert.equal(auto.calls[0], 1);
  assert.equal(
    auto.calls.reduce((sum, steps) => sum + steps),
    48,
  );
  assert.ok(auto.calls.length < 48, auto.calls.join(" "));
});

test("a dataset, and epochs of fewer steps than a pass has, are taken several steps at a time", async () => {
  const run = async (stepsPerExecution: StepsPerExecution) => {
    const model = noisyModel({ stepsPerExecution });
    const dataset = pointBatches(samples, 4).repeat();
    const more = { epochs: 3, stepsPerEpoch: 5, verbose: 0 } as const;
    const before = tensorCount();
    const { result, calls } = await countingSteps(() => fit(model, dataset, more));
    const left = tensorCount() - before;
    return { history: result.history, weights: numbersOf(model), calls, left };
  };
  const [one, two, auto] = [await run(1), await run(2), await run("auto")];
  assert.deepEqual({ ...two, calls: [] }, { ...one, calls: [] });
  assert.deepEqual(two.calls, [2, 2, 1, 2, 2, 1, 2, 2, 1]);
  assert.deepEqual(auto, one);
});

test("the eager engine takes each step by itself", async () => {
  const one = await trained({}, { engine: "eager" });
  const many = await trained({ stepsPerExecution: 3 }, { engine: "eager" });
  assert.deepEqual(many, one);
  assert.deepEqual(many.calls, []);
});

test("a model that can't be a graph trains eagerly on every batch once", async (t) => {
  t.mock.method(console, "warn", () => undefined);
  const run = async (stepsPerExecution: StepsPerExecution) => {
    const model = noisyModel({});
    const loss = (y: unknown, p: unknown) => {
      const error = tf.sub(p as never, y as never);
      return tf.mean(tf.square(tf.mul(error, error.dataSync().length > 0 ? 1 : 2)));
    };
    model.compile({ optimizer: "sgd", loss: loss as never, stepsPerExecution });
    const [x, y] = points(samples);
    const { history } = await fit(model, [x, y], options);
    tf.dispose([x, y]);
    return { history, iterations: model.optimizer.iterations };
  };
  const [one, many] = [await run(1), await run(3)];
  assert.deepEqual(many, one);
  assert.equal(many.iterations, 16);
});

test("a callback that looks at every batch sees every batch; one that looks at epochs costs nothing", async () => {
  const seen: string[] = [];
  const lossAt = (batch: number, logs?: { loss?: number }) => `${batch} ${logs?.loss}`;
  const looks: CallbackLike = {
    onBatchEnd: (batch, logs) => {
      seen.push(lossAt(batch, logs));
    },
  };
  const singly = await trained({}, { callbacks: looks });
  const expected = seen.splice(0);
  const many = await trained({ stepsPerExecution: 3 }, { callbacks: looks });
  assert.equal(expected.length, 16);
  assert.deepEqual(seen, expected);
  assert.deepEqual(many, singly);
  using folder = temporaryFolder();
  const epochwise: CallbackLike[] = [
    callbacks.modelCheckpoint({ filepath: folder.join("best.keras") }),
    callbacks.backupAndRestore({ backupDir: folder.join("backup") }),
    callbacks.tensorBoard({ logDir: folder.join("logs") }),
    { onEpochEnd: () => undefined },
  ];
  for (const callback of epochwise) {
    const { calls } = await trained({ stepsPerExecution: 3 }, { callbacks: callback });
    assert.deepEqual(calls, [3, 3, 2, 3, 3, 2]);
  }
  const batchwise: CallbackLike[] = [
    callbacks.modelCheckpoint({ filepath: folder.join("new.keras"), saveFreq: 9 }),
    callbacks.backupAndRestore({ backupDir: folder.join("other"), saveFreq: 9 }),
    callbacks.tensorBoard({ logDir: folder.join("more"), updateFreq: "batch" }),
  ];
  for (const callback of batchwise) {
    const { calls } = await trained({ stepsPerExecution: 3 }, { callbacks: callback });
    assert.deepEqual(calls, Array(16).fill(1));
  }
});

test("the stop button is heard between two calls; the model keeps the steps of the last one", async () => {
  const model = noisyModel({ stepsPerExecution: 5 });
  const [x, y] = points(samples);
  const before = tensorCount();
  const native = nativeModule();
  const { runEach } = native;
  let calls = 0;
  native.runEach = (call, values) => {
    calls++;
    if (calls === 3) process.emit("SIGINT");
    return runEach(call, values);
  };
  try {
    await assert.rejects(
      fit(model, [x, y], { ...options, epochs: 9 }),
      (error: Error) =>
        error instanceof InterruptedError && /at epoch 2, step 6\./.test(error.message),
    );
  } finally {
    native.runEach = runEach;
  }
  assert.equal(model.optimizer.iterations, 8 + 5);
  const slots = tensorCount() - before;
  const whole = await trained({ stepsPerExecution: 5 });
  assert.equal(slots, whole.slots);
  tf.dispose([x, y]);
});

test("a step that fails leaves the model with the steps before it", async () => {
  const start = (stepsPerExecution: StepsPerExecution) => {
    setSeed(1);
    const model = tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: 4, outputDim: 2, inputLength: 1 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", stepsPerExecution });
    return model;
  };
  const run = async (stepsPerExecution: StepsPerExecution) => {
    const model = start(stepsPerExecution);
    const x = tf.tensor([[0], [1], [2], [9], [3]]);
    const y = tf.ones([5, 1]);
    await assert.rejects(
      fit(model, [x, y], { batchSize: 1, shuffle: false, verbose: 0, engine: "graph" }),
      /not in \[0, 4\)/,
    );
    tf.dispose([x, y]);
    return { weights: numbersOf(model), iterations: model.optimizer.iterations };
  };
  const [one, many] = [await run(1), await run(5)];
  assert.equal(one.iterations, 3);
  assert.deepEqual(many, one);
});

test("what is no number of steps is refused by `compile`, in one sentence", () => {
  const before = tensorCount();
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  for (const [value, received] of [
    [0, "0"],
    [-1, "-1"],
    [1.5, "1.5"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    ["8", '"8"'],
    [null, "null"],
  ] as const) {
    assert.throws(() => model.compile({ ...compilation, stepsPerExecution: value as never }), {
      name: "InvalidArgumentError",
      message: `\`stepsPerExecution\` must be a positive whole number or "auto". Received: stepsPerExecution=${received}`,
    });
  }
  model.dispose();
  assert.equal(tensorCount(), before);
});

const compilation = { optimizer: "sgd", loss: "meanSquaredError" };

const program = `
import json, sys, numpy as np, keras
model = keras.models.load_model(sys.argv[1])
steps = model.steps_per_execution
index = np.arange(60, dtype="float64")
x = (np.repeat(np.arange(30) % 2 * 2 - 1, 2) + np.sin(index * 12.9898) * 0.8).astype("float32").reshape(30, 2)
y = (np.arange(30) % 2).astype("float32")
history = model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0).history
print(json.dumps(dict(steps=steps, history=history, weights=np.concatenate([w.ravel() for w in model.get_weights()]).tolist())))
`;

test("the number of steps is in the file: Keras takes as many, and its training is ours", async () => {
  setSeed(5);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: "tanh", inputShape: [2] }),
      tf.layers.dense({ units: 1, activation: "sigmoid" }),
    ],
  });
  const loss = "binaryCrossentropy";
  const optimizer = optimizers.adam({ learningRate: 0.02 });
  model.compile({ optimizer, loss, metrics: ["accuracy"], stepsPerExecution: 4 });
  using folder = temporaryFolder();
  const file = folder.join("four.keras");
  await saveModel(model, file);
  const keras = JSON.parse(await runPython(program, [file])) as {
    steps: number;
    history: Record<string, number[]>;
    weights: number[];
  };
  assert.equal(keras.steps, 4);
  const read = await loadModel(file);
  const [x, y] = points(samples);
  const inOrder = { ...options, epochs: 3, shuffle: false };
  const { result, calls } = await countingSteps(() => fit(model, [x, y], inOrder));
  assert.deepEqual(calls, [4, 4, 4, 4, 4, 4]);
  assert.equal((await countingSteps(() => fit(read, [x, y], inOrder))).calls[0], 4);
  tf.dispose([x, y]);
  assert.deepEqual(numbersOf(read), numbersOf(model));
  const worst = (a: readonly number[], b: readonly number[]) =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
  for (const name of ["loss", "accuracy"]) {
    const apart = worst(result.history[name]!, keras.history[name]!);
    assert.ok(apart <= 1e-5, `${name} ${apart}`);
  }
  assert.ok(worst(numbersOf(model), keras.weights) <= 1e-5);
});

test("10,000 steps in calls of 250 leave no tensors", async () => {
  const [x, y] = points(2000);
  const model = noisyModel({ optimizer: () => optimizers.sgd(), stepsPerExecution: 250 });
  const run = (epochs: number) => fit(model, [x, y], { ...options, batchSize: 2, epochs });
  await run(1);
  const before = tensorCount();
  await run(10);
  assert.equal(tensorCount(), before);
  tf.dispose([x, y]);
});
