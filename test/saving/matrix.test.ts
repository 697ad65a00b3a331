/**
 * The matrix: models written by Python Keras are read here, go on training here, are written here, and are
 * read and go on training in Python.
 *
 * With MATRIX_TABLE=file, what was measured is written there as a Markdown table.
 */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { loadModel, loadWeights, saveModel, saveWeights } from "../../lib/saving";
import { tf } from "../../lib/tfjs";
import { runPythonFile } from "../support/python";

interface Facts {
  inputs: number[][];
  targets: number[][];
  outputs: number[][];
  random: boolean;
  constrained: boolean;
  hdf5: boolean;
  /** Class names of all layers, for the table. */
  layers: string[];
  sequential: boolean;
  flags: [string, boolean][];
  iterations: number;
  losses: number[];
}

interface Checked
  extends Omit<
    Facts,
    "inputs" | "targets" | "outputs" | "random" | "constrained" | "hdf5" | "layers"
  > {
  error?: string;
  difference: number;
  weights_difference: number;
  own_flags: [string, boolean][];
  logs: Record<string, number>;
  own_logs: Record<string, number>;
  compiled: boolean;
  optimizer: string;
  trained_iterations: number;
  trained_difference: number;
}

const rows = [
  ["mnist_convnet", "RMSprop"],
  ["convnet_from_scratch", "RMSprop"],
  ["augmented_convnet", "RMSprop"],
  ["strongly_augmented_convnet", "Adam"],
  ["preprocessing", "Nadam"],
  ["frozen_base", "Adam"],
  ["partly_frozen_functional_base", "Adam"],
  ["plain_sequential", "SGD"],
  ["residual", "AdamW"],
  ["inception", "SGD"],
  ["separable_and_depthwise", "Adam"],
  ["autoencoder", "Adagrad"],
  ["conv1d", "Adamax"],
  ["conv3d", "SGD"],
  ["masked_embedding_lstm", "SGD"],
  ["gru_both_ways", "Adam"],
  ["simple_rnn_and_time_distributed", "RMSprop"],
  ["bidirectional", "Adam"],
  ["activations", "SGD"],
  ["shapes", "Adadelta"],
  ["regularized", "SGD"],
  ["two_inputs_two_outputs", "Adam"],
  ["merging", "SGD"],
  ["normalizations", "Adam"],
  ["noise_and_dropout", "Adam"],
  ["shared_layers", "SGD"],
  ["models_in_models", "RMSprop"],
  ["logits_with_smoothed_labels", "Adam"],
  ["masked_sequence", "SGD"],
] as const;

const same = 1e-5;
let folder: string;
let written: Record<string, Facts>;
let checked: Record<string, Checked> | undefined;
/** What was measured here, by row: differences of predictions, and of losses while training on. */
const measured = new Map<string, { keras: number; h5: number; weights: number; losses: number }>();

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "matrix-"));
  await runPythonFile("test/saving/keras_files.py", ["write", folder]);
  written = JSON.parse(await fs.readFile(path.join(folder, "written.json"), "utf8"));
});

after(async () => {
  if (process.env.MATRIX_TABLE) await fs.writeFile(process.env.MATRIX_TABLE, table());
  await fs.rm(folder, { recursive: true, force: true });
});

function table(): string {
  const head = [
    "model",
    "layers",
    "optimizer",
    "`.keras` read here",
    "`.h5` read here",
    "`.weights.h5` read here",
    "losses here",
    "`.keras` read in Keras",
    "`.weights.h5` read in Keras",
    "losses in Keras",
  ];
  const number = (value: number | undefined) => (value ? value.toExponential(0) : "0");
  const lines = rows.map(([name, optimizer]) => {
    const here = measured.get(name)!;
    const there = checked![name]!;
    const { random, constrained, hdf5, layers } = written[name]!;
    const losses = there.losses.map((loss, i) => Math.abs(loss - written[name]!.losses[i]!));
    const cells = [
      name.replaceAll("_", " "),
      layers.join(", "),
      optimizer,
      number(here.keras),
      hdf5 ? number(here.h5) : "–",
      number(here.weights),
      random || constrained ? "–" : number(here.losses),
      number(there.difference),
      number(there.weights_difference),
      random ? "–" : number(Math.max(...losses)),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const rule = `|${head.map((_, i) => (i < 3 ? "---" : "--:")).join("|")}|`;
  return [`| ${head.join(" | ")} |`, rule, ...lines, ""].join("\n");
}

const file = (name: string, ending: string) => path.join(folder, `${name}.${ending}`);

async function readArrays(name: string, kind: "inputs" | "targets" | "outputs"): Promise<Tensor[]> {
  return Promise.all(
    written[name]![kind].map(async (shape, i) => {
      const bytes = await fs.readFile(file(name, `${kind}.${i}`));
      return tf.tensor(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4), shape);
    }),
  );
}

function predict(model: LayersModel, inputs: Tensor[]): Tensor[] {
  const outputs = model.predict(inputs.length === 1 ? inputs[0]! : inputs);
  return Array.isArray(outputs) ? outputs : [outputs];
}

function difference(model: LayersModel, inputs: Tensor[], expected: Tensor[]): number {
  return tf.tidy(() => {
    const outputs = predict(model, inputs);
    assert.equal(outputs.length, expected.length);
    const worst = outputs.map((o, i) => tf.max(tf.abs(tf.sub(o, expected[i]!))).dataSync()[0]!);
    return Math.max(...worst);
  });
}

async function train(model: LayersModel, inputs: Tensor[], targets: Tensor[]): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    const values = await model.trainOnBatch(
      inputs.length === 1 ? inputs[0]! : inputs,
      targets.length === 1 ? targets[0]! : targets,
    );
    losses.push(Array.isArray(values) ? values[0]! : values);
  }
  return losses;
}

