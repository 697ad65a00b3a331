/** `tf.depthToSpace` in a model that is trained, against TensorFlow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compiled, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { largestDifference } from "../support/tensors";

const program = `
import json, numpy as np, keras, tensorflow as tf
x = np.random.default_rng(1).normal(size=(2, 3, 4, 18)).astype("float32")
factors = np.random.default_rng(2).normal(size=(2, 9, 12, 2)).astype("float32")
v = tf.Variable(x)
with tf.GradientTape() as tape:
    y = keras.ops.depth_to_space(v, 3)
    loss = tf.reduce_sum(factors * y ** 2)
print(json.dumps(dict(x=x.tolist(), factors=factors.tolist(), y=y.numpy().tolist(),
    gradient=tape.gradient(loss, v).numpy().tolist())))
`;

test("depthToSpace has TensorFlow's values and gradient, eagerly and compiled, and leaves no tensors", async () => {
  const expected = JSON.parse(await runPython(program)) as Record<string, never>;
  const before = tf.memory().numTensors;
  const [x, factors] = [tf.tensor4d(expected.x!), tf.tensor4d(expected.factors!)];
  const gradientAt = (given: tf.Tensor) =>
    tf.grad((v) => tf.sum(tf.mul(factors, tf.square(tf.depthToSpace(v as tf.Tensor4D, 3)))))(given);
  const step = compiled(gradientAt);
  for (const gradient of [gradientAt(x), await step(x), await step(x)]) {
    assert.deepEqual(gradient.shape, x.shape);
    assert.ok(largestDifference(gradient, expected.gradient) < 1e-6);
    gradient.dispose();
  }
  const y = tf.depthToSpace(x, 3);
  assert.equal(largestDifference(y, expected.y), 0);
  step.dispose();
  tf.dispose([x, factors, y]);
  assert.equal(tf.memory().numTensors, before);
});
