/** Files that Keras 2 itself has written: tf-keras 2.21.0, by keras2_files.py. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { openZip, readEntry } from "../../lib/formats";
import { getLearningRate, loadWeights, saveModel, tf } from "../../lib/index";
import { repositoryRoot, runPythonFile } from "../support/python";
import { assertGoesOn, assertPredicts, type Facts, loadWithWarnings } from "./kerasFacts";

/** What can't be read of a file's compilation, and what becomes of it. */
interface Rest {
  warns?: RegExp;
  /** True for an optimizer of before 2.11, whose state Keras 2 leaves out of `.keras` files. */
  legacy?: true;
  uncompiled?: true;
  /** Metrics that the model does without. */
  leftOut?: string[];
  /** How many losses are alike. */
  steps?: number;
}

const uncompiled = (what: RegExp): Rest => ({
  warns: new RegExp(`is compiled with ${what.source}.*\\. The model is left uncompiled`),
  uncompiled: true,
});

const without = (metric: string, title: string): Rest => ({
  warns: new RegExp(`is compiled with the metric ${title}.*\\. It is left out`),
  leftOut: [metric],
});

const rows: Record<string, Rest> = {
  sgd: {},
  sgd_momentum: {},
  rmsprop: {},
  rmsprop_centered: {},
  adam: {},
  adam_amsgrad: {},
  adamw: {},
  adagrad: {},
  adadelta: {},
  adamax: {},
  nadam: {},
  ftrl: {},
  legacy_sgd: { legacy: true },
  legacy_rmsprop: { legacy: true },
  legacy_adam: { legacy: true },
  legacy_adagrad: { legacy: true },
  legacy_adadelta: { legacy: true },
  legacy_adamax: { legacy: true },
  legacy_nadam: uncompiled(/the optimizer "Nadam", which is refused: Keras 2 had another formula/),
  legacy_decay: { legacy: true },
  exponential_decay: {},
  cosine_decay: {},
  cosine_restarts: {},
  piecewise_decay: {},
  polynomial_decay: {},
  inverse_time_decay: { legacy: true },
  convnet: {},
  sparse: {},
  logits: {},
  smoothed: {},
  binary: {},
  auc: {},
  thresholds: {},
  own_metric: without("half_right", '"half_right"'),
  own_loss: uncompiled(/the loss "mean_cubed_error"/),
  loss_weights: {},
  weighted_metrics: {},
  uncompiled: { uncompiled: true },
  nested: {},
  frozen: {},
  sequential_in_sequential: {},
  two_inputs: {},
  two_outputs_in_lists: {},
  siamese: {},
  merging: {},
  lstm: {},
  gru: {},
  bidirectional: {},
  simple_rnn: {},
  hard_gates: {},
  conv1d: {},
  conv3d: {},
  autoencoder: {},
  activations: {},
  thresholded: {},
  preprocessing: {},
  regularized: {},
  mixed_float16: {},
  mixed_bfloat16: {},
  legacy_mixed_float16: { legacy: true },
  float16: { uncompiled: true },
  bfloat16: { uncompiled: true },
};

/** Those that have a file of weights in the layout of `.h5` too. */
const oldWeights = [
  "convnet",
  "nested",
  "frozen",
  "two_inputs",
  "lstm",
  "bidirectional",
  "preprocessing",
  "float16",
  "bfloat16",
];

/** Keras 3 has another hard sigmoid, and no ThresholdedReLU. */
const onlyInKeras2 = ["hard_gates", "activations", "thresholded"];

/** Where a word comes twice in a batch, Keras 3.15.1 adds its gradients' squares, Keras 2 squares their sum. */
const withEmbeddings = ["lstm", "gru"];

let folder: string;
let facts: Record<string, Facts>;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "keras2-"));
  const zip = await openZip(path.join(repositoryRoot, "test/saving/fixtures/keras2.zip"));
  for await (const entry of zip.entries()) {
    await fs.writeFile(path.join(folder, entry.fileName), await readEntry(zip, entry));
  }
  await zip.close();
  facts = JSON.parse(await fs.readFile(path.join(folder, "facts.json"), "utf8"));
});

