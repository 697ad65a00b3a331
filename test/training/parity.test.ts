/** Training against Python Keras: same weights, data, order and settings must give the same numbers. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";
import type { LayersModel, Optimizer, SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { evaluate, type FitOptions, fit, losses, setSeed, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const program = `
import json, sys, numpy as np, keras
from keras import layers as L
cases = json.load(open(sys.argv[1]))

def image_model(last, filters=4):
    return keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(filters, 3, activation="relu", name="conv"),
        L.MaxPooling2D(2, name="pool"), L.Flatten(name="flat"), last])

def sparse(): return image_model(L.Dense(3, activation="softmax", name="last"))
def binary(): return image_model(L.Dense(1, activation="sigmoid", name="last"))
def regularized():
    last = L.Dense(3, activation="softmax", name="last", kernel_regularizer=keras.regularizers.L2(0.05))
    return image_model(last, filters=16)
def frozen():
    conv = L.Conv2D(4, 3, name="conv", kernel_regularizer=keras.regularizers.L2(0.05))
    base = keras.Sequential([keras.Input((8, 8, 1)), conv, L.BatchNormalization(name="norm")], name="base")
    base.trainable = False
    rest = [L.BatchNormalization(name="norm2"), L.Flatten(name="flat"), L.Dense(1, activation="sigmoid", name="last")]
    return keras.Sequential([keras.Input((8, 8, 1)), base, *rest])
def several():
    a = keras.Input((3,), name="a"); b = keras.Input((2,), name="b")
    x = L.Concatenate(name="both")([a, b])
    yes = L.Dense(1, activation="sigmoid", name="yes")
    kind = L.Dense(3, activation="softmax", name="kind")
    return keras.Model([a, b], [yes(x), kind(x)])
def regression(): return keras.Sequential([keras.Input((5,)), L.Dense(1, name="last")])

def compile(model, c):
    options = dict(c["optimizer"]); kind = options.pop("kind")
    optimizer = getattr(keras.optimizers, kind)(**options)
    loss = c["loss"]
    if isinstance(loss, dict) and "smooth" in loss:
        loss = getattr(keras.losses, loss["smooth"])(label_smoothing=0.1)
    model.compile(optimizer, loss, metrics=c["metrics"])

def set_weights(model, weights):
    for layer in model.layers:
        if hasattr(layer, "layers"): set_weights(layer, weights)
        elif layer.name in weights: layer.set_weights([np.array(w, "float32") for w in weights[layer.name]])

def array(a): return np.array(a["values"], a["dtype"]).reshape(a["shape"])
out = {}
for name, c in cases.items():
    model = globals()[c["model"]]()
    set_weights(model, c["weights"])
    compile(model, c)
    x = [array(a) for a in c["x"]]; y = [array(a) for a in c["y"]]
    one = lambda l: l[0] if len(l) == 1 else l
    options = dict(c["fit"])
    if "class_weight" in options: options["class_weight"] = {int(k): v for k, v in options["class_weight"].items()}
    if "sample_weight" in options: options["sample_weight"] = array(options["sample_weight"])
    if options.pop("validate", False): options["validation_data"] = (one(x), one(y))
    before = model.evaluate(one(x), one(y), verbose=0)
    h = model.fit(one(x), one(y), shuffle=False, verbose=0, **options)
    out[name] = dict(before=before, history=h.history, keys=list(h.history), evaluated=model.evaluate(one(x), one(y), verbose=0))
print(json.dumps(out))
`;

/** One comparison; `keras` names what differs between the two libraries' spellings. */
interface Case {
  model: LayersModel;
  kerasModel: string;
  x: Tensor[];
  y: Tensor[];
  compile: { optimizer: () => Optimizer; loss: unknown; metrics?: unknown };
  keras: { optimizer: object; loss: unknown; metrics?: unknown };
  fit: FitOptions;
  kerasFit: object;
}

setSeed(11); // the weights that tfjs draws
const samples = 22;
let seed = 7;
function uniform(): number {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
}

