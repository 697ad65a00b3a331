import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../../lib/index";
import * as optimizers from "../../lib/optimizers/public";
import { runPython } from "../support/python";
import { largestDifference } from "../support/tensors";

const steps = 20;
const shapes = [[3, 4], [4], [2, 2, 1, 2]];
/** Numbers that look random and are the same everywhere, about as large as weights or gradients are. */
const numbers = (count: number, salt: number, size: number) =>
  Array.from({ length: count }, (_, i) => size * Math.sin((i + 1) * (salt + 1) * 12.9898 + salt));
const sizeOf = (shape: number[]) => shape.reduce((product, size) => product * size, 1);
const weights = shapes.map((shape, i) => numbers(sizeOf(shape), i, 0.5));
const gradients = Array.from({ length: steps }, (_, step) =>
  shapes.map((shape, i) => numbers(sizeOf(shape), 31 * step + i, step % 5 === 0 ? 3 : 0.2)),
);

const cases: { class_name: string; config: Record<string, unknown> }[] = [
  { class_name: "RMSprop", config: {} },
  { class_name: "RMSprop", config: { learning_rate: 0.01, rho: 0.8, epsilon: 1e-5 } },
  { class_name: "RMSprop", config: { momentum: 0.9 } },
  { class_name: "RMSprop", config: { centered: true } },
  { class_name: "RMSprop", config: { centered: true, momentum: 0.5, weight_decay: 0.01 } },
  { class_name: "SGD", config: {} },
  { class_name: "SGD", config: { momentum: 0.9 } },
  { class_name: "SGD", config: { momentum: 0.9, nesterov: true, clipnorm: 1 } },
  { class_name: "SGD", config: { clipvalue: 0.5, weight_decay: 0.02 } },
  { class_name: "SGD", config: { global_clipnorm: 1.5 } },
  { class_name: "Adam", config: {} },
  { class_name: "Adam", config: { amsgrad: true, learning_rate: 0.01 } },
  { class_name: "Adam", config: { beta_1: 0.7, beta_2: 0.9, epsilon: 1e-4, clipnorm: 0.7 } },
  { class_name: "AdamW", config: {} },
  { class_name: "AdamW", config: { weight_decay: 0.1, amsgrad: true, global_clipnorm: 1 } },
  { class_name: "Adagrad", config: {} },
  { class_name: "Adagrad", config: { initial_accumulator_value: 0.5, epsilon: 1e-3 } },
  { class_name: "Adadelta", config: {} },
  { class_name: "Adadelta", config: { learning_rate: 1, rho: 0.8, epsilon: 1e-4 } },
  { class_name: "Adamax", config: {} },
  { class_name: "Adamax", config: { learning_rate: 0.01, beta_1: 0.8, beta_2: 0.95 } },
  { class_name: "Ftrl", config: {} },
  { class_name: "Ftrl", config: { learning_rate: 0.05, learning_rate_power: -0.3, beta: 0.1 } },
  {
    class_name: "Ftrl",
    config: {
      ...{ learning_rate: 0.1, initial_accumulator_value: 0.5, l1_regularization_strength: 0.02 },
      ...{ l2_regularization_strength: 0.1, l2_shrinkage_regularization_strength: 0.05 },
    },
  },
  { class_name: "Nadam", config: {} },
  { class_name: "Nadam", config: { learning_rate: 0.01, beta_1: 0.8, weight_decay: 0.01 } },
  { class_name: "Lion", config: {} },
  { class_name: "Lion", config: { learning_rate: 0.01, beta_1: 0.8, beta_2: 0.9 } },
  { class_name: "Lamb", config: {} },
  { class_name: "Lamb", config: { learning_rate: 0.01, weight_decay: 0.01, epsilon: 1e-4 } },
  { class_name: "Adafactor", config: {} },
  { class_name: "Adafactor", config: { beta_2_decay: -0.5, clip_threshold: 0.5, epsilon_2: 0.1 } },
  { class_name: "Muon", config: {} },
  { class_name: "Muon", config: { momentum: 0, nesterov: false, ns_steps: 3, rms_rate: null } },
  { class_name: "Muon", config: { exclude_layers: ["^w0"], adam_lr_ratio: 0.5 } },
  { class_name: "ScheduleFreeAdamW", config: {} },
  { class_name: "ScheduleFreeAdamW", config: { warmup_steps: 7, weight_decay: 0.01 } },
  { class_name: "Adam", config: { use_ema: true } },
  {
    class_name: "RMSprop",
    config: { use_ema: true, ema_momentum: 0.5, ema_overwrite_frequency: 3, centered: true },
  },
  { class_name: "Adam", config: { gradient_accumulation_steps: 3, clipnorm: 0.5 } },
  {
    class_name: "Nadam",
    config: { gradient_accumulation_steps: 2, use_ema: true, ema_overwrite_frequency: 2 },
  },
  { class_name: "SGD", config: { momentum: 0.9, loss_scale_factor: 4 } },
];

