import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import {
  exportSavedModel,
  InvalidArgumentError,
  NotCompilableError,
  setSeed,
  tf,
} from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { cases } from "./cases";

/** Runs each SavedModel on numbers that both sides make alike, and prints the outputs. */
const program = `
import sys, json, numpy as np, tensorflow as tf
outputs = {}
for case in json.loads(sys.argv[1]):
    serve = tf.saved_model.load(case["directory"]).signatures["serving_default"]
    feeds = {}
    for name, spec in serve.structured_input_signature[1].items():
        shape = [case["size"]] + spec.shape.as_list()[1:]
        count = int(np.prod(shape))
        values = (np.arange(count) * 7 % 10).astype("float32").reshape(shape)
        feeds[name] = tf.constant(values, spec.dtype)
    results = serve(**feeds)
    outputs[case["directory"]] = {k: v.numpy().flatten().tolist() for k, v in results.items()}
print(json.dumps(outputs))
`;

const chosen = [
  "convolutional network, sgd",
  "batch normalisation",
  "separable and depthwise convolutions",
  "embedding and bidirectional lstm",
  "two inputs, two outputs, two losses",
];

test("exportSavedModel() writes what Python's TensorFlow runs with the same outputs", async () => {
  using folder = temporaryFolder();
  setSeed(5);
  const tensors = tf.memory().numTensors;
  const models = chosen.map((name) => cases.find((which) => which.name === name)!.build());
  const entries: { directory: string; size: number }[] = [];
  for (const [i, model] of models.entries()) {
    const directory = folder.join(`model ${i}`);
    await exportSavedModel(model, directory);
    entries.push({ directory, size: 3 });
  }
  const printed = await runPython(program, [JSON.stringify(entries)]);
  const outputs = JSON.parse(printed.trim().split("\n").at(-1)!);
  models.forEach((model, i) => {
    tf.tidy(() => {
      const inputs = model.inputs.map(({ shape, dtype }) => {
        const full = [3, ...(shape.slice(1) as number[])];
        const count = full.reduce((product, size) => product * size, 1);
        return tf.tensor(
          Array.from({ length: count }, (_, k) => (k * 7) % 10),
          full,
          dtype,
        );
      });
      const predictions = [model.predict(inputs)].flat();
      predictions.forEach((prediction, k) => {
        const found: number[] = outputs[entries[i]!.directory][model.outputNames[k]!];
        const expected = prediction.dataSync();
        assert.equal(found.length, expected.length, chosen[i]);
        found.forEach((value, at) => {
          assert.ok(
            Math.abs(value - expected[at]!) < 1e-5,
            `${chosen[i]}: ${value} ${expected[at]}`,
          );
        });
      });
    });
    model.dispose();
  });
  assert.equal(tf.memory().numTensors, tensors);
});

test("exportSavedModel() leaves a folder that holds something alone", async () => {
  using folder = temporaryFolder();
  fs.writeFileSync(folder.join("mine.txt"), "");
  const model = cases[0]!.build();
  await assert.rejects(
    exportSavedModel(model, folder.path),
    /`directory` must be a folder that does not exist yet, or an empty one/,
  );
  assert.deepEqual(fs.readdirSync(folder.path), ["mine.txt"]);
  model.dispose();
});

test("exportSavedModel() says which input leaves a size open, and what it can't take", async () => {
  using folder = temporaryFolder();
  const anySize = tf.input({ shape: [null, null, 3], name: "pictures" });
  const convolution = tf.layers.conv2d({ filters: 2, kernelSize: 3 });
  const open = tf.model({
    inputs: anySize,
    outputs: convolution.apply(anySize) as tf.SymbolicTensor,
  });
  await assert.rejects(exportSavedModel(open, folder.join("open")), (error: Error) => {
    assert.ok(error instanceof InvalidArgumentError);
    assert.equal(
      error.message,
      "`model` must leave no size of its inputs open but the batch's. " +
        "Received: pictures of the shape [null,null,null,3]",
    );
    return true;
  });
  const complex = tf.input({ shape: [4], dtype: "complex64", name: "waves" });
  const waves = tf.model({
    inputs: complex,
    outputs: tf.layers.reshape({ targetShape: [2, 2] }).apply(complex) as tf.SymbolicTensor,
  });
  await assert.rejects(exportSavedModel(waves, folder.join("complex")), (error: Error) => {
    assert.ok(error instanceof NotCompilableError);
    assert.match(error.message, /complex numbers/);
    return true;
  });
  assert.deepEqual(fs.readdirSync(folder.path), []);
  for (const model of [open, waves]) model.dispose();
});
