import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, fit, predict, setSeed, tf } from "../../lib/index";

/** A model in which a layer drops the mask, and one behind it would look at it. */
function make(): tf.LayersModel {
  setSeed(3);
  const model = tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputLength: 4 }),
      tf.layers.lstm({ units: 3 }),
      tf.layers.repeatVector({ n: 4 }),
      tf.layers.lstm({ units: 2, returnSequences: true }),
      tf.layers.globalAveragePooling1d({}),
    ],
  });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  return model;
}

const rows = [
  [1, 2, 0, 0],
  [3, 0, 0, 0],
  [4, 1, 2, 3],
];

const valuesOf = (result: tf.Tensor | tf.Tensor[]) => Array.from((result as tf.Tensor).dataSync());

function assertClose(actual: number[], expected: number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[i]!) < 1e-6, `${actual} and ${expected}`);
  }
}

test("tfjs' own predict, evaluate and fit hand no mask to layers behind one that drops it", async () => {
  const before = tf.memory().numTensors;
  const [own, ours] = [make(), make()];
  const [x, y] = [tf.tensor2d(rows, [3, 4], "int32"), tf.ones([3, 2])];
  const compare = async () => {
    const [one, other] = [own.predict(x) as tf.Tensor, await predict(ours, x, { verbose: 0 })];
    assertClose(valuesOf(one), valuesOf(other));
    tf.dispose([one, other]);
    const loss = own.evaluate(x, y) as tf.Scalar;
    assertClose(valuesOf(loss), [...(await evaluate(ours, [x, y], { verbose: 0 }))]);
    loss.dispose();
  };
  await compare();
  await own.fit(x, y, { epochs: 2, shuffle: false, verbose: 0, yieldEvery: "never" });
  await fit(ours, [x, y], { epochs: 2, shuffle: false, verbose: 0 });
  await compare();
  tf.dispose([x, y]);
  own.dispose();
  ours.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test("a mask that a layer is called with is its own, however often", () => {
  const model = make();
  const pooling = model.layers.at(-1)!;
  tf.tidy(() => {
    const x = tf.tensor3d([1, 2, 3, 4, 50, 60, 70, 80], [1, 4, 2]);
    const options = { mask: tf.tensor2d([1, 1, 0, 0], [1, 4], "bool") };
    assertClose(valuesOf(pooling.apply(x, options)), [2, 3]);
    assertClose(valuesOf(pooling.apply(x, options)), [2, 3]);
  });
  model.dispose();
});