/** What a loss scale is tried with: gradients of which some are infinite. */
const scaled = {
  ...{ initial_scale: 8, dynamic_growth_steps: 3 },
  inner_optimizer: { module: "keras.optimizers", class_name: "Adam", config: { use_ema: true } },
};
const broken = [4, 5, 13];

const program = `
import json, sys
import numpy as np, tensorflow as tf, keras
given = json.loads(sys.argv[1])
out = []
for case in given["cases"]:
    counts = ("ns_steps", "gradient_accumulation_steps", "ema_overwrite_frequency", "warmup_steps")
    config = {key: float(value) if type(value) is int and key not in counts else value for key, value in case["config"].items()}
    optimizer = getattr(keras.optimizers, case["class_name"])(**config)
    variables = [keras.Variable(np.reshape(w, s).astype("float32"), name=f"w{i}")
                 for i, (w, s) in enumerate(zip(given["weights"], given["shapes"]))]
    for step, gradients in enumerate(given["gradients"]):
        if step == 10:
            optimizer.learning_rate = float(optimizer.learning_rate.numpy()) / 2
        optimizer.apply([tf.constant(np.reshape(g, s).astype("float32"))
                         for g, s in zip(gradients, given["shapes"])], variables)
    out.append({
        "weights": [v.numpy().tolist() for v in variables],
        "state": [np.array(v).tolist() for v in optimizer.variables],
        "names": [v.name for v in optimizer.variables],
        "config": optimizer.get_config(),
    })
given_variables = [keras.Variable(np.reshape(w, s).astype("float32")) for w, s in zip(given["weights"], given["shapes"])]
config = json.loads(json.dumps(given["scaled"]))
optimizer = keras.optimizers.deserialize({"class_name": "LossScaleOptimizer", "config": config})
scales = []
for step, gradients in enumerate(given["gradients"]):
    factor = np.inf if step in given["broken"] else 8
    optimizer.apply([tf.constant(np.reshape(g, s).astype("float32") * factor)
                     for g, s in zip(gradients, given["shapes"])], given_variables)
    scales.append(float(optimizer.dynamic_scale.numpy()))
loss_scale = {
    "weights": [v.numpy().tolist() for v in given_variables],
    "state": [np.array(v).tolist() for v in optimizer.variables[2:4] + optimizer.inner_optimizer.variables[2:]],
    "iterations": int(optimizer.iterations),
    "scales": scales,
    "config": keras.optimizers.serialize(optimizer)["config"],
    "accepted": keras.optimizers.deserialize(given["scaled_by_us"]).get_config(),
}
accepted = []
for description in given["serialized"]:
    accepted.append(keras.saving.deserialize_keras_object(description).get_config())
print(json.dumps({"runs": out, "accepted": accepted, "loss_scale": loss_scale}))
`;

interface KerasRun {
  weights: unknown[];
  state: unknown[];
  names: string[];
  config: Record<string, unknown>;
}
let keras: {
  runs: KerasRun[];
  accepted: Record<string, unknown>[];
  loss_scale: Pick<KerasRun, "weights" | "state" | "config"> & {
    iterations: number;
    scales: number[];
    accepted: Record<string, unknown>;
  };
};
const scaledOptimizer = () => optimizers.get({ class_name: "LossScaleOptimizer", config: scaled });
before(async () => {
  const serialized = cases.map((one) => {
    const optimizer = optimizers.get(one);
    return optimizers.serialize(optimizer);
  });
  const scaledByUs = optimizers.serialize(scaledOptimizer());
  const given = {
    ...{ cases, shapes, weights, gradients, serialized },
    ...{ scaled, broken, scaled_by_us: scaledByUs },
  };
  keras = JSON.parse(await runPython(program, [JSON.stringify(given)]));
});

function step(optimizer: optimizers.KerasOptimizer, variables: Variable[], number: number): void {
  tf.tidy(() =>
    optimizer.applyGradients(
      variables.map(({ name }, i) => ({
        name,
        tensor: tf.tensor(gradients[number]![i]!, shapes[i]!),
      })),
    ),
  );
}

