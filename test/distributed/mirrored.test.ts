/** Several devices of one process compute what one does, whichever way the batches split. */
import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { recordRuns } from "../../lib/graph";
import {
  evaluate,
  fit,
  layers,
  type Mirrored,
  mirrored,
  predict,
  setSeed,
  tf,
} from "../../lib/index";
import { behaviours } from "./behaviours";
import { type Case, cases, type Outcome } from "./cases";

// What bfloat16 computes, whether it pays on this machine or not.
process.env.CONVNETS_BFLOAT16 = "all";

const two = mirrored({ devices: ["CPU:0", "CPU:1"] });
const four = mirrored({ devices: ["CPU:3", "CPU:0", "/cpu:1", "/device:CPU:2"] });

/** What four devices do, too: 33 samples in batches of 8 end in a batch of one. */
const byFour = [
  "Adam, its gradients clipped by their norm",
  "batches smaller than the workers are many",
  "class weights and a validation",
  "BatchNormalization over whole batches",
  "a loss that is a sum, a regularizer, ratios and counts",
  "evaluate and predict",
];

/** bfloat16 rounds sums of other parts elsewhere. */
const tolerances: Record<string, number> = { bfloat16: 2e-2 };

const alone = new Map<string, { outcome: Outcome; left: number }>();

for (const [name, run] of Object.entries(cases)) {
  describe(name, () => {
    for (const strategy of byFour.includes(name) ? [two, four] : [two]) {
      it(`is on ${strategy.size} devices what it is on one`, async () => {
        if (!alone.has(name)) alone.set(name, await counted(run, undefined));
        const expected = alone.get(name)!;
        const { outcome, left } = await counted(run, strategy);
        const tolerance = tolerances[name] ?? 1e-5;
        assert.deepEqual(
          Object.keys(outcome.history).sort(),
          Object.keys(expected.outcome.history).sort(),
        );
        for (const [key, values] of Object.entries(expected.outcome.history)) {
          assertClose(outcome.history[key]!, values, { tolerance, what: key });
        }
        assertClose(outcome.weights, expected.outcome.weights, { tolerance, what: "weights" });
        assert.equal(left, expected.left, "tensors");
      });
    }
  });
}

async function counted(run: Case, strategy: Mirrored | undefined) {
  const before = tf.memory().numTensors;
  const outcome = await run(strategy, 0);
  return { outcome, left: tf.memory().numTensors - before };
}

test("each device computes its own part", async () => {
  const model = linear();
  const [x, y] = line(7);
  const runs = await recordRuns(() => fit(model, [x, y], { verbose: 0, strategy: two }));
  const products = runs.flat().filter(({ op }) => op.includes("MatMul"));
  const rows = products.map(
    ({ device, inputs: [taken] }) => `${taken!.slice(-2)} on ${device.slice(-5)}`,
  );
  assert.ok(rows.includes("4,3 on CPU:0") && rows.includes("3,3 on CPU:1"), rows.join("; "));
  dispose(model, x, y);
});

test("each device drops others than the other does, and the same for a seed", async () => {
  type Moves = Record<"first" | "again" | "other", number[]>;
  const moves = (await behaviours.dropout!(two, { rank: 0, folder: "" })) as Moves;
  assert.deepEqual(moves.again, moves.first);
  assert.notDeepEqual(moves.other, moves.first);
  // Two samples: of a weight's inputs both are dropped, one, or none. The same masks would never drop one.
  const share = (count: number) => moves.first.filter((each) => each === count).length / 2000;
  assert.ok(Math.abs(share(1) - 0.5) < 0.05, `${share(1)}`);
  assert.ok(Math.abs(share(0) - 0.25) < 0.05, `${share(0)}`);
});

test("each device normalizes its own part, and the mean of their statistics is kept", async () => {
  const run = behaviours["statistics of each worker's part"]!;
  const [mean, variance] = (await run(two, { rank: 0, folder: "" })) as [number, number];
  const [first, second] = [varianceOf([0, 1, 5]), varianceOf([7, 20])];
  assertClose([mean], [33 / 5], { tolerance: 1e-5, what: "mean" });
  assertClose([variance], [(3 * first + 2 * second) / 5], { tolerance: 1e-3, what: "variance" });
});

