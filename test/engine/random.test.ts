import assert from "node:assert/strict";
import { test } from "node:test";
import {
  getRandomState,
  hostUniform,
  KeySource,
  randomNormal,
  randomUniform,
  setRandomState,
  setSeed,
} from "../../lib/engine";
import { tf } from "../../lib/tfjs";

function drawn(make: () => ReturnType<typeof randomUniform>): number[] {
  const tensor = make();
  const values = [...tensor.dataSync()];
  tensor.dispose();
  return values;
}

test("setSeed() repeats draws, host numbers and initial weights", () => {
  const all = () => {
    setSeed(7);
    const layer = tf.layers.dense({ units: 3, inputShape: [4] });
    const model = tf.sequential({ layers: [layer] });
    const weights = model.getWeights().map((weight) => [...weight.dataSync()]);
    model.dispose();
    return [drawn(() => randomUniform([5])), hostUniform(), weights];
  };
  const tensors = tf.memory().numTensors;
  assert.deepEqual(all(), all());
  assert.equal(tf.memory().numTensors, tensors);
});

test("two layers made after one setSeed() start from different weights", () => {
  setSeed(7);
  const models = [0, 1].map(() =>
    tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] }),
  );
  const [first, second] = models.map((model) => [...model.getWeights()[0]!.dataSync()]);
  assert.notDeepEqual(first, second);
  for (const model of models) model.dispose();
});

test("an initializer with a seed of its own keeps it", () => {
  const weights = (seed: number) => {
    setSeed(seed);
    const value = tf.initializers.glorotUniform({ seed: 3 }).apply([2, 2]);
    const values = [...value.dataSync()];
    value.dispose();
    return values;
  };
  assert.deepEqual(weights(1), weights(2));
});

test("setRandomState() continues where getRandomState() was taken", () => {
  setSeed(11);
  drawn(() => randomUniform([1]));
  const state = getRandomState();
  const next = [drawn(() => randomUniform([2])), hostUniform()];
  setRandomState(state);
  assert.deepEqual([drawn(() => randomUniform([2])), hostUniform()], next);
});

test("randomUniform() and randomNormal() have the moments of their distributions", () => {
  const moments = (values: number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { mean, variance };
  };
  const source = new KeySource(1);
  const uniform = moments(drawn(() => randomUniform([100_000], source)));
  assert.ok(Math.abs(uniform.mean - 0.5) < 0.005 && Math.abs(uniform.variance - 1 / 12) < 0.002);
  const normal = moments(drawn(() => randomNormal([100_000], source)));
  assert.ok(Math.abs(normal.mean) < 0.015 && Math.abs(normal.variance - 1) < 0.02);
});

test("setSeed() refuses what is no seed", () => {
  assert.throws(
    () => setSeed(-1),
    /`seed` must be a whole number from 0 to 2147483647. Received: seed=-1/,
  );
  assert.throws(() => setSeed(1.5), /Received: seed=1.5/);
});
