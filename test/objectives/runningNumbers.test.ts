/** Means and sums of a loop's numbers, and functions as metrics, against Keras 3.15.1. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { compiled, evaluate, metrics, tf } from "../../lib/index";
import { runPython } from "../support/python";

/** Each with values of these shapes, in two batches, and weights of those; none for no weights. */
const cases: [values: number[], weights: number[] | null][] = [
  [[], null],
  [[4], null],
  [[4, 3], null],
  [[4], [4]],
  [[4, 1], [4]],
  [[4], [4, 1]],
  [[4, 3], [4]],
  [
    [4, 3],
    [4, 3],
  ],
  [
    [4, 3, 2],
    [4, 3],
  ],
  [
    [4, 3],
    [4, 1],
  ],
];

const program = `
import json, sys, numpy as np, keras
def numbers(shape, first): return np.asarray(first + np.arange(np.prod(shape)) * 0.37 % 2, "float32").reshape(shape)
out = []
for values, weights in json.loads(sys.argv[1]):
    row = []
    for metric in [keras.metrics.Mean(), keras.metrics.Sum()]:
        row.append(float(metric.result()))
        for batch in range(2):
            metric.update_state(numbers(values, 1 + batch), None if weights is None else numbers(weights, 0.5 + batch))
            row.append(float(metric.result()))
        metric.reset_state()
        row.append(float(metric.result()))
    out.append(row)
print(json.dumps(out))
`;

function numbers(shape: number[], first: number): Tensor {
  const size = shape.reduce((product, each) => product * each, 1);
  const all = Array.from({ length: size }, (_, i) => first + ((i * 0.37) % 2));
  return tf.tensor(all, shape, "float32");
}

test("metrics.mean and metrics.sum of two batches are Keras', by values and weights of any shape", async () => {
  const printed = await runPython(program, [JSON.stringify(cases)]);
  const keras: number[][] = JSON.parse(printed.trim().split("\n").at(-1)!);
  const tensors = tf.memory().numTensors;
  for (const [i, [values, weights]] of cases.entries()) {
    const row: number[] = [];
    for (const metric of [metrics.mean(), metrics.sum()]) {
      row.push(metric.result());
      for (const batch of [0, 1]) {
        tf.tidy(() => {
          const sampleWeight = weights === null ? undefined : numbers(weights, 0.5 + batch);
          metric.updateState(numbers(values, 1 + batch), { sampleWeight });
        });
        row.push(metric.result());
      }
      metric.resetState();
      row.push(metric.result());
    }
    for (const [place, value] of row.entries()) {
      const theirs = keras[i]![place]!;
      const what = `${JSON.stringify(cases[i])} ${place}: ${value}, Keras ${theirs}`;
      assert.ok(Math.abs(value - theirs) <= 1e-6 * Math.max(1, Math.abs(theirs)), what);
    }
  }
  assert.equal(tf.memory().numTensors, tensors);
});

test("metrics.mean takes numbers and lists too, and what a compiled step gives", async () => {
  const mean = metrics.mean({ name: "loss" });
  assert.equal(mean.name, "loss");
  mean.updateState(1);
  mean.updateState([2, 6], { sampleWeight: [3, 1] });
  assert.equal(mean.result(), Math.fround((1 + 12) / 5));
  mean.resetState();
  const step = compiled((x: Tensor) => tf.mean(x));
  const x = tf.tensor1d([1, 2]);
  const result = await step(x);
  mean.updateState(result);
  assert.equal(mean.result(), 1.5);
  step.dispose();
  tf.dispose([x, result]);
  assert.throws(() => mean.updateState("1" as never), /`values` must be numbers or a tensor/);
  assert.throws(() => mean.updateState([1, 2], { sampleWeight: [1, 2, 3] }), /`sampleWeight` must/);
  assert.throws(() => metrics.sum({ nam: "x" } as never), /nam/);
});

test("metrics.meanMetricWrapper measures a function under another name", async () => {
  const largest = (a: Tensor, b: Tensor) => tf.max(tf.abs(tf.sub(a, b)), -1);
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [1] })] });
  const measured = [metrics.meanMetricWrapper(largest, { name: "most" }), largest];
  model.compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: measured });
  const [x, y] = [tf.tensor2d([[1], [2], [3]]), tf.ones([3, 2])];
  const result = await evaluate(model, [x, y], { batchSize: 2, verbose: 0, returnDict: true });
  const [expected] = tf.tidy(() => tf.mean(largest(y, model.predict(x) as Tensor)).dataSync());
  assert.equal(result.most, result.largest);
  assert.ok(Math.abs(result.most! - expected!) < 1e-6);
  assert.throws(() => metrics.meanMetricWrapper("mse" as never), /`fn` must be a function/);
  tf.dispose([x, y]);
  model.dispose();
});

test("weights that stand in the options' place are refused, and named", () => {
  const weights = tf.tensor1d([1, 2]);
  assert.throws(
    () => metrics.mean().updateState([1, 2], weights as object),
    /`options` must be an object: \{ sampleWeight: … \}\. Received: options=Tensor/,
  );
  weights.dispose();
});