after(() => fs.rm(folder, { recursive: true, force: true }));

const engines = { h5: "graph", keras: "eager" } as const;

for (const [name, { warns, uncompiled, legacy, ...rest }] of Object.entries(rows)) {
  for (const [extension, engine] of Object.entries(engines)) {
    const isLost = legacy && extension === "keras";
    test(`${name}.${extension} of Keras 2 predicts, measures and goes on training as there`, async () => {
      const before = tf.memory().numTensors;
      const { model, warnings } = await loadWithWarnings(path.join(folder, `${name}.${extension}`));
      assertPredicts(model, facts[name]!);
      assert.equal(warnings.length, warns || isLost ? 1 : 0, warnings.join("\n"));
      if (warns !== undefined) assert.match(warnings[0]!, warns);
      assert.equal(model.optimizer === undefined, uncompiled === true);
      if (isLost) {
        assert.match(
          warnings[0]!,
          /keeps nothing of its optimizer.*\. The optimizer starts afresh/,
        );
        assert.equal(model.optimizer.iterations, 0);
        await assertGoesOn(model, facts[name]!, { engine, ...rest, steps: 1 });
      } else if (!uncompiled) {
        assert.ok(Math.abs(getLearningRate(model) - facts[name]!.rate!) <= 1e-7);
        assert.equal(model.optimizer.iterations, 3);
        await assertGoesOn(model, facts[name]!, { engine, ...rest });
      }
      model.dispose();
      assert.equal(tf.memory().numTensors, before);
    });
  }

  test(`${name}: files of weights of Keras 2 fill a model`, async () => {
    const { model } = await loadWithWarnings(path.join(folder, `${name}.keras`), {
      compile: false,
    });
    for (const file of [
      `${name}.weights.h5`,
      ...(oldWeights.includes(name) ? [`${name}.old.h5`] : []),
    ]) {
      for (const weight of model.weights) {
        const variable = weight.read() as ReturnType<typeof tf.variable>;
        tf.tidy(() => variable.assign(tf.zerosLike(variable)));
      }
      await loadWeights(model, path.join(folder, file));
      assertPredicts(model, facts[name]!);
    }
    model.dispose();
  });
}

test("what is saved of a model of Keras 2, Keras 3 reads, and predicts and goes on the same", async () => {
  const kept = Object.keys(rows).filter((name) => !onlyInKeras2.includes(name));
  for (const name of kept) {
    const { model } = await loadWithWarnings(path.join(folder, `${name}.h5`));
    await saveModel(model, path.join(folder, `${name}.3.keras`));
    model.dispose();
  }
  const computed: Record<string, { difference: number; losses?: number[] }> = JSON.parse(
    await runPythonFile("test/saving/keras2_in_keras3.py", [folder, ...kept]),
  );
  assert.deepEqual(Object.keys(computed), kept);
  for (const [name, { difference, losses = [] }] of Object.entries(computed)) {
    // A policy is written as it was read, and the Kerases round differently where they compute in it.
    const rounding = { float16: 2 ** -11, bfloat16: 2 ** -8 }[name] ?? 1e-6;
    assert.ok(difference <= rounding, `${name} differs by ${difference}`);
    assert.equal(losses.length > 0, rows[name]!.uncompiled === undefined, name);
    const steps = withEmbeddings.includes(name) ? 1 : rows[name]!.steps;
    for (const [step, loss] of losses.slice(0, steps).entries()) {
      const before = facts[name]!.losses![step]!;
      assert.ok(
        Math.abs(loss - before) <= 1e-5,
        `${name}, step ${step}: ${loss}, before ${before}`,
      );
    }
  }
});

test("a model with Keras 2's hard sigmoid isn't saved as one with Keras 3's", async () => {
  const { model } = await loadWithWarnings(path.join(folder, "hard_gates.h5"));
  await assert.rejects(
    saveModel(model, path.join(folder, "gates.keras")),
    /option recurrent_activation, has the activation "hardSigmoid", which is not supported/,
  );
  model.dispose();
});
