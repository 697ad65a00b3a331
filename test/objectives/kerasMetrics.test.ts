/** Metrics with settings beside Keras': over whole epochs, on both engines, and in files both ways. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { evaluate, InvalidArgumentError, loadModel, metrics, saveModel, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

type Measured = ReturnType<typeof metrics.f1Score>;

interface Case {
  shape: number[];
  activation: "softmax" | "sigmoid";
  loss: string;
  labels: "oneHot" | "classes" | "binary";
  measured: Measured[];
}

const pixels = { numClasses: 4, sparseYPred: false };
const cases: Record<string, Case> = {
  "one-hot rows": {
    shape: [4],
    activation: "softmax",
    loss: "categoricalCrossentropy",
    labels: "oneHot",
    measured: [
      metrics.f1Score(),
      metrics.f1Score({ average: "micro", name: "micro" }),
      metrics.f1Score({ average: "weighted", threshold: 0.3, name: "weighted" }),
      metrics.fBetaScore({ beta: 2, threshold: 1, name: "never" }),
      metrics.fBetaScore({ beta: 0.5 }),
      metrics.topKCategoricalAccuracy({ k: 2 }),
      metrics.topKCategoricalAccuracy({ name: "all" }),
      metrics.rootMeanSquaredError(),
      metrics.oneHotIoU({ numClasses: 4, targetClassIds: [0, 3] }),
      metrics.oneHotMeanIoU({ numClasses: 4, ignoreClass: 1 }),
      metrics.meanIoU({ numClasses: 4, sparseYTrue: false, sparseYPred: false }),
    ],
  },
  "pixels by class number": {
    shape: [2, 3, 4],
    activation: "softmax",
    loss: "sparseCategoricalCrossentropy",
    labels: "classes",
    measured: [
      metrics.meanIoU(pixels),
      metrics.meanIoU({ ...pixels, ignoreClass: 0, name: "withoutBackground" }),
      metrics.meanIoU({ ...pixels, numClasses: 2, name: "outOfRange" }),
      metrics.ioU({ ...pixels, targetClassIds: [2], ignoreClass: 3 }),
      metrics.sparseTopKCategoricalAccuracy({ k: 2 }),
    ],
  },
  "pixels that are or aren't": {
    shape: [2, 3, 1],
    activation: "sigmoid",
    loss: "binaryCrossentropy",
    labels: "binary",
    measured: [
      metrics.binaryIoU(),
      metrics.binaryIoU({ targetClassIds: [1], threshold: 0.3, name: "foreground" }),
      metrics.rootMeanSquaredError({ name: "rmse" }),
    ],
  },
};

const samples = 10;
const wave = (i: number, salt: number) => Math.sin((i + 1) * 12.9898 + salt * 78.233);
const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const x = Array.from({ length: samples }, (_, i) => [0, 1, 2, 3].map((j) => wave(4 * i + j, 1)));

/** Class 1 of four nowhere occurs. */
function labelsOf({ shape, labels }: Case): { values: number[]; shape: number[] } {
  const classes = shape.at(-1)!;
  const places = (samples * sizeOf(shape)) / classes;
  const numbers = Array.from({ length: places }, (_, i) =>
    labels === "binary" ? Number(wave(i, 5) > 0) : [0, 2, 3][Math.floor(Math.abs(wave(i, 5)) * 3)]!,
  );
  if (labels === "binary") return { values: numbers, shape };
  if (labels === "classes") return { values: numbers, shape: shape.slice(0, -1) };
  const rows = numbers.flatMap((number) => [0, 1, 2, 3].map((each) => Number(each === number)));
  return { values: rows, shape };
}

/** The first two units are alike, for ties. */
function weightsOf({ shape }: Case): number[][] {
  const units = sizeOf(shape);
  const unit = (i: number) => (i % units < 2 ? 0 : i % units);
  return [
    Array.from({ length: 4 * units }, (_, i) => 2 * wave(unit(i) + 50 * Math.floor(i / units), 7)),
    Array.from({ length: units }, (_, i) => 0.2 * wave(unit(i), 8)),
  ];
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
  model.compile({ optimizer: "sgd", loss: one.loss, metrics: one.measured });
  return model;
}

async function measure(model: LayersModel, one: Case, engine: "eager" | "graph") {
  const { values, shape } = labelsOf(one);
  const data = [tf.tensor2d(x), tf.tensor(values, [samples, ...shape])] as const;
  const options = { batchSize: 4, verbose: 0, returnDict: true, engine } as const;
  const found = await evaluate(model, [...data], options);
  tf.dispose([...data]);
  return found as unknown as Record<string, number>;
}

const program = `
import json, os, re, sys, numpy as np, keras
from keras import layers as L
folder, given = sys.argv[1], json.loads(sys.argv[2])
snake = lambda text: re.sub("[A-Z]", lambda c: "_" + c[0].lower(), text)
floats = ("beta", "threshold")
x = np.array(given["x"], "float32")
out = {}
for i, (name, case) in enumerate(given["cases"].items()):
    units = int(np.prod(case["shape"]))
    model = keras.Sequential([keras.Input((4,)), L.Dense(units), L.Reshape(case["shape"]), L.Activation(case["activation"])])
    model.set_weights([np.reshape(case["weights"][0], [4, units]), np.array(case["weights"][1])])
    metrics = []
    for m in case["metrics"]:
        options = {snake(k): float(v) if k in floats and v is not None else v for k, v in m["options"].items()}
        metrics.append(getattr(keras.metrics, m["kind"][0].upper() + m["kind"][1:])(name=m["name"], **options))
    model.compile("sgd", snake(case["loss"]), metrics=metrics, run_eagerly=True)
    model.save(os.path.join(folder, f"keras-{i}.keras"))
    ours = keras.models.load_model(os.path.join(folder, f"ours-{i}.keras"))
    ours.run_eagerly = True
    y = np.reshape(case["y"], [len(x), *case["yShape"]]).astype("float32")
    out[name] = [m.evaluate(x, y, batch_size=4, verbose=0, return_dict=True) for m in (model, ours)]
print(json.dumps(out))
`;

