/** Every loss beside Keras': trained on both engines, and in files both ways. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { fit, InvalidArgumentError, loadModel, losses, saveModel, tf } from "../../lib/index";
import { lossNames } from "../../lib/objectives";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

/** A model's last activation, the shape of its outputs, and what labels there are. */
type Labels = "binary" | "oneHot" | "classes" | "numbers" | "counts" | "void" | "letters";

interface Case {
  /** Keras' class. */
  keras: string;
  options?: Record<string, unknown>;
  activation: "sigmoid" | "softmax" | "linear" | "softplus";
  shape: number[];
  labels: Labels;
  /** Whether samples have weights. */
  weighted?: boolean;
}

const cases: Case[] = [
  ...(["sigmoid", "linear"] as const).flatMap((activation): Case[] => [
    {
      keras: "BinaryFocalCrossentropy",
      ...{ activation, shape: [3], labels: "binary", weighted: true },
      options: { fromLogits: activation === "linear", gamma: 1.5 },
    },
    {
      keras: "BinaryFocalCrossentropy",
      ...{ activation, shape: [2, 3, 2], labels: "binary" },
      options: {
        ...{ applyClassBalancing: true, alpha: 0.7, labelSmoothing: 0.1, axis: 1 },
        fromLogits: activation === "linear",
      },
    },
  ]),
  { keras: "CategoricalFocalCrossentropy", activation: "softmax", shape: [4], labels: "oneHot" },
  {
    keras: "CategoricalFocalCrossentropy",
    ...{ activation: "linear", shape: [2, 2, 3], labels: "oneHot" },
    options: { alpha: [0.2, 0.5, 0.3], gamma: 1, fromLogits: true, labelSmoothing: 0.2 },
  },
  {
    keras: "CategoricalGeneralizedCrossEntropy",
    ...{ activation: "softmax", shape: [3], labels: "classes", options: { q: 0.7 } },
  },
  { keras: "Dice", activation: "sigmoid", shape: [2, 3, 1], labels: "binary" },
  {
    keras: "Dice",
    ...{ activation: "softmax", shape: [2, 2, 3], labels: "oneHot", options: { axis: [1, 2] } },
  },
  {
    keras: "Dice",
    ...{ activation: "sigmoid", shape: [4], labels: "binary", options: { axis: -1 } },
    weighted: true,
  },
  { keras: "Dice", activation: "sigmoid", shape: [4], labels: "binary", weighted: true },
  {
    keras: "Tversky",
    ...{ activation: "sigmoid", shape: [2, 3, 1], labels: "binary" },
    options: { alpha: 0.3, beta: 0.8 },
  },
  { keras: "Huber", activation: "linear", shape: [3], labels: "numbers", weighted: true },
  {
    keras: "Huber",
    ...{ activation: "linear", shape: [3], labels: "numbers" },
    options: { delta: 0.3, reduction: "sum" },
  },
  { keras: "LogCosh", activation: "linear", shape: [3], labels: "numbers" },
  { keras: "CosineSimilarity", activation: "linear", shape: [3], labels: "numbers" },
  {
    keras: "CosineSimilarity",
    ...{ activation: "linear", shape: [2, 3], labels: "numbers", options: { axis: 1 } },
  },
  { keras: "KLDivergence", activation: "softmax", shape: [3], labels: "oneHot" },
  { keras: "Poisson", activation: "softplus", shape: [2], labels: "counts" },
  { keras: "Hinge", activation: "linear", shape: [2], labels: "binary" },
  { keras: "Hinge", activation: "linear", shape: [2], labels: "numbers" },
  { keras: "SquaredHinge", activation: "linear", shape: [2], labels: "binary" },
  { keras: "CategoricalHinge", activation: "linear", shape: [4], labels: "oneHot" },
  { keras: "MeanSquaredError", activation: "linear", shape: [2], labels: "numbers" },
  {
    keras: "MeanSquaredError",
    ...{ activation: "linear", shape: [2], labels: "numbers", weighted: true },
    options: { reduction: "meanWithSampleWeight" },
  },
  { keras: "MeanAbsoluteError", activation: "linear", shape: [2], labels: "numbers" },
  { keras: "MeanAbsolutePercentageError", activation: "linear", shape: [2], labels: "numbers" },
  { keras: "MeanSquaredLogarithmicError", activation: "linear", shape: [2], labels: "numbers" },
  { keras: "Circle", activation: "linear", shape: [4], labels: "classes" },
  {
    keras: "Circle",
    ...{ activation: "linear", shape: [4], labels: "classes", weighted: true },
    options: { gamma: 8, margin: 0.25, removeDiagonal: false },
  },
  { keras: "CTC", activation: "linear", shape: [7, 4], labels: "letters" },
  {
    keras: "BinaryCrossentropy",
    ...{ activation: "sigmoid", shape: [2], labels: "binary" },
    options: { reduction: "sum", labelSmoothing: 0.1 },
  },
  {
    keras: "CategoricalCrossentropy",
    ...{ activation: "softmax", shape: [3], labels: "oneHot", weighted: true },
    options: { reduction: "mean" },
  },
  {
    keras: "SparseCategoricalCrossentropy",
    ...{ activation: "softmax", shape: [2, 2, 3], labels: "void", options: { ignoreClass: 255 } },
  },
  {
    keras: "SparseCategoricalCrossentropy",
    ...{ activation: "linear", shape: [4, 3], labels: "void" },
    options: { ignoreClass: 255, fromLogits: true, reduction: "sum" },
  },
];