/** Names and flags of all layers, models inside models included. */
function flags(model: LayersModel): [string, boolean][] {
  return model.layers
    .filter((layer) => layer.getClassName() !== "InputLayer")
    .flatMap((layer): [string, boolean][] => [
      [layer.name, layer.trainable],
      ...(layer instanceof tf.LayersModel ? flags(layer) : []),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

async function saveArrays(name: string, arrays: Tensor[]): Promise<void> {
  for (const [i, array] of arrays.entries()) {
    await fs.writeFile(file(name, `after.${i}`), Buffer.from((await array.data()).buffer));
  }
}

for (const [name] of rows) {
  test(`${name}: what Keras wrote predicts the same here and goes on training`, async () => {
    const facts = written[name]!;
    const tensors = tf.memory().numTensors;
    const [inputs, targets, outputs] = await Promise.all([
      readArrays(name, "inputs"),
      readArrays(name, "targets"),
      readArrays(name, "outputs"),
    ]);

    const model = await loadModel(file(name, "keras"));
    const keras = difference(model, inputs, outputs);
    assert.ok(keras <= same, `.keras predicts the same, but for ${keras}`);
    assert.equal(model instanceof tf.Sequential, facts.sequential);
    assert.deepEqual(flags(model), facts.flags);
    assert.equal(model.optimizer.iterations, 3);

    const legacy = await loadModel(file(name, facts.hdf5 ? "h5" : "keras"));
    const h5 = difference(legacy, inputs, outputs);
    assert.ok(h5 <= same, `.h5 predicts the same, but for ${h5}`);
    for (const weight of legacy.weights) {
      const variable = weight.read() as ReturnType<typeof tf.variable>;
      tf.tidy(() => variable.assign(tf.zerosLike(variable)));
    }
    await loadWeights(legacy, file(name, "weights.h5"));
    const weights = difference(legacy, inputs, outputs);
    assert.ok(weights <= same, `.weights.h5 predicts the same, but for ${weights}`);

    await saveModel(model, file(name, "back.keras"));
    await saveWeights(model, file(name, "back.weights.h5"));
    let worst = 0;
    for (const going of [model, legacy]) {
      const losses = await train(going, inputs, targets);
      for (const [step, loss] of losses.entries()) {
        assert.ok(Number.isFinite(loss));
        if (facts.random || facts.constrained) continue; // tfjs doesn't apply constraints
        const expected = facts.losses[step]!;
        worst = Math.max(worst, Math.abs(loss - expected));
        assert.ok(Math.abs(loss - expected) <= 1e-3, `step ${step}: ${loss}, Keras ${expected}`);
      }
    }
    measured.set(name, { keras, h5, weights, losses: worst });
    await saveModel(model, file(name, "trained.keras"));
    const trained = predict(model, inputs);
    await saveArrays(name, trained);

    tf.dispose([inputs, targets, outputs, trained]);
    model.dispose();
    legacy.dispose();
    assert.equal(tf.memory().numTensors, tensors);
  });
}

for (const [name, optimizer] of rows) {
  test(`${name}: what was written here predicts the same in Keras and goes on training`, async () => {
    if (checked === undefined) {
      await runPythonFile("test/saving/keras_files.py", ["check", folder]);
      checked = JSON.parse(await fs.readFile(file("checked", "json"), "utf8"));
    }
    const facts = written[name]!;
    const result = checked![name]!;
    assert.equal(result.error, undefined);
    assert.ok(result.difference <= same, `.keras differs by ${result.difference}`);
    assert.ok(result.weights_difference <= same, `.weights.h5: ${result.weights_difference}`);
    assert.ok(result.trained_difference <= same, `trained here: ${result.trained_difference}`);
    assert.equal(result.sequential, facts.sequential);
    // Keras forgets a Sequential's own flag when it loads it: its own file is the measure.
    assert.deepEqual(result.flags, result.own_flags);
    assert.equal(result.compiled, true);
    assert.deepEqual(Object.keys(result.logs).sort(), Object.keys(result.own_logs).sort());
    for (const [metric, value] of Object.entries(result.logs)) {
      assert.ok(Math.abs(value - result.own_logs[metric]!) <= same, `${metric}: ${value}`);
    }
    assert.equal(result.optimizer, optimizer);
    assert.equal(result.iterations, 3);
    assert.equal(result.trained_iterations, 6);
    if (facts.random) return;
    for (const [step, loss] of result.losses.entries()) {
      const expected = facts.losses[step]!;
      assert.ok(Math.abs(loss - expected) <= same, `step ${step}: ${loss}, before ${expected}`);
    }
  });
}
