import assert from "node:assert/strict";
import { test } from "node:test";
import { borrowValues, lendTensor, tf } from "../../lib/engine";

test("a lent tensor's readers get copies, so nobody writes to the memory behind it", async () => {
  const values = Float32Array.of(1, 2, 3, 4);
  const tensor = lendTensor(values, { shape: [2, 2] });
  const clone = tensor.clone();
  for (const each of [tensor, clone]) {
    each.dataSync().fill(9);
    (await each.data()).fill(9);
  }
  assert.deepEqual([...values], [1, 2, 3, 4]);
  assert.equal(borrowValues(tensor), values);
  const doubled = tensor.mul(2);
  assert.deepEqual(doubled.arraySync(), [
    [2, 4],
    [6, 8],
  ]);
  tensor.dataSync().fill(9); // TensorFlow has its own by now
  assert.deepEqual([...values], [1, 2, 3, 4]);
  tf.dispose([tensor, clone, doubled]);
});

test("the memory comes back once, when the last tensor on it is disposed", () => {
  const before = tf.memory().numTensors;
  let returned = 0;
  const giveBack = () => returned++;
  const tensor = lendTensor(Float32Array.of(1, 2), { shape: [2], giveBack });
  const clone = tensor.clone();
  tensor.dispose();
  assert.equal(returned, 0);
  assert.deepEqual([...clone.dataSync()], [1, 2]);
  clone.dispose();
  clone.dispose();
  assert.equal(returned, 1);
  tf.tidy(() => {
    lendTensor(Float32Array.of(1), { shape: [1], giveBack });
  });
  assert.equal(returned, 2);
  assert.equal(tf.memory().numTensors, before);
});

test("other tensors are read as before, without a copy", () => {
  const values = Float32Array.of(1, 2);
  const tensor = tf.tensor(values);
  assert.equal(tensor.dataSync(), values);
  assert.equal(borrowValues(tensor), values);
  tensor.dispose();
});