const samples = 6;
const epochs = 4;
const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
/** Numbers that look random and are the same everywhere. */
const wave = (i: number, salt: number) => Math.sin((i + 1) * 12.9898 + salt * 78.233);

const x = Array.from({ length: samples }, (_, i) => [0, 1, 2, 3].map((j) => wave(4 * i + j, 1)));
const sampleWeights = Array.from({ length: samples }, (_, i) => 0.5 + (i % 3));

/** A list for each sample, nested as the shape says. */
function labelsOf({ shape, labels }: Case): { values: number[]; shape: number[] } {
  const classes = shape.at(-1)!;
  const places = sizeOf(shape) / classes;
  const size = samples * places * classes;
  const classOf = (i: number) => Math.floor(Math.abs(wave(i, 5)) * 10) % classes;
  const list = (count: number, at: (i: number) => number) =>
    Array.from({ length: count }, (_, i) => at(i));
  switch (labels) {
    case "binary":
      return { values: list(size, (i) => Number(wave(i, 2) > 0.2)), shape };
    case "numbers":
      return { values: list(size, (i) => (i % 7 === 0 ? 0 : 2 * wave(i, 3))), shape };
    case "counts":
      return { values: list(size, (i) => Math.floor(3 + 3 * wave(i, 3))), shape };
    case "oneHot":
      return {
        values: list(size, (i) => Number(classOf(Math.floor(i / classes)) === i % classes)),
        shape,
      };
    case "classes":
      return { values: list(samples * places, (i) => classOf(i) % 3), shape: shape.slice(0, -1) };
    case "void":
      return {
        values: list(samples * places, (i) => (i % 4 === 1 ? 255 : classOf(i))),
        shape: shape.slice(0, -1),
      };
    case "letters": // of different lengths, with letters twice in a row
      return {
        values: list(samples, (i) => i).flatMap((i) =>
          [1 + (i % 3), 1 + (i % 2), 1, 3].map((letter, k) => (k < 1 + (i % 4) ? letter : 0)),
        ),
        shape: [4],
      };
  }
}

function weightsOf({ shape }: Case): number[][] {
  const units = sizeOf(shape);
  const kernel = Array.from({ length: 4 * units }, (_, i) => 0.8 * wave(i, 7));
  return [kernel, Array.from({ length: units }, (_, i) => 0.2 * wave(i, 8))];
}

function nameOf({ keras }: Case): string {
  const found = lossNames.find((name) => name.toLowerCase() === keras.toLowerCase());
  return found ?? assert.fail(`there is no loss ${keras}`);
}

function lossOf(one: Case): ReturnType<typeof losses.huber> {
  const factories = losses as unknown as Record<string, (options?: object) => never>;
  return factories[nameOf(one)]!(one.options);
}

