/** Files of Keras 3.15.1 under other policies, with schedules, and with metrics of other names. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { getLearningRate, loadWeights, saveModel, tf } from "../../lib/index";
import { runPython, runPythonFile } from "../support/python";
import { assertGoesOn, assertPredicts, type Facts, loadWithWarnings } from "./kerasFacts";

let folder: string;
let facts: Record<string, Facts & { files: string[] }>;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "compilation-"));
  await runPythonFile("test/saving/compilation_files.py", [folder]);
  facts = JSON.parse(await fs.readFile(file("facts", "json"), "utf8"));
});

after(() => fs.rm(folder, { recursive: true, force: true }));

const file = (name: string, extension: string) => path.join(folder, `${name}.${extension}`);

for (const name of ["float16", "bfloat16"]) {
  test(`weights in ${name} are read from .keras, .h5 and .weights.h5`, async () => {
    const before = tf.memory().numTensors;
    assert.deepEqual(facts[name]!.files, ["keras", "h5", "weights.h5"]);
    for (const extension of ["keras", "h5"]) {
      const { model, warnings } = await loadWithWarnings(file(name, extension));
      assert.deepEqual(warnings, []);
      assertPredicts(model, facts[name]!);
      for (const weight of model.weights) {
        const variable = weight.read() as ReturnType<typeof tf.variable>;
        tf.tidy(() => variable.assign(tf.zerosLike(variable)));
      }
      await loadWeights(model, file(name, "weights.h5"));
      assertPredicts(model, facts[name]!);
      model.dispose();
    }
    assert.equal(tf.memory().numTensors, before);
  });
}

for (const name of ["mixed_float16", "mixed_bfloat16", "bfloat16_trained"]) {
  test(`${name}: a model that was trained in fewer bits goes on in float32, optimizer state included`, async () => {
    const before = tf.memory().numTensors;
    for (const [extension, engine] of Object.entries({ keras: "graph", h5: "eager" } as const)) {
      const { model, warnings } = await loadWithWarnings(file(name, extension));
      assert.deepEqual(warnings, []);
      assert.equal(model.optimizer.iterations, 3);
      assertPredicts(model, facts[name]!);
      await assertGoesOn(model, facts[name]!, { engine });
      model.dispose();
    }
    assert.equal(tf.memory().numTensors, before);
  });
}

for (const name of [
  ...["exponential", "cosine", "warmup", "restarts", "polynomial", "inverse", "piecewise"],
]) {
  test(`${name}: a learning rate that follows the steps goes on after loading, also from files written here`, async () => {
    for (const [extension, engine] of Object.entries({ keras: "graph", h5: "eager" } as const)) {
      let from = file(name, extension);
      for (const times of ["read", "written and read"]) {
        const { model, warnings } = await loadWithWarnings(from);
        assert.deepEqual(warnings, [], times);
        assert.ok(Math.abs(getLearningRate(model) - facts[name]!.rate!) <= 1e-7);
        assert.equal(model.optimizer.iterations, 3);
        from = file(`${name}.ours`, "keras");
        await saveModel(model, from);
        await assertGoesOn(model, facts[name]!, { engine });
        model.dispose();
      }
    }
  });
}

test("metrics keep the names that a user gave them, also in files written here", async () => {
  const { model, warnings } = await loadWithWarnings(file("names", "keras"));
  assert.deepEqual(warnings, []);
  const written = file("written", "keras");
  await saveModel(model, written);
  await assertGoesOn(model, facts.names!, { engine: "graph" });
  const again = await loadWithWarnings(written);
  await assertGoesOn(again.model, facts.names!, { engine: "eager" });
  const measured = await runPython(
    `import json, sys, keras, numpy as np
facts = json.load(open(sys.argv[2]))["names"]
model = keras.models.load_model(sys.argv[1])
x, y = (np.reshape(facts[key][0]["data"], facts[key][0]["shape"]) for key in ("inputs", "targets"))
print(json.dumps(model.evaluate(x, y, return_dict=True, verbose=0)))`,
    [written, file("facts", "json")],
  );
  const logs: Record<string, number> = JSON.parse(measured);
  assert.deepEqual(Object.keys(logs).sort(), Object.keys(facts.names!.logs!).sort());
  for (const [name, value] of Object.entries(facts.names!.logs!)) {
    assert.ok(Math.abs(logs[name]! - value) <= 1e-5, `${name}: ${logs[name]}, before ${value}`);
  }
  for (const each of [model, again.model]) each.dispose();
});

test("equal numbers are counted as in Keras, whose class has the name of another", async () => {
  const { model, warnings } = await loadWithWarnings(file("equal", "keras"));
  assert.deepEqual(warnings, []);
  await assertGoesOn(model, facts.equal!, { engine: "graph" });
  model.dispose();
});

test("an AUC goes on as in Keras", async () => {
  const { model, warnings } = await loadWithWarnings(file("auc", "keras"));
  assert.deepEqual(warnings, []);
  await assertGoesOn(model, facts.auc!, { engine: "graph" });
  model.dispose();
});

test("an optimizer that also averages weights leaves the model uncompiled, with a warning", async () => {
  const { model, warnings } = await loadWithWarnings(file("averaged", "keras"));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /the optimizer "Adam", which is refused: .*use_ema=true/);
  assert.equal(model.optimizer, undefined);
  assertPredicts(model, facts.averaged!);
  model.dispose();
});
