import assert from "node:assert/strict";
import { test } from "node:test";
import { show, tf } from "../../lib/index";

/** What a call prints to stdout. */
async function printed(body: () => void | Promise<void>): Promise<string> {
  const write = process.stdout.write;
  let text = "";
  process.stdout.write = ((chunk: string) => {
    text += chunk;
    return true;
  }) as typeof process.stdout.write;
  try {
    await body();
  } finally {
    process.stdout.write = write;
  }
  return text;
}

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
    /bar: 1 points/,
  );
  assert.equal(await printed(() => show(Promise.resolve("later"))), "later\n");
  assert.equal(await printed(() => show([1, "two"])), "[ 1, 'two' ]\n");
});