function modelOf(one: Case): LayersModel {
  const units = sizeOf(one.shape);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units, inputShape: [4] }),
      tf.layers.reshape({ targetShape: one.shape }),
      tf.layers.activation({ activation: one.activation }),
    ],
  });
  const [kernel, bias] = weightsOf(one);
  tf.tidy(() => model.setWeights([tf.tensor(kernel!, [4, units]), tf.tensor1d(bias!)]));
  model.compile({ optimizer: "sgd", loss: lossOf(one) });
  return model;
}

const program = `
import json, os, re, sys, numpy as np, keras
from keras import layers as L
folder, given = sys.argv[1], json.loads(sys.argv[2])
snake = lambda text: re.sub("[A-Z]", lambda c: "_" + c[0].lower(), text)
x = np.array(given["x"], "float32")
def data(case):
    y = np.reshape(case["y"], [len(x), *case["yShape"]]).astype("float32")
    return x, y, np.array(given["sampleWeights"], "float32") if case.get("weighted") else None
def steps(model, case):
    losses = []
    for _ in range(given["epochs"]):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(*data(case))))
    return {"losses": losses, "weights": [v.ravel().tolist() for v in model.get_weights()]}
out = []
for i, case in enumerate(given["cases"]):
    units = int(np.prod(case["shape"]))
    model = keras.Sequential([keras.Input((4,)), L.Dense(units), L.Reshape(case["shape"]), L.Activation(case["activation"])])
    model.set_weights([np.reshape(case["weights"][0], [4, units]), np.array(case["weights"][1])])
    options = {snake(k): snake(v) if isinstance(v, str) else v for k, v in case.get("options", {}).items()}
    loss = getattr(keras.losses, case["keras"])(**options)
    model.compile(keras.optimizers.SGD(0.01), loss, run_eagerly=True)
    model.save(os.path.join(folder, f"keras-{i}.keras"))
    ours = keras.models.load_model(os.path.join(folder, f"ours-{i}.keras"))
    ours.run_eagerly = True
    out.append({"ours": float(ours.test_on_batch(*data(case))), "keras": steps(model, case)})
import inspect
classes = [n for n, c in vars(keras.losses).items() if inspect.isclass(c) and n != "Loss"]
print(json.dumps({"runs": out, "classes": classes}))
`;

interface Steps {
  losses: number[];
  weights: number[][];
}
let keras: {
  runs: { keras: Steps; ours: number }[];
  classes: string[];
};
const folder = temporaryFolder();
after(() => folder[Symbol.dispose]());

before(async () => {
  const given: object[] = [];
  for (const [i, one] of cases.entries()) {
    const model = modelOf(one);
    await saveModel(model, folder.join(`ours-${i}.keras`));
    model.dispose();
    const { values: y, shape: yShape } = labelsOf(one);
    given.push({ ...one, weights: weightsOf(one), y, yShape });
  }
  const text = JSON.stringify({ cases: given, x, sampleWeights, epochs });
  keras = JSON.parse(await runPython(program, [folder.path, text]));
});

function assertClose(found: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(found.length, expected.length);
  for (const [i, value] of found.entries()) {
    const allowed = 1e-5 * Math.max(1, Math.abs(expected[i]!));
    assert.ok(Math.abs(value - expected[i]!) <= allowed, `${what} ${i}: ${value}, ${expected[i]}`);
  }
}

async function steps(model: LayersModel, one: Case, engine: "eager" | "graph"): Promise<Steps> {
  const { values, shape } = labelsOf(one);
  const data = [tf.tensor2d(x), tf.tensor(values, [samples, ...shape])];
  if (one.weighted) data.push(tf.tensor1d(sampleWeights));
  const options = { batchSize: samples, epochs, shuffle: false, verbose: 0, engine } as const;
  const { history } = await fit(model, data as [tf.Tensor, tf.Tensor], options);
  tf.dispose(data);
  return {
    losses: history.loss as number[],
    weights: model.getWeights().map((weight) => [...weight.dataSync()]),
  };
}