for (const [i, one] of cases.entries()) {
  const name = `${one.class_name} ${JSON.stringify(one.config)}`;
  test(`${name} makes Keras' ${steps} steps, keeps Keras' state, and leaves no tensors`, async () => {
    const before = tf.memory().numTensors;
    const optimizer = optimizers.get(one);
    const variables = tf.tidy(() =>
      shapes.map((shape, k) => tf.variable(tf.tensor(weights[k]!, shape), true, `w${k} of ${i}`)),
    );
    for (let number = 0; number < steps; number++) {
      if (number === 10) optimizer.learningRate /= 2;
      step(optimizer, variables, number);
    }
    const expected = keras.runs[i]!;
    for (const [k, variable] of variables.entries()) {
      const difference = largestDifference(variable, expected.weights[k]);
      assert.ok(difference <= 1e-6, `weights differ by ${difference}`);
    }
    assert.equal(optimizer.iterations, steps);
    const state = await optimizer.getWeights();
    assert.equal(state.length, expected.state.length);
    for (const [k, { tensor, name: stateName }] of state.entries()) {
      const scale = Math.max(
        1,
        tf.tidy(() => tensor.abs().max().dataSync()[0]!),
      );
      const difference = largestDifference(tensor, expected.state[k]);
      assert.ok(difference <= 2e-6 * scale, `${stateName} differs by ${difference}`);
    }
    tf.dispose(state.map(({ tensor }) => tensor));
    optimizer.dispose();
    tf.dispose(variables);
    assert.equal(tf.memory().numTensors, before);
  });

  test(`${name} is read by Keras from our description, and by us from Keras'`, () => {
    const ours = optimizers.serialize(optimizers.get(one)).config;
    const { config } = keras.runs[i]!;
    const back = { ...optimizers.get({ class_name: one.class_name, config }).getConfig() };
    assert.equal(back.learningRate, config.learning_rate);
    for (const [key, value] of Object.entries(ours)) {
      const theirs = keras.accepted[i]![key];
      if (typeof value === "number") assert.ok(Math.abs((theirs as number) - value) < 1e-8, key);
      else assert.deepEqual(theirs, value, key);
    }
  });
}

test("a loss scale leaves out the steps that Keras does, and keeps Keras' state", async () => {
  const before = tf.memory().numTensors;
  const expected = keras.loss_scale;
  const optimizer = scaledOptimizer();
  const variables = tf.tidy(() =>
    shapes.map((shape, k) => tf.variable(tf.tensor(weights[k]!, shape))),
  );
  const scales: number[] = [];
  for (let number = 0; number < steps; number++) {
    const factor = broken.includes(number) ? Number.POSITIVE_INFINITY : 8;
    tf.tidy(() =>
      optimizer.applyGradients(
        variables.map(({ name }, i) => ({
          name,
          tensor: tf.mul(tf.tensor(gradients[number]![i]!, shapes[i]!), factor),
        })),
      ),
    );
    const scale = optimizer.namedVariables().find(({ name }) => name === "dynamic_scale")!;
    scales.push(scale.variable.dataSync()[0]!);
  }
  assert.deepEqual(scales, expected.scales);
  assert.ok(new Set(scales).size > 2, "it grows and shrinks");
  for (const [k, variable] of variables.entries()) {
    const difference = largestDifference(variable, expected.weights[k]);
    assert.ok(difference <= 1e-6, `weights differ by ${difference}`);
  }
  const [iteration, rate, ...state] = await optimizer.getWeights();
  assert.equal(iteration!.tensor.dataSync()[0], expected.iterations);
  assert.equal(expected.iterations, steps - broken.length);
  assert.equal(state.length, expected.state.length);
  for (const [k, { tensor, name }] of state.entries()) {
    const difference = largestDifference(tensor, expected.state[k]);
    assert.ok(difference <= 2e-6, `${name} differs by ${difference}`);
  }
  optimizer.finalizeVariableValues();
  const average = state.find(({ name }) => name.endsWith("_average"))!;
  assert.deepEqual(variables[0]!.dataSync(), average.tensor.dataSync());
  tf.dispose([iteration!, rate!, ...state].map(({ tensor }) => tensor));
  optimizer.dispose();
  tf.dispose(variables);
  assert.equal(tf.memory().numTensors, before);
});

test("a loss scale is read by Keras from our description, and by us from Keras'", () => {
  const { config, accepted } = keras.loss_scale;
  const back = optimizers.get({ class_name: "LossScaleOptimizer", config });
  const ours = optimizers.serialize(back).config;
  assert.deepEqual({ ...ours, inner_optimizer: null }, { ...config, inner_optimizer: null });
  const inner = (of: object) => (of as { inner_optimizer: { config: object } }).inner_optimizer;
  assert.deepEqual(
    Object.keys(inner(ours).config).sort(),
    Object.keys(inner(config).config).sort(),
  );
  const named = (of: object) => ({ ...inner(of).config, name: "adam" }); // Keras counts its own
  assert.deepEqual(named(accepted), named(config));
});
