import assert from "node:assert/strict";
import { test } from "node:test";
import { plot, show, tf } from "../../lib/index";
import { writtenBy } from "../support/printed";

const printed = (work: () => unknown) => writtenBy(async () => work());

test("show() prints a tensor's dtype, shape and values and leaves it alone", async () => {
  const tensor = tf.tensor2d([[1, 2]]);
  const before = tf.memory().numTensors;
  assert.equal(await printed(() => show(tensor)), "Tensor(float32, [1, 2])\n     [[1, 2],]\n");
  assert.equal(tf.memory().numTensors, before);
  tensor.dispose();
  assert.equal(await printed(() => show(tensor)), "Tensor(float32, [1, 2]), disposed\n");
});

test("show() prints a model's layers with shapes and parameters, trainable or not", async () => {
  const model = tf.sequential({
    name: "small",
    layers: [
      tf.layers.dense({ units: 4, inputShape: [3], name: "first", trainable: false }),
      tf.layers.dense({ units: 1, name: "second" }),
    ],
  });
  assert.equal(
    await printed(() => show(model)),
    `small
Layer           Output shape  Parameters
────────────────────────────────────────
first (Dense)   (None, 4)             16
second (Dense)  (None, 1)              5
────────────────────────────────────────
Total                                 21
Trainable                              5
Not trainable                         16
`,
  );
  model.dispose();
});

test("show() reads one element of a dataset to tell its form and disposes it", async () => {
  const dataset = tf.data.array([1, 2, 3]).map((x) => [tf.ones([x]), x]);
  const before = tf.memory().numTensors;
  assert.equal(
    await printed(() => show(dataset)),
    "Dataset of 3 elements\nelement: [Tensor(float32, [1]), number]\n",
  );
  assert.equal(tf.memory().numTensors, before);
});

test("show() draws any Plotly specification, waits for promises and prints other values", async () => {
  assert.match(
    await printed(() => show({ data: [{ type: "bar", x: ["a"], y: [2] }] })),
    /bar: 1 point from 2 to 2/,
  );
  assert.equal(await printed(() => show(Promise.resolve("later"))), "later\n");
  assert.equal(await printed(() => show([1, "two"])), "[ 1, 'two' ]\n");
});

test("show() is in `plot` too, and draws a specification that says as little as it may", async () => {
  const x = [1, 2, 3];
  const rising = { data: [{ type: "scatter", x, y: x }] };
  assert.equal(await printed(() => plot.show(rising)), "Figure\nscatter: 3 points from 1 to 3\n");
  assert.match(await printed(() => plot.show({ data: [{ y: x }] })), /3 points from 1 to 3/);
});