describe("losses", () => {
  for (const [i, one] of cases.entries()) {
    const { labels, weighted, shape, activation, options = {} } = one;
    const what = `${activation} [${shape}], ${labels}${weighted ? ", weighted" : ""}`;
    for (const engine of ["eager", "graph"] as const) {
      it(`${one.keras} ${JSON.stringify(options)} of ${what}: a file of Keras trains as there, ${engine}`, async () => {
        const count = tf.memory().numTensors;
        // Keras 3.15.1 leaves these out of its files.
        const isForgotten = /^(Huber|CosineSimilarity)$/.test(one.keras) && one.options;
        const file = folder.join(`${isForgotten ? "ours" : "keras"}-${i}.keras`);
        const model = await loadModel(file);
        const found = await steps(model, one, engine);
        model.dispose();
        model.optimizer.dispose();
        assert.equal(tf.memory().numTensors, count);
        const expected = keras.runs[i]!.keras;
        assertClose(found.losses, expected.losses, "loss");
        for (const [k, values] of found.weights.entries()) {
          assertClose(values, expected.weights[k]!, "weight");
        }
      });
    }

    it(`${one.keras} ${JSON.stringify(options)} of ${what}: Keras reads a file of ours, and so do we`, async () => {
      const { ours, keras: expected } = keras.runs[i]!;
      assertClose([ours], expected.losses.slice(0, 1), "Keras' loss");
      const model = await loadModel(folder.join(`ours-${i}.keras`));
      const loss = model.loss as string | typeof given;
      const given = lossOf(one);
      const { settings } = typeof loss === "string" ? lossOf({ ...one, options: {} }) : loss;
      assert.deepEqual(settings, given.settings);
      model.dispose();
    });
  }

  it("are all that Keras has", () => {
    const ours = lossNames.map((name) => name.toLowerCase());
    assert.deepEqual(ours.sort(), keras.classes.map((name) => name.toLowerCase()).sort());
  });

  it("are taken by name, in Keras' spelling and in ours", async () => {
    const one = cases.find(({ keras: name }) => name === "Dice")!;
    const expected = keras.runs[cases.indexOf(one)]!.keras;
    for (const loss of ["dice", "Dice"]) {
      const model = modelOf(one);
      model.compile({ optimizer: "sgd", loss });
      assert.equal(model.loss, "dice");
      assertClose((await steps(model, one, "graph")).losses, expected.losses, "loss");
      model.dispose();
    }
    const snake = lossNames.map((name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`));
    for (const name of [...lossNames, ...snake]) {
      const model = modelOf(one);
      assert.doesNotThrow(() => model.compile({ optimizer: "sgd", loss: name }), name);
      model.dispose();
    }
  });

  it("are functions of labels and outputs, too, which leave nothing else behind", () => {
    const [yTrue, yPred] = [tf.tensor2d([[0, 1]]), tf.tensor2d([[0.4, 3]])];
    const before = tf.memory().numTensors;
    const value = losses.huber()(yTrue, yPred);
    assert.equal(tf.memory().numTensors, before + 1);
    assert.ok(Math.abs(value.dataSync()[0]! - (0.5 * 0.16 + 1.5) / 2) < 1e-6);
    tf.dispose([yTrue, yPred, value]);
  });

  it("refuse options that they don't have, and values that make no sense", () => {
    const refused: [() => unknown, RegExp][] = [
      [() => losses.huber({ delta: 0 }), /`delta` must be a positive number/],
      [() => losses.dice({ axis: [] }), /`axis` must be numbers of axes/],
      [() => losses.dice({ axis: 1.5 }), /`axis` must be a whole number/],
      [() => losses.tversky({ alpha: -1 }), /`alpha` must be/],
      [() => losses.binaryFocalCrossentropy({ alpha: 2 }), /`alpha` must be a number in \[0, 1\]/],
      [() => losses.categoricalFocalCrossentropy({ alpha: [] }), /`alpha` must be numbers/],
      [() => losses.categoricalGeneralizedCrossEntropy({ q: 1 }), /`q` must be .*\(0, 1\)/],
      [() => losses.circle({ removeDiagonal: 1 as never }), /`removeDiagonal` must be true or/],
      [() => losses.ctc({ reduction: "none" as never }), /`reduction` must be one of "sumOver/],
      [() => losses.hinge({ delta: 1 } as never), /losses.hinge has no option `delta`/],
      [
        () => losses.sparseCategoricalCrossentropy({ ignoreClass: 0.5 }),
        /`ignoreClass` must be a whole number/,
      ],
    ];
    for (const [make, message] of refused) {
      assert.throws(
        make,
        (error) => error instanceof InvalidArgumentError && message.test(error.message),
      );
    }
  });
});
