/** What layers of hashes and lookups refuse, since it has no place in their numbers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { layers, tf } from "../../lib/index";

test("hashedCrossing() refuses inputs of different shapes, as Keras does", () => {
  const layer = layers.hashedCrossing({ numBins: 5 });
  const column = tf.tensor2d([[1], [2]], [2, 1], "int32");
  const [row, longer] = [tf.tensor1d([4, 5], "int32"), tf.tensor1d([4, 5, 6], "int32")];
  const before = tf.memory().numTensors;
  for (const inputs of [
    [column, row],
    [row, column],
    [row, longer],
  ]) {
    assert.throws(() => layer.apply(inputs), /must be two tensors of one shape/);
  }
  assert.equal(tf.memory().numTensors, before);
  const crossed = layer.apply([row, row]) as tf.Tensor;
  assert.deepEqual(crossed.shape, [2]);
  tf.dispose([column, row, longer, crossed]);
});

test("integerLookup() refuses numbers that no int32 tensor can hold", () => {
  // Wrapped around, they would stand in the list's wrong place, and others would not be found.
  for (const number of [2 ** 31, -(2 ** 31) - 1, 2 ** 40]) {
    const make = () => layers.integerLookup({ vocabulary: [number, 3] });
    assert.throws(make, /`vocabulary` must be a list of whole numbers, of 32 bits each/);
  }
  const layer = layers.integerLookup({ vocabulary: [2 ** 31 - 1, -(2 ** 31), 3] });
  const x = tf.tensor1d([3, 2 ** 31 - 1, -(2 ** 31), 0], "int32");
  const places = layer.apply(x) as tf.Tensor;
  assert.deepEqual([...places.dataSync()], [3, 1, 2, 0]);
  tf.dispose([x, places]);
});
