/** Names of metrics in logs, before and behind files of Keras 3.15.1 and of this library. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { test } from "node:test";
import { evaluate, saveModel, tf } from "../../lib/index";
import type { Json } from "../../lib/json";
import { readMetric } from "../../lib/saving/metricNames";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { loadWithWarnings } from "./kerasFacts";

/** Each kind of labels with the names of metrics for it, as Keras and as tfjs spell them. */
const spellings: Record<string, { keras: string[]; tfjs: string[] }> = {
  binary: {
    keras: [
      ...[
        "accuracy",
        "acc",
        "Accuracy",
        "binary_accuracy",
        "BinaryAccuracy",
        "precision",
        "Recall",
      ],
      ...["binary_crossentropy", "BinaryCrossentropy", "bce", "BCE", "auc", "AUC"],
      ...["mse", "MSE", "mean_squared_error", "MeanSquaredError", "mae", "mean_absolute_error"],
      ...["mape", "mean_absolute_percentage_error"],
    ],
    tfjs: [
      "binaryAccuracy",
      "binaryCrossentropy",
      "crossentropy",
      "ce",
      "meanSquaredError",
      "ACC",
      "Mse",
      "Auc",
    ],
  },
  categorical: {
    keras: [
      "accuracy",
      "categorical_accuracy",
      "categorical_crossentropy",
      "CategoricalCrossentropy",
    ],
    tfjs: ["categoricalAccuracy", "categoricalCrossentropy", "crossentropy", "ce"],
  },
  // Keras' metrics are objects here, whose names would stand for others of three outputs.
  multilabel: {
    keras: [],
    tfjs: ["binaryAccuracy", "binaryCrossentropy", "accuracy", "ce"],
  },
  sparse_categorical: {
    keras: ["acc", "sparse_categorical_accuracy", "sparse_categorical_crossentropy"],
    tfjs: ["sparseCategoricalAccuracy", "sparseCategoricalCrossentropy", "crossentropy", "ce"],
  },
};

/** Files of Keras' with these metrics, and what Keras measures; then of whatever files there are. */
const named = `import json, sys, keras, numpy as np
folder, kinds = sys.argv[1], json.loads(sys.argv[2])
random = np.random.default_rng(3)
out = {}
for kind, metrics in kinds.items():
    units = 1 if kind == "binary" else 3
    several = kind == "multilabel"
    if several: metrics = [keras.metrics.BinaryAccuracy(name="accuracy"), keras.metrics.BinaryCrossentropy(name="crossentropy"), "bce"]
    x = random.uniform(-1, 1, (6, 4)).astype("float32")
    whole = random.integers(0, max(2, units), 6)
    y = np.eye(3)[whole] if kind == "categorical" else whole.reshape(-1, 1)
    if several: y = random.integers(0, 2, (6, 3))
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation="sigmoid" if units == 1 or several else "softmax")])
    model.compile("sgd", ("binary" if several else kind) + "_crossentropy", metrics=metrics, run_eagerly=True)
    logs = model.evaluate(x, y, return_dict=True, verbose=0)
    for end in ["keras", "h5"]: model.save(f"{folder}/{kind}.{end}")
    out[kind] = dict(x=x.tolist(), y=y.tolist(), logs=logs)
print(json.dumps(out))`;
const again = `import json, sys, keras, numpy as np
given = json.load(open(sys.argv[1]))
print(json.dumps({file: keras.models.load_model(file).evaluate(np.array(d["x"]), np.array(d["y"]), return_dict=True, verbose=0)
    for file, d in given.items()}))`;

test("logs call each metric what they did before, from Keras' files and in them", async () => {
  using folder = temporaryFolder();
  const asked = Object.entries(spellings).map(([kind, { keras }]) => [kind, keras]);
  const made: Record<string, { x: number[][]; y: number[][]; logs: Record<string, number> }> =
    JSON.parse(await runPython(named, [folder.path, JSON.stringify(Object.fromEntries(asked))]));
  const written: Record<string, { x: number[][]; y: number[][] }> = {};
  const expected: Record<string, Record<string, number>> = {};
  for (const [kind, { x, y, logs }] of Object.entries(made)) {
    const data: [tf.Tensor, tf.Tensor] = [tf.tensor(x), tf.tensor(y)];
    const measure = async (from: string) => {
      const { model, warnings } = await loadWithWarnings(from);
      assert.deepEqual(warnings, []);
      const found = await evaluate(model, data, { returnDict: true, verbose: 0 });
      return { model, found };
    };
    for (const extension of ["keras", "h5"]) {
      const { model, found } = await measure(folder.join(`${kind}.${extension}`));
      assertSameLogs(found, logs);
      const { loss } = model;
      const to = folder.join(`${kind}.${extension}.ours.keras`);
      await saveModel(model, to);
      Object.assign(expected, { [to]: logs });
      // Compiled here, by names that Keras doesn't have.
      model.compile({ optimizer: "sgd", loss, metrics: spellings[kind]!.tfjs });
      const before = await evaluate(model, data, { returnDict: true, verbose: 0 });
      assert.deepEqual(Object.keys(before).sort(), ["loss", ...spellings[kind]!.tfjs].sort());
      const named = folder.join(`${kind}.${extension}.named.keras`);
      await saveModel(model, named);
      Object.assign(expected, { [named]: before });
      model.dispose();
      for (const each of [to, named]) {
        written[each] = { x, y };
        const loaded = await measure(each);
        assertSameLogs(loaded.found, expected[each]!);
        loaded.model.dispose();
      }
    }
    tf.dispose(data);
  }
  await fs.writeFile(folder.join("given.json"), JSON.stringify(written));
  const inKeras: typeof expected = JSON.parse(await runPython(again, [folder.join("given.json")]));
  for (const [each, logs] of Object.entries(inKeras)) assertSameLogs(logs, expected[each]!);
  assert.equal(Object.keys(inKeras).length, 16);
});

test("an object called accuracy is the name again where labels would choose it, and keeps its own else", () => {
  const object = (kind: string, name: string): Json => ({
    class_name: "MeanMetricWrapper",
    config: { name, fn: `${kind}_${name}` },
  });
  for (const kind of ["binary", "categorical", "sparse_categorical"] as const) {
    for (const name of ["accuracy", "crossentropy"]) {
      assert.equal(readMetric(object(kind, name), kind), name);
      const other = kind === "categorical" ? "binary" : "categorical";
      const found = readMetric(object(kind, name), other);
      assert.ok(typeof found === "function" && found.name === name);
    }
  }
});

function assertSameLogs(found: Record<string, number>, expected: Record<string, number>): void {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    const difference = Math.abs(found[name]! - value) / Math.max(1, Math.abs(value));
    assert.ok(difference <= 1e-5, `${name}: ${found[name]}, before ${value}`);
  }
}
