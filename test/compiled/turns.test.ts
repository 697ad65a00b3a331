import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, tf } from "../../lib/index";
import { nativeModule } from "../../lib/native";

test("the event loop turns between the parts of a compilation: traces, rules, the graph, each pass over it", async () => {
  const before = tf.memory().numTensors;
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 3, kernelSize: 3, activation: "relu", inputShape: [9, 9, 1] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: "adam", loss: "meanSquaredError" });
  const data = [tf.zeros([4, 9, 9, 1]), tf.zeros([4, 1])] as const;
  const native = nativeModule();
  const { createInference, createSession } = native;
  let turns = 0;
  let count = setImmediate(function turn() {
    turns++;
    count = setImmediate(turn);
  });
  let firstTrace: number | undefined;
  let session: number | undefined;
  Object.assign(native, {
    createInference() {
      firstTrace ??= turns;
      return createInference();
    },
    createSession(...args: Parameters<typeof createSession>) {
      session ??= turns;
      return createSession(...args);
    },
  });
  try {
    await fit(model, [data[0], data[1]], { batchSize: 4, verbose: 0, engine: "graph" });
  } finally {
    clearImmediate(count);
    Object.assign(native, { createInference, createSession });
  }
  // Two traces for training and two for evaluation; for each pair its rules and its part of the graph; three passes.
  assert.ok(session! - firstTrace! >= 11, `${session! - firstTrace!} turns`);
  model.dispose();
  tf.dispose([...data]);
  assert.equal(tf.memory().numTensors, before);
});
