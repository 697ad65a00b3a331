/** What was compiled once serves the next run, unless something in it has changed. */
import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { evaluate, fit, predict, setLearningRate, tf } from "../../lib/index";
import { nativeModule } from "../../lib/native";

const x = tf.tensor2d(
  Float32Array.from({ length: 80 }, (_, i) => Math.sin(i)),
  [20, 4],
);
const y = tf.tensor2d(
  Float32Array.from({ length: 20 }, (_, i) => Math.cos(i)),
  [20, 1],
);

function make(layer?: tf.layers.Layer): LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 3, inputShape: [4], activation: "tanh" }),
      ...(layer === undefined ? [] : [layer]),
      tf.layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
  return model;
}

type Counted = "createInference" | "createSession" | "run" | "runEach";

/** How often something calls functions of the native module. */
async function callsOf(names: Counted[], run: () => Promise<unknown>): Promise<number> {
  const native = nativeModule();
  const originals = { ...native };
  let calls = 0;
  for (const name of names) {
    Object.assign(native, {
      [name]: (...args: unknown[]) => {
        calls++;
        return Reflect.apply(originals[name], native, args);
      },
    });
  }
  try {
    const result = await run();
    if (result instanceof tf.Tensor) result.dispose();
    return calls;
  } finally {
    Object.assign(native, originals);
  }
}

/** How many traces something makes. */
const tracesOf = (run: () => Promise<unknown>) => callsOf(["createInference"], run);

/** How many times TensorFlow is called for something: a step, weights that are brought, weights that are freed. */
const runsOf = (run: () => Promise<unknown>) => callsOf(["run", "runEach"], run);

const quiet = { verbose: 0 } as const;

describe("a second run of the same model traces nothing", () => {
  it("fit, evaluate and predict, whatever weights and rate are now", async () => {
    const model = make();
    for (const run of [
      () => fit(model, [x, y], quiet),
      () => evaluate(model, [x, y], quiet),
      () => predict(model, x, quiet),
    ]) {
      assert.ok((await tracesOf(run)) > 0, "the first time");
      setLearningRate(model, 0.01);
      assert.equal(await tracesOf(run), 0, "the second time");
    }
    model.dispose();
  });

  it("and goes on from the weights of now", async () => {
    const [once, twice] = [make(), make()];
    twice.setWeights(once.getWeights());
    await fit(once, [x, y], { ...quiet, epochs: 4, shuffle: false });
    for (let run = 0; run < 4; run++) await fit(twice, [x, y], { ...quiet, shuffle: false });
    const [a, b] = [once, twice].map((model) =>
      model.getWeights().flatMap((weight) => [...weight.dataSync()]),
    );
    assert.deepEqual(a, b);
    once.dispose();
    twice.dispose();
  });
});

test("a new model of the same layers gets the session that an earlier one had, not its weights", async () => {
  const run = async () => {
    const model = make();
    const weights = model.getWeights().map((weight) => weight.clone());
    await fit(model, [x, y], { ...quiet, shuffle: false });
    const twin = make();
    twin.setWeights(weights);
    await fit(twin, [x, y], { ...quiet, shuffle: false, engine: "eager" });
    const [compiled, eager] = [model, twin].map((each) =>
      each.getWeights().flatMap((weight) => [...weight.dataSync()]),
    );
    for (const [i, value] of compiled!.entries()) {
      assert.ok(Math.abs(value - eager![i]!) < 1e-6, `${value} and ${eager![i]}`);
    }
    tf.dispose(weights);
    model.dispose();
    twin.dispose();
  };
  await run();
  assert.equal(await callsOf(["createSession"], run), 0);
});

describe("what was compiled is left behind", () => {
  it("by another compile", async () => {
    const model = make();
    await fit(model, [x, y], quiet);
    model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanAbsoluteError" });
    const { history } = await fit(model, [x, y], { ...quiet, shuffle: false });
    const { loss: eager } = await evaluate(model, [x, y], { ...quiet, engine: "eager" });
    assert.ok((history.loss as number[])[0]! > 0.3 && eager > 0);
    assert.ok((await tracesOf(() => fit(model, [x, y], { ...quiet, batchSize: 4 }))) === 0);
    model.dispose();
  });

  it("by a field of a layer that was changed in between", async () => {
    const leaky = tf.layers.leakyReLU({ alpha: 0.1 });
    const model = make(leaky);
    const before = (await predict(model, x, quiet)) as Tensor;
    (leaky as unknown as { alpha: number }).alpha = 0.9;
    const after = (await predict(model, x, quiet)) as Tensor;
    const expected = model.predict(x) as Tensor;
    assert.notDeepEqual(after.arraySync(), before.arraySync());
    tf.test_util.expectArraysClose(await after.data(), await expected.data(), 1e-6);
    tf.dispose([before, after, expected]);
    model.dispose();
  });

  it("by a layer that was added", async () => {
    const model = make() as tf.Sequential;
    tf.dispose(await predict(model, x, quiet));
    model.add(tf.layers.dense({ units: 2 }));
    const outputs = (await predict(model, x, quiet)) as Tensor;
    assert.deepEqual(outputs.shape, [20, 2]);
    outputs.dispose();
    model.dispose();
  });
});

describe("weights stay where they are between two predictions", () => {
  it("so that the second is the step alone, as is an evaluation's", async () => {
    const model = make();
    for (const run of [() => predict(model, x, quiet), () => evaluate(model, [x, y], quiet)]) {
      assert.ok((await runsOf(run)) > 1, "the first time");
      assert.equal(await runsOf(run), 1, "the second time");
    }
    model.dispose();
  });

  it("but for those that have changed", async () => {
    const model = make();
    tf.dispose(await predict(model, x, quiet));
    const { numTensors } = tf.memory();
    const [kernel] = model.layers[1]!.weights;
    const doubled = tf.mul(kernel!.read(), 2);
    kernel!.write(doubled);
    doubled.dispose();
    const [outputs, expected] = [await predict(model, x, quiet), model.predict(x) as Tensor];
    tf.test_util.expectArraysClose(await outputs.data(), await expected.data(), 1e-6);
    tf.dispose([outputs, expected]);
    assert.equal(tf.memory().numTensors, numTensors);
    model.dispose();
  });

  it("and are those of the model that is asked, also of two alike", async () => {
    const models = [make(), make()];
    for (let round = 0; round < 2; round++) {
      for (const model of models) {
        const [outputs, expected] = [await predict(model, x, quiet), model.predict(x) as Tensor];
        tf.test_util.expectArraysClose(await outputs.data(), await expected.data(), 1e-6);
        tf.dispose([outputs, expected]);
      }
    }
    for (const model of models) model.dispose();
  });

  it("until something trains, whatever it is", async () => {
    const [model, other] = [make(), make()];
    const run = () => predict(model, x, quiet);
    tf.dispose(await run());
    const runs: number[] = [];
    const onEpochEnd = async () => {
      for (let i = 0; i < 2; i++) runs.push(await runsOf(run));
    };
    await fit(other, [x, y], { ...quiet, callbacks: { onEpochEnd } });
    assert.ok(
      runs.every((count) => count > 1),
      `${runs} runs`,
    );
    await runsOf(run);
    assert.equal(await runsOf(run), 1);
    model.dispose();
    other.dispose();
  });
});