let keras: Record<string, [Record<string, number>, Record<string, number>]>;
const folder = temporaryFolder();
after(() => folder[Symbol.dispose]());

before(async () => {
  const given: Record<string, object> = {};
  for (const [i, [name, one]] of Object.entries(cases).entries()) {
    const model = modelOf(one);
    await saveModel(model, folder.join(`ours-${i}.keras`));
    model.dispose();
    const { values: y, shape: yShape } = labelsOf(one);
    const described = one.measured.map(({ name: title, measured: { kind, options } }) => ({
      ...{ name: title, kind, options },
    }));
    given[name] = { ...one, metrics: described, weights: weightsOf(one), y, yShape };
  }
  keras = JSON.parse(await runPython(program, [folder.path, JSON.stringify({ cases: given, x })]));
});

function assertClose(found: Record<string, number>, expected: Record<string, number>): void {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(found)) {
    assert.ok(Math.abs(value - expected[name]!) < 1e-6, `${name}: ${value}, ${expected[name]}`);
  }
}

describe("metrics with settings", () => {
  for (const [i, [name, one]] of Object.entries(cases).entries()) {
    for (const engine of ["eager", "graph"] as const) {
      it(`${name}: Keras' values of a whole epoch, engine ${engine}`, async () => {
        const model = modelOf(one);
        const count = tf.memory().numTensors;
        assertClose(await measure(model, one, engine), keras[name]![0]);
        assert.equal(tf.memory().numTensors, count);
        model.dispose();
      });
    }

    it(`${name}: in files both ways`, async () => {
      const [expected, ours] = keras[name]!;
      assertClose(ours, expected);
      const model = await loadModel(folder.join(`keras-${i}.keras`));
      assertClose(await measure(model, one, "graph"), expected);
      const read = (model.metrics as unknown as Measured[]).map(({ measured }) => measured.options);
      assert.deepEqual(
        read,
        one.measured.map(({ measured }) => measured.options),
      );
      model.dispose();
    });
  }

  it("are taken by name where nothing has to be said", async () => {
    const one = cases["one-hot rows"]!;
    const model = modelOf(one);
    const named = ["f1_score", "topKCategoricalAccuracy", "RootMeanSquaredError"];
    model.compile({ optimizer: "sgd", loss: one.loss, metrics: named });
    const found = await measure(model, one, "graph");
    const expected = keras["one-hot rows"]![0];
    assert.ok(Math.abs(found.f1_score! - expected.f1Score!) < 1e-6);
    assert.ok(Math.abs(found.topKCategoricalAccuracy! - expected.all!) < 1e-6);
    assert.ok(Math.abs(found.RootMeanSquaredError! - expected.rootMeanSquaredError!) < 1e-6);
    await saveModel(model, folder.join("named.keras"));
    const again = await loadModel(folder.join("named.keras"));
    assertClose(await measure(again, one, "eager"), found);
    model.dispose();
    again.dispose();
  });

  it("are functions of one batch, too", () => {
    const [yTrue, yPred] = [tf.tensor1d([0, 1, 1, 2]), tf.tensor1d([0, 1, 2, 2])];
    const before = tf.memory().numTensors;
    const value = metrics.meanIoU({ numClasses: 4 })(yTrue, yPred);
    assert.equal(tf.memory().numTensors, before + 1);
    assert.ok(Math.abs(value.dataSync()[0]! - (1 + 0.5 + 0.5) / 3) < 1e-6);
    tf.dispose([yTrue, yPred, value]);
  });

  it("say what shapes they need, and refuse what they don't know", () => {
    const [numbers, rows] = [
      tf.tensor1d([0, 1]),
      tf.tensor2d([
        [0.2, 0.8],
        [0.6, 0.4],
      ]),
    ];
    const told: [() => unknown, RegExp][] = [
      [
        () => metrics.meanIoU({ numClasses: 2 })(numbers, rows),
        /Labels are \[2\], outputs \[2,2\]/,
      ],
      [() => metrics.f1Score()(numbers, rows), /one row a sample/],
      [() => metrics.meanIoU({} as never), /`numClasses` must be a whole number from 1/],
      [() => metrics.ioU({ numClasses: 2 } as never), /`targetClassIds` must be .*from 0 to 1/],
      [() => metrics.ioU({ numClasses: 2, targetClassIds: [2] }), /`targetClassIds` must be/],
      [() => metrics.f1Score({ average: null as never }), /`average` must be one of "macro"/],
      [() => metrics.f1Score({ threshold: 0 }), /`threshold` must be/],
      [() => metrics.fBetaScore({ beta: -1 }), /`beta` must be a positive number/],
      [() => metrics.topKCategoricalAccuracy({ k: 0 }), /`k` must be a positive whole number/],
      [() => metrics.binaryIoU({ numClasses: 2 } as never), /has no option `numClasses`/],
    ];
    for (const [run, message] of told) assert.throws(run, message);
    assert.throws(() => metrics.f1Score({ name: "" }), InvalidArgumentError);
    tf.dispose([numbers, rows]);
  });
});
