import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModel, predict, saveModel, tf } from "../../lib/index";
import { nativeModule } from "../../lib/native";
import { temporaryFolder } from "../support/temporaryFolder";

test("a base that a file has in inference mode is no code of a user's: it is traced at two sizes alone", async () => {
  const before = tf.memory().numTensors;
  const [inner, input] = [tf.input({ shape: [3] }), tf.input({ shape: [3] })];
  const normalized = tf.layers.batchNormalization().apply(inner);
  const base = tf.model({ inputs: inner, outputs: normalized });
  const made = tf.model({
    inputs: input,
    outputs: tf.layers.dense({ units: 2 }).apply(base.apply(input, { training: false })),
  });
  const file = `${temporaryFolder().path}/base.keras`;
  await saveModel(made, file);
  const model = await loadModel(file);
  const native = nativeModule();
  const { createInference } = native;
  let traces = 0;
  Object.assign(native, {
    createInference() {
      traces++;
      return createInference();
    },
  });
  try {
    const x = tf.zeros([2, 3]);
    tf.dispose([x, await predict(model, x, { engine: "graph", verbose: 0 })]);
  } finally {
    Object.assign(native, { createInference });
  }
  assert.equal(traces, 2);
  made.dispose();
  model.dispose();
  assert.equal(tf.memory().numTensors, before);
});
