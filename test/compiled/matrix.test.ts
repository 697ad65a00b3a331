import assert from "node:assert/strict";
import { test } from "node:test";
import { createRunner } from "../../lib/compiled/runner";
import { setSeed, tf } from "../../lib/index";
import { objectiveOf } from "../../lib/objectives";
import { batchOf, type Case, cases, onHost } from "./cases";

/** Trains a case from one seed and returns the loss and metrics of each step, then of an evaluation. */
async function train(
  which: Case,
  options: { engine: "graph" | "eager"; steps: number },
): Promise<{ values: number[][]; weights: number[][] }> {
  setSeed(3);
  const model = which.build();
  const objective = objectiveOf(model, "fit");
  const { engine, steps } = options;
  const runner = createRunner(model, { engine, precision: "float32", mode: "train", objective });
  const values: number[][] = [];
  for (let step = 0; step <= steps; step++) {
    // The last training batch is a partial one.
    const batch = batchOf(which, { size: step === steps - 1 ? 3 : 8, seed: step + 1 });
    const host = onHost(batch);
    values.push(await (step < steps ? runner.train(host) : runner.evaluate(host)));
    tf.dispose([batch.xs, batch.ys]);
  }
  await runner.pull();
  runner.dispose();
  const weights = model.getWeights().map((weight) => Array.from(weight.dataSync()));
  model.optimizer.dispose();
  model.dispose();
  return { values, weights };
}

function largestDifference(a: number[][], b: number[][]): number {
  return a
    .flatMap((row, i) => row.map((value, j) => Math.abs(value - b[i]![j]!)))
    .reduce((most, difference) => Math.max(most, difference), 0);
}

for (const which of cases) {
  // Adaptive methods divide by the root of tiny squares, which amplifies rounding: three steps for them.
  const steps = / (rmsprop|adam|ada\w+|centred)/.test(which.name) ? 3 : 20;
  test(`${which.name}: ${steps} compiled steps are ${steps} eager steps`, async () => {
    const graph = await train(which, { engine: "graph", steps });
    const eager = await train(which, { engine: "eager", steps });
    assert.equal(graph.values.length, steps + 1);
    assert.ok(graph.values.flat().every(Number.isFinite), "numbers");
    assert.notEqual(graph.values[0]![0], graph.values[steps - 1]![0]);
    const difference = largestDifference(graph.values, eager.values);
    assert.ok(difference <= 1e-5, `losses and metrics differ by ${difference}`);
    const weights = largestDifference(graph.weights, eager.weights);
    assert.ok(weights <= 1e-4, `weights differ by ${weights}`);
  });
}

test("the matrix has at least 30 combinations", () => {
  assert.ok(cases.length >= 30, String(cases.length));
});
