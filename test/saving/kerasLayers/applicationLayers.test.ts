/** Layers of Keras' own networks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { setSeed, tf } from "../../../lib/index";
import { applicationLayers } from "../../../lib/saving/kerasLayers/applicationLayers";

test("stochastic depth leaves whole samples out at its rate, and scales up the others", () => {
  const tensors = tf.memory().numTensors;
  setSeed(3);
  const cls = applicationLayers["keras.src.applications.convnext>StochasticDepth"]!;
  const layer = new cls({ dropPathRate: 0.25 });
  const x = tf.ones([2000, 2, 3]);
  const inference = layer.apply(x) as Tensor;
  assert.deepEqual(inference.dataSync(), x.dataSync());
  const y = layer.apply(x, { training: true }) as Tensor;
  const rows = y.arraySync() as number[][][];
  const kept = rows.filter((row) => row.flat().every((value) => Math.abs(value - 4 / 3) < 1e-6));
  const left = rows.filter((row) => row.flat().every((value) => value === 0));
  assert.equal(kept.length + left.length, 2000);
  // 500 expected; a deviation is 19.
  assert.ok(Math.abs(left.length - 500) < 80, `${left.length} of 2000`);
  tf.dispose([x, inference, y]);
  assert.equal(tf.memory().numTensors, tensors);
});
