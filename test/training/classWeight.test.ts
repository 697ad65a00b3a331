/** Weights of classes against Python Keras: whose labels weigh what, and where. */
import assert from "node:assert/strict";
import { before, describe, it, test } from "node:test";
import type { Tensor, TensorContainer } from "@tensorflow/tfjs-node-gpu";
import { type FitOptions, fit, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { numbersOf } from "./models";

const program = `
import json, sys, numpy as np, keras, tensorflow as tf
out = {}
for name, c in json.loads(sys.argv[1]).items():
    x, y = (np.array(c[key], "float32") for key in ("x", "y"))
    model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(c["units"], activation=c["activation"])])
    model.layers[-1].set_weights([np.array(c["kernel"], "float32"), np.zeros(c["units"], "float32")])
    model.compile(keras.optimizers.SGD(0.5), c["loss"])
    options = dict(class_weight={int(k): w for k, w in c["classWeight"].items()}, verbose=0, shuffle=False, epochs=2)
    if c["batched"]: history = model.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(4), **options)
    else: history = model.fit(x, y, batch_size=4, validation_split=c["validationSplit"], **options)
    out[name] = dict(history=history.history, kernel=model.get_weights()[0].flatten().tolist())
print(json.dumps(out))
`;

/** What both libraries train on. */
interface Case {
  units: number;
  activation: "sigmoid" | "softmax";
  loss: "binaryCrossentropy" | "categoricalCrossentropy" | "sparseCategoricalCrossentropy";
  /** Labels, one for each of the samples. */
  y: (number | number[] | number[][])[];
  classWeight: Record<number, number>;
  validationSplit?: number;
  /** Given as a dataset of batches. */
  batched?: boolean;
  /** Each sample is a sequence of two. */
  sequences?: boolean;
}

const cases: Record<string, Case> = {
  "0 and 1, the last half for validation": {
    units: 1,
    activation: "sigmoid",
    loss: "binaryCrossentropy",
    y: [0, 1, 1, 0, 0, 1, 1, 1],
    classWeight: { 0: 1, 1: 10 },
    validationSplit: 0.5,
  },
  "one-hot rows, the last half for validation": {
    units: 3,
    activation: "softmax",
    loss: "categoricalCrossentropy",
    y: [0, 1, 2, 1, 0, 2, 2, 1].map((label) => [0, 1, 2].map((i) => Number(i === label))),
    classWeight: { 0: 1, 1: 10, 2: 0.5 },
    validationSplit: 0.5,
  },
  "class numbers, the last quarter for validation": {
    units: 3,
    activation: "softmax",
    loss: "sparseCategoricalCrossentropy",
    y: [0, 1, 2, 1, 0, 2, 2, 1],
    classWeight: { 1: 10, 2: 0.5 },
    validationSplit: 0.25,
  },
  "soft labels, which are rounded, halves to the even class": {
    units: 1,
    activation: "sigmoid",
    loss: "binaryCrossentropy",
    y: [0.9, 0.1, 0.5, 0.51, 0.49, 0.9, 1, 0],
    classWeight: { 0: 1, 1: 10 },
  },
  "soft labels in a column": {
    units: 1,
    activation: "sigmoid",
    loss: "binaryCrossentropy",
    y: [0.9, 0.1, 0.5, 0.51, 0.49, 0.9, 1, 0].map((label) => [label]),
    classWeight: { 0: 1, 1: 10 },
  },
  "soft rows, of which the first highest counts": {
    units: 2,
    activation: "softmax",
    loss: "categoricalCrossentropy",
    y: [0.9, 0.1, 0.5, 0.51, 0.49, 0.9, 1, 0].map((label) => [1 - label, label]),
    classWeight: { 0: 1, 1: 10 },
  },
  "soft labels of a dataset": {
    units: 1,
    activation: "sigmoid",
    loss: "binaryCrossentropy",
    y: [0.9, 0.1, 0.5, 0.51, 0.49, 0.9, 1, 0],
    classWeight: { 0: 1, 1: 10 },
    batched: true,
  },
  "a class number for each step of a dataset's sequences": {
    units: 3,
    activation: "softmax",
    loss: "sparseCategoricalCrossentropy",
    y: [0, 1, 2, 1, 0, 2, 2, 1].map((label) => [[label], [(label + 1) % 3]]),
    classWeight: { 0: 1, 1: 10, 2: 0.5 },
    batched: true,
    sequences: true,
  },
  "a one-hot row for each step of a dataset's sequences": {
    units: 2,
    activation: "softmax",
    loss: "categoricalCrossentropy",
    y: [0, 1, 1, 1, 0, 1, 0, 1].map((label) => [
      [1 - label, label],
      [label, 1 - label],
    ]),
    classWeight: { 0: 1, 1: 10 },
    batched: true,
    sequences: true,
  },
};

const features = 3;
const inputShape = ({ sequences }: Case) => (sequences ? [2, features] : [features]);
const xOf = (given: Case) => {
  const shape = [given.y.length, ...inputShape(given)];
  return tf.tidy(() => tf.sin(tf.range(1, tf.util.sizeFromShape(shape) + 1)).reshape(shape));
};
const kernelOf = ({ units }: Case) =>
  tf.tidy(() => tf.cos(tf.range(1, features * units + 1)).reshape([features, units]));

const kerasLosses = {
  binaryCrossentropy: "binary_crossentropy",
  categoricalCrossentropy: "categorical_crossentropy",
  sparseCategoricalCrossentropy: "sparse_categorical_crossentropy",
};

function asDataset(x: Tensor, y: Case["y"]) {
  const [xs, ys] = [tf.data.array(x.arraySync() as TensorContainer[]), tf.data.array(y)];
  return tf.data.zip({ xs, ys }).batch(4);
}

describe("weights of classes are Keras'", () => {
  let keras: Record<string, { history: Record<string, number[]>; kernel: number[] }>;
  before(async () => {
    const given = Object.entries(cases).map(([name, each]) => {
      const { validationSplit = 0, batched = false, loss } = each;
      const arrays = { x: xOf(each).arraySync(), kernel: kernelOf(each).arraySync() };
      return [name, { ...each, ...arrays, validationSplit, batched, loss: kerasLosses[loss] }];
    });
    keras = JSON.parse(await runPython(program, [JSON.stringify(Object.fromEntries(given))]));
  });

  for (const [name, given] of Object.entries(cases)) {
    for (const engine of ["eager", "graph"] as const) {
      it(`with ${name} (${engine})`, async () => {
        const { units, activation, loss, y, classWeight, validationSplit } = given;
        const model = tf.sequential({
          layers: [tf.layers.dense({ units, activation, inputShape: inputShape(given) })],
        });
        model.setWeights([kernelOf(given), tf.zeros([units])]);
        model.compile({ optimizer: tf.train.sgd(0.5), loss });
        const x = xOf(given);
        const options: FitOptions = { classWeight, epochs: 2, engine, verbose: 0 };
        const { history } = given.batched
          ? await fit(model, asDataset(x, y), options)
          : await fit(model, [x, tf.tensor(y)], {
              ...options,
              batchSize: 4,
              shuffle: false,
              validationSplit,
            });
        const expected = keras[name]!;
        assert.deepEqual(Object.keys(history), Object.keys(expected.history));
        const actual = [...Object.values(history).flat(), ...numbersOf(model).slice(0, -units)];
        const wanted = [...Object.values(expected.history).flat(), ...expected.kernel];
        assert.equal(actual.length, wanted.length);
        for (const [i, value] of actual.entries()) {
          assert.ok(Math.abs(value - wanted[i]!) < 1e-5, `${actual} is not ${wanted}`);
        }
      });
    }
  }
});

test("weights of classes are refused for a dataset that has weights of samples", async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const batch = { xs: tf.ones([2, 1]), ys: tf.ones([2]), sampleWeights: tf.ones([2]) };
  await assert.rejects(
    fit(model, tf.data.array([batch]), { classWeight: { 0: 1 }, verbose: 0 }),
    /`classWeight` and `sampleWeight` must not be given together/,
  );
});