test("what a frozen BatchNormalization folds away holds for parts of one example and of two", async () => {
  const run = async (strategy: Mirrored | undefined) => {
    setSeed(3);
    const { conv2d, batchNormalization, flatten, dense } = tf.layers;
    const frozen = { trainable: false } as const;
    const model = tf.sequential({
      layers: [
        conv2d({ inputShape: [5, 5, 2], filters: 3, kernelSize: 1, ...frozen }),
        batchNormalization({ momentum: 0.5, ...frozen }),
        flatten(),
        dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const x = tf.randomUniform([11, 5, 5, 2], 0, 1, "float32", 4);
    const y = tf.zeros([11, 1]);
    const options = { batchSize: 3, verbose: 0, strategy } as const;
    const { history } = await fit(model, [x, y], { ...options, shuffle: false, epochs: 2 });
    const outputs = await predict(model, x, options);
    const numbers = [...history.loss!, ...outputs.dataSync()];
    dispose(model, x, y, outputs);
    return numbers;
  };
  assertClose(await run(two), await run(undefined), { tolerance: 1e-5, what: "all" });
});

test("a model of several outputs predicts the rows of all devices in order", async () => {
  const input = tf.input({ shape: [2] });
  const doubled = tf.layers.add().apply([input, input]) as tf.SymbolicTensor;
  const reshaped = tf.layers.reshape({ targetShape: [2, 1] }).apply(input) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: [doubled, reshaped] });
  const x = tf.range(0, 14).reshape([7, 2]);
  const options = { batchSize: 5, verbose: 0, strategy: four } as const;
  const before = tf.memory().numTensors;
  const [first, second] = await predict<Tensor[]>(model, x, options);
  assert.deepEqual(
    [...first!.dataSync()],
    [...x.dataSync()].map((each) => 2 * each),
  );
  assert.deepEqual(second!.shape, [7, 2, 1]);
  assert.deepEqual([...second!.dataSync()], [...x.dataSync()]);
  tf.dispose([first, second] as Tensor[]);
  assert.equal(tf.memory().numTensors, before);
  dispose(model, x);
});

test("layers that keep states of a batch's examples are refused", async () => {
  const batchInputShape = [4, 5, 2];
  const makers = [
    () => layers.lstm({ units: 3, stateful: true, batchInputShape }),
    () => tf.layers.simpleRNN({ units: 3, stateful: true, batchInputShape }),
  ];
  for (const make of makers) {
    const model = tf.sequential({ layers: [make()] });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const [x, y] = [tf.ones([8, 5, 2]), tf.zeros([8, 3])];
    const options = { verbose: 0, batchSize: 8, strategy: two } as const;
    const before = tf.memory().numTensors;
    const message = /`strategy` splits batches, and the layer \w+ keeps states of whole ones/;
    await assert.rejects(fit(model, [x, y], options), message);
    await assert.rejects(evaluate(model, [x, y], options), message);
    await assert.rejects(predict(model, x, options), message);
    assert.equal(tf.memory().numTensors, before);
    dispose(model, x, y);
  }
});

test("one device that is named computes by itself", async () => {
  const run = async (strategy: Mirrored | undefined) => {
    const model = linear();
    const [x, y] = line(9);
    await fit(model, [x, y], { verbose: 0, batchSize: 4, shuffle: false, strategy });
    const weights = weightsOf(model);
    dispose(model, x, y);
    return weights;
  };
  const expected = await run(undefined);
  const actual = await run(mirrored({ devices: ["CPU:1"] }));
  assertClose(actual, expected, { tolerance: 1e-6, what: "weights" });
});

test("two trainings share a strategy at the same time", async () => {
  const train = async (strategy: Mirrored | undefined, scale: number) => {
    const model = linear();
    const [x, y] = line(20, scale);
    await fit(model, [x, y], { epochs: 3, verbose: 0, shuffle: false, batchSize: 6, strategy });
    const weights = weightsOf(model);
    dispose(model, x, y);
    return weights;
  };
  const both = await Promise.all([train(two, 1), train(two, 3)]);
  for (const [i, scale] of [1, 3].entries()) {
    const expected = await train(undefined, scale);
    assertClose(both[i]!, expected, { tolerance: 1e-5, what: `scale ${scale}` });
  }
});

describe("code of the user's own", () => {
  const lossOf = (isOfAnySize: boolean) => (yTrue: Tensor, yPred: Tensor) => {
    const errors = tf.mean(tf.square(tf.sub(yPred, yTrue)), -1);
    // JavaScript that looks at the size: a graph for one size says nothing of others.
    return isOfAnySize ? errors : tf.mul(errors, yTrue.shape[0]! % 2 === 0 ? 1 : 1.5);
  };

  it("is computed by the devices, in uneven parts, too", async () => {
    const run = async (strategy: Mirrored | undefined) => {
      const model = linear(lossOf(true));
      const [x, y] = line(9);
      await fit(model, [x, y], { verbose: 0, batchSize: 4, shuffle: false, strategy });
      const weights = weightsOf(model);
      dispose(model, x, y);
      return weights;
    };
    assertClose(await run(two), await run(undefined), { tolerance: 1e-5, what: "weights" });
  });

  it("that does something else at each size is refused where parts differ in size", async () => {
    const model = linear(lossOf(false));
    const [x, y] = line(8);
    const [x5, y5] = line(5);
    await fit(model, [x, y], { verbose: 0, batchSize: 8, strategy: two });
    await assert.rejects(
      fit(model, [x5, y5], { verbose: 0, batchSize: 5, strategy: two }),
      /computes by other rules at other batch sizes, and the devices' parts .* differ in size/,
    );
    dispose(model, x, y, x5, y5);
  });
});

describe("the devices", () => {
  it("are the machine's processor where nothing is named and there is no GPU", async (context) => {
    const { devices, size } = mirrored();
    if (devices[0]!.startsWith("GPU")) return context.skip("there is a GPU");
    assert.deepEqual([devices, size], [["CPU:0"], 1]);
    const model = linear();
    const [x, y] = line(4);
    await fit(model, [x, y], { verbose: 0, engine: "eager", strategy: mirrored() });
    dispose(model, x, y);
  });

  it("must be there, differ, and be devices", () => {
    const refused = (devices: unknown, message: RegExp) =>
      assert.throws(() => mirrored({ devices: devices as string[] }), message);
    refused(["GPU:77"], /`devices` has GPU:77, and (TensorFlow finds no GPU here|there are GPU:0)/);
    refused(["CPU:0", "/cpu:0"], /devices that differ, and CPU:0 is there twice/);
    refused(["TPU:0"], /`devices\[0\]` must be a GPU or a CPU by its number/);
    refused(["CPU:64"], /of CPUs less than 64/);
    refused([], /`devices` must be a list of devices/);
    refused("GPU:0", /`devices` must be a list of devices/);
    assert.throws(() => mirrored({ device: ["CPU:0"] } as object), /device/);
  });

  it("compute graphs only", async () => {
    const model = linear();
    const [x, y] = line(4);
    for (const run of [fit, evaluate]) {
      await assert.rejects(
        run(model, [x, y], { engine: "eager", strategy: two }),
        /`engine` must be "auto" or "graph" where several workers or devices compute together/,
      );
    }
    await assert.rejects(
      predict(model, x, { strategy: "mirrored" as unknown as Mirrored }),
      /`strategy` must be what `mirrored\(\)` or `multiWorkerMirrored\(\)` returns/,
    );
    dispose(model, x, y);
  });
});

function line(samples: number, scale = 1): [Tensor, Tensor] {
  const x = tf.randomNormal([samples, 3], 0, 1, "float32", 3);
  return [x, tf.tidy(() => tf.mul(tf.sum(x, 1, true), scale))];
}

function linear(
  loss: string | ((yTrue: Tensor, yPred: Tensor) => Tensor) = "meanSquaredError",
): LayersModel {
  setSeed(5);
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: 1 })] });
  model.compile({ optimizer: tf.train.sgd(0.05), loss });
  return model;
}

function weightsOf(model: LayersModel): number[] {
  return model.getWeights().flatMap((weight) => [...weight.dataSync()]);
}

function dispose(model: LayersModel, ...tensors: Tensor[]): void {
  model.dispose();
  tf.dispose(tensors);
}

function assertClose(
  actual: readonly number[],
  expected: readonly number[],
  { tolerance, what }: { tolerance: number; what: string },
): void {
  assert.equal(actual.length, expected.length, what);
  const largest = Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));
  const values = `${actual} and ${expected}`.slice(0, 300);
  assert.ok(largest <= tolerance, `${what} differs by ${largest}: ${values}`);
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
