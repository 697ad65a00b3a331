import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { borrowValues, lendTensor, tf } from "../../lib/tfjs";
import { memoryOf } from "../support/memoryOf";

test("a lent tensor's readers get copies, so nobody writes to the memory behind it", async () => {
  const values = Float32Array.of(1, 2, 3, 4);
  const tensor = lendTensor(values, { shape: [2, 2] });
  const clone = tensor.clone();
  for (const each of [tensor, clone]) {
    each.dataSync().fill(9);
    (await each.data()).fill(9);
  }
  assert.deepEqual([...values], [1, 2, 3, 4]);
  assert.equal(memoryOf(tensor), values);
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

test("TensorFlow gets a copy of memory that is to come back, so its results outlive it", () => {
  const before = tf.memory().numTensors;
  const { buffer } = new Float32Array(1040);
  // One of these begins where TensorFlow wants its memory to begin, and would be shared.
  for (const offset of [0, 16, 32, 48]) {
    const values = new Float32Array(buffer, offset, 1024).fill(7);
    let returned = 0;
    const tensor = lendTensor(values, { shape: [1024], giveBack: () => returned++ });
    const reshaped = tf.reshape(tensor, [32, 32]);
    assert.equal(returned, 1);
    tensor.dispose();
    assert.equal(returned, 1);
    values.fill(9);
    assert.deepEqual(new Set(reshaped.dataSync()), new Set([7]));
    reshaped.dispose();
  }
  assert.equal(tf.memory().numTensors, before);
});

test("memory that is being read comes back when its reader ends", () => {
  const ends: ((tensor: Tensor) => void)[] = [
    (tensor) => tensor.dispose(),
    (tensor) => tf.dispose(tensor.mul(2)),
  ];
  for (const end of ends) {
    let returned = 0;
    const giveBack = () => returned++;
    const tensor = lendTensor(Float32Array.of(1, 2), { shape: [2], giveBack });
    const readers = [borrowValues(tensor), borrowValues(tensor)];
    end(tensor);
    readers[0]!.end();
    assert.equal(returned, 0);
    readers[1]!.end();
    assert.equal(returned, 1);
    tensor.dispose();
    assert.equal(returned, 1);
  }
});

test("numbers that had to be copied to be read are freed by their reader", () => {
  const tensor = tf.tidy(() => tf.ones([1000]).neg());
  const { values, end } = borrowValues(tensor);
  assert.equal(values[999], -1);
  end();
  assert.equal(values.length, 0);
  assert.equal(tensor.dataSync()[999], -1);
  tensor.dispose();
});

test("other tensors are read as before, without a copy", () => {
  const values = Float32Array.of(1, 2);
  const tensor = tf.tensor(values);
  assert.equal(tensor.dataSync(), values);
  assert.equal(memoryOf(tensor), values);
  tensor.dispose();
});