const images = tf.tensor(Float32Array.from({ length: samples * 64 }, uniform), [samples, 8, 8, 1]);
const classes = Int32Array.from({ length: samples }, () => Math.floor(uniform() * 3));
const yesNo = Int32Array.from({ length: samples }, () => Math.floor(uniform() * 2));
const oneHot = tf.oneHot(tf.tensor1d(classes, "int32"), 3);
const facts = (width: number) =>
  tf.tensor(Float32Array.from({ length: samples * width }, uniform), [samples, width]);

/** 16 filters, unlike 4, have kernels of their own in a first layer. */
function imageModel(
  units: number,
  activation: "softmax" | "sigmoid",
  { l2 = 0, filters = 4 } = {},
): LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters,
        kernelSize: 3,
        activation: "relu",
        inputShape: [8, 8, 1],
        name: "conv",
      }),
      tf.layers.maxPooling2d({ poolSize: 2, name: "pool" }),
      tf.layers.flatten({ name: "flat" }),
      tf.layers.dense({
        units,
        activation,
        name: "last",
        ...(l2 > 0 && { kernelRegularizer: tf.regularizers.l2({ l2 }) }),
      }),
    ],
  });
}

function frozenBase(): LayersModel {
  const base = tf.sequential({
    name: "base",
    layers: [
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        inputShape: [8, 8, 1],
        name: "conv",
        kernelRegularizer: tf.regularizers.l2({ l2: 0.05 }),
      }),
      tf.layers.batchNormalization({ name: "norm" }),
    ],
  });
  base.trainable = false;
  return tf.sequential({
    layers: [
      base,
      tf.layers.batchNormalization({ name: "norm2" }),
      tf.layers.flatten({ name: "flat" }),
      tf.layers.dense({ units: 1, activation: "sigmoid", name: "last" }),
    ],
  });
}

function severalInputs(): LayersModel {
  const a = tf.input({ shape: [3], name: "a" });
  const b = tf.input({ shape: [2], name: "b" });
  const both = tf.layers.concatenate({ name: "both" }).apply([a, b]) as SymbolicTensor;
  const yes = tf.layers.dense({ units: 1, activation: "sigmoid", name: "yes" });
  const kind = tf.layers.dense({ units: 3, activation: "softmax", name: "kind" });
  return tf.model({
    inputs: [a, b],
    outputs: [yes.apply(both) as SymbolicTensor, kind.apply(both) as SymbolicTensor],
  });
}

const momentum = {
  optimizer: () => tf.train.momentum(0.05, 0.9),
  keras: { kind: "SGD", learning_rate: 0.05, momentum: 0.9 },
};
const adam = {
  optimizer: () => tf.train.adam(0.01),
  keras: { kind: "Adam", learning_rate: 0.01 },
};
const rmsprop = {
  optimizer: () => tf.train.rmsprop(0.001),
  keras: { kind: "RMSprop", learning_rate: 0.001 },
};
const epochs = { epochs: 7, batchSize: 8 };
const kerasEpochs = { epochs: 7, batch_size: 8 };

