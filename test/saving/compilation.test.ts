/** Files of Keras 3.15.1 under other policies, with schedules, and with metrics of other names. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { getLearningRate, loadWeights, saveModel, tf } from "../../lib/index";
import { runPythonFile } from "../support/python";
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

const optimizerRows = [
  ...["averaged", "accumulated", "lion", "lamb", "adafactor", "muon", "schedule_free"],
  ...["scaled", "scaled_sgd"],
];

/** How Keras goes on with what is written here from its files. */
const backInKeras = once(async () => {
  const names = ["names", ...optimizerRows];
  for (const name of names) {
    const { model } = await loadWithWarnings(file(name, "keras"));
    await saveModel(model, file(name, "written.keras"));
    model.dispose();
  }
  const printed = await runPythonFile("test/saving/compilation_files.py", [folder, ...names]);
  return JSON.parse(printed) as Record<string, Required<Pick<Facts, "logs" | "losses">>>;
});

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

for (const name of optimizerRows) {
  test(`${name}: the optimizer goes on after loading, also from files written here, and in Keras`, async () => {
    const { [name]: back } = await backInKeras();
    const before = tf.memory().numTensors;
    const files = { keras: "graph", "written.keras": "eager", h5: "eager" } as const;
    for (const [extension, engine] of Object.entries(files)) {
      if (extension === "h5" && !facts[name]!.files.includes("h5")) continue;
      const { model, warnings } = await loadWithWarnings(file(name, extension));
      assert.deepEqual(warnings, [], extension);
      assert.equal(model.optimizer.iterations, 3);
      await assertGoesOn(model, facts[name]!, { engine });
      model.dispose();
    }
    assert.equal(tf.memory().numTensors, before);
    for (const [step, loss] of back!.losses.entries()) {
      const { [step]: wanted } = facts[name]!.losses!;
      assert.ok(Math.abs(loss - wanted!) <= 1e-5, `step ${step}: ${loss}, before ${wanted}`);
    }
  });
}

test("metrics keep the names that a user gave them, also in files written here", async () => {
  const { logs } = (await backInKeras()).names!;
  const { model, warnings } = await loadWithWarnings(file("names", "keras"));
  assert.deepEqual(warnings, []);
  await assertGoesOn(model, facts.names!, { engine: "graph" });
  const again = await loadWithWarnings(file("names", "written.keras"));
  await assertGoesOn(again.model, facts.names!, { engine: "eager" });
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