const cases: Record<string, Case> = {
  "class numbers, validation, momentum": {
    model: imageModel(3, "softmax"),
    kerasModel: "sparse",
    x: [images],
    y: [tf.tensor1d(classes, "int32")],
    compile: {
      optimizer: momentum.optimizer,
      loss: "sparseCategoricalCrossentropy",
      metrics: ["accuracy"],
    },
    keras: {
      optimizer: momentum.keras,
      loss: "sparse_categorical_crossentropy",
      metrics: ["accuracy"],
    },
    fit: epochs,
    kerasFit: { ...kerasEpochs, validate: true },
  },
  "class numbers as a column of floats, sample weights, adam": {
    model: imageModel(3, "softmax"),
    kerasModel: "sparse",
    x: [images],
    y: [tf.tensor2d(Float32Array.from(classes), [samples, 1])],
    compile: { optimizer: adam.optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["acc"] },
    keras: { optimizer: adam.keras, loss: "sparse_categorical_crossentropy", metrics: ["acc"] },
    fit: { ...epochs, sampleWeight: facts(1) },
    kerasFit: { ...kerasEpochs, sample_weight: "sampleWeight" },
  },
  "binary labels, class weights, precision and recall, adam": {
    model: imageModel(1, "sigmoid"),
    kerasModel: "binary",
    x: [images],
    y: [tf.tensor1d(yesNo, "int32")],
    compile: {
      optimizer: adam.optimizer,
      loss: "binaryCrossentropy",
      metrics: ["accuracy", tf.metrics.precision, tf.metrics.recall],
    },
    keras: {
      optimizer: adam.keras,
      loss: "binary_crossentropy",
      metrics: ["accuracy", "precision", "recall"],
    },
    fit: { ...epochs, classWeight: { 0: 1, 1: 3.5 } },
    kerasFit: { ...kerasEpochs, class_weight: { 0: 1, 1: 3.5 } },
  },
  "one-hot labels, label smoothing, a regularizer, momentum": {
    model: imageModel(3, "softmax", { l2: 0.05, filters: 16 }),
    kerasModel: "regularized",
    x: [images],
    y: [oneHot],
    compile: {
      optimizer: momentum.optimizer,
      loss: losses.categoricalCrossentropy({ labelSmoothing: 0.1 }),
      metrics: ["accuracy"],
    },
    keras: {
      optimizer: momentum.keras,
      loss: { smooth: "CategoricalCrossentropy" },
      metrics: ["accuracy"],
    },
    fit: epochs,
    kerasFit: kerasEpochs,
  },
  "binary label smoothing, rmsprop": {
    model: imageModel(1, "sigmoid"),
    kerasModel: "binary",
    x: [images],
    y: [tf.tensor2d(Float32Array.from(yesNo), [samples, 1])],
    compile: {
      optimizer: rmsprop.optimizer,
      loss: losses.binaryCrossentropy({ labelSmoothing: 0.1 }),
      metrics: ["accuracy"],
    },
    keras: {
      optimizer: rmsprop.keras,
      loss: { smooth: "BinaryCrossentropy" },
      metrics: ["accuracy"],
    },
    fit: { ...epochs, epochs: 2 },
    kerasFit: { ...kerasEpochs, epochs: 2 },
  },
  "a frozen base with batch normalisation": {
    model: frozenBase(),
    kerasModel: "frozen",
    x: [images],
    y: [tf.tensor1d(yesNo, "int32")],
    compile: { optimizer: momentum.optimizer, loss: "binaryCrossentropy", metrics: ["accuracy"] },
    keras: { optimizer: momentum.keras, loss: "binary_crossentropy", metrics: ["accuracy"] },
    fit: epochs,
    kerasFit: kerasEpochs,
  },
  "two inputs and two outputs": {
    model: severalInputs(),
    kerasModel: "several",
    x: [facts(3), facts(2)],
    y: [tf.tensor1d(yesNo, "int32"), tf.tensor1d(classes, "int32")],
    compile: {
      optimizer: adam.optimizer,
      loss: { yes: "binaryCrossentropy", kind: "sparseCategoricalCrossentropy" },
      metrics: { yes: ["accuracy"], kind: ["accuracy"] },
    },
    keras: {
      optimizer: adam.keras,
      loss: { yes: "binary_crossentropy", kind: "sparse_categorical_crossentropy" },
      metrics: { yes: ["accuracy"], kind: ["accuracy"] },
    },
    // Of batches of several sizes Keras' means of each output's loss forget that the last one is smaller; so do ours.
    fit: { ...epochs, batchSize: 8 },
    kerasFit: { ...kerasEpochs, batch_size: 8 },
  },
  "a regression with the last quarter for validation": {
    model: tf.sequential({
      layers: [tf.layers.dense({ units: 1, inputShape: [5], name: "last" })],
    }),
    kerasModel: "regression",
    x: [facts(5)],
    y: [facts(1)],
    compile: { optimizer: momentum.optimizer, loss: "meanSquaredError", metrics: ["mae"] },
    keras: { optimizer: momentum.keras, loss: "mse", metrics: ["mae"] },
    fit: { ...epochs, validationSplit: 0.25 },
    kerasFit: { ...kerasEpochs, validation_split: 0.25 },
  },
};

const array = (tensor: Tensor) => ({
  values: Array.from(tensor.dataSync()),
  shape: tensor.shape,
  dtype: tensor.dtype,
});

/** Weights of every layer by name, those of nested models too. */
function weightsByLayer(model: LayersModel): Record<string, unknown> {
  return Object.assign(
    {},
    ...model.layers.map((layer) =>
      "layers" in layer
        ? weightsByLayer(layer as LayersModel)
        : { [layer.name]: layer.getWeights().map((weight) => weight.arraySync()) },
    ),
  );
}

interface KerasResult {
  before: number | number[];
  history: Record<string, number[]>;
  keys: string[];
  evaluated: number | number[];
}

const list = <T>(items: T[]) => (items.length === 1 ? items[0]! : items);

function assertClose(actual: number[], expected: number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    assert.ok(
      Math.abs(value - expected[i]!) <= tolerance,
      `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`,
    );
  }
}

/** Losses must agree closely; the last bits may turn the class of a sample or two, which accuracies count. */
const lossTolerance = 1e-3;
const countTolerance = 2.1 / samples;

function assertEvaluation(actual: unknown, expected: unknown): void {
  const [a, b] = [[actual].flat() as number[], [expected].flat() as number[]];
  assertClose(a.slice(0, 1), b.slice(0, 1), lossTolerance);
  assertClose(a, b, countTolerance);
}

describe("fit and evaluate give Keras' numbers", () => {
  const folder = temporaryFolder();
  let keras: Record<string, KerasResult>;
  before(async () => {
    const forKeras = Object.fromEntries(
      Object.entries(cases).map(([name, given]) => {
        const options: Record<string, unknown> = { ...given.kerasFit };
        if (given.fit.sampleWeight) {
          options.sample_weight = array((given.fit.sampleWeight as Tensor).reshape([samples]));
        }
        const { model, x, y } = given;
        const weights = weightsByLayer(model);
        return [
          name,
          {
            ...given.keras,
            model: given.kerasModel,
            x: x.map(array),
            y: y.map(array),
            weights,
            fit: options,
          },
        ];
      }),
    );
    fs.writeFileSync(folder.join("cases.json"), JSON.stringify(forKeras));
    keras = JSON.parse(await runPython(program, [folder.join("cases.json")]));
  });
  after(() => folder[Symbol.dispose]());

  for (const [name, given] of Object.entries(cases)) {
    const initial = new Map(
      given.model.weights.map((weight) => [weight, weight.read().clone()] as const),
    );
    for (const engine of ["eager", "graph"] as const) {
      it(`with ${name} (${engine})`, async () => {
        const { model, x, y } = given;
        for (const [weight, value] of initial) weight.write(value);
        model.compile({
          optimizer: given.compile.optimizer(),
          loss: given.compile.loss as string,
          metrics: given.compile.metrics as string[],
        });
        const expected = keras[name]!;
        const data: [Tensor | Tensor[], Tensor | Tensor[]] = [list(x), list(y)];
        const quiet = { engine, verbose: 0 } as const;
        assertEvaluation(await evaluate(model, data, quiet), expected.before);
        const validationData = "validate" in given.kerasFit ? data : undefined;
        const options = { ...given.fit, ...quiet, validationData, shuffle: false };
        const { history } = await fit(model, data, options);
        assert.deepEqual(Object.keys(history), expected.keys);
        for (const key of expected.keys) {
          const tolerance = /loss|mae/.test(key) ? lossTolerance : countTolerance;
          assertClose(history[key]!, expected.history[key]!, tolerance);
        }
        assertEvaluation(await evaluate(model, data, quiet), expected.evaluated);
      });
    }
  }
});
