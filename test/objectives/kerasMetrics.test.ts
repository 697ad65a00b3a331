/** Metrics with settings beside Keras': over whole epochs, on both engines, and in files both ways. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { evaluate, InvalidArgumentError, loadModel, metrics, saveModel, tf } from "../../lib/index";
import { functionalOf, weightedMetricsOf } from "../../lib/tfjs";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

type Measured = ReturnType<typeof metrics.f1Score>;

interface Case {
  shape: number[];
  activation: "softmax" | "sigmoid" | "linear";
  loss: string;
  labels: "oneHot" | "classes" | "binary" | "numbers";
  measured: Measured[];
  /** What is measured both ways: Keras' counts by the weights of pixels are of no use. */
  weighted?: Measured[];
}

const oneHotRows = [
  metrics.categoricalAccuracy(),
  metrics.categoricalCrossentropy({ labelSmoothing: 0.1 }),
  metrics.categoricalHinge(),
  metrics.klDivergence(),
  metrics.recall({ topK: 2, name: "recallOfTwo" }),
  metrics.precision({ topK: 3, classId: 2, thresholds: [0.2, 0.4] }),
  metrics.precision({ topK: 3, classId: 2, name: "precisionOfTwo" }),
  metrics.f1Score({ average: null, name: "each" }),
  metrics.fBetaScore({ beta: 2, average: "weighted" }),
  metrics.topKCategoricalAccuracy({ k: 2 }),
  metrics.rootMeanSquaredError(),
];
const counts = [
  metrics.truePositives({ thresholds: [0.6, 0.3] }),
  metrics.trueNegatives(),
  metrics.falsePositives({ thresholds: 0.4 }),
  metrics.falseNegatives({ thresholds: [0, 0.25, 0.5, 0.75, 1] }),
  metrics.precision(),
  metrics.recall({ classId: 1 }),
  metrics.sensitivityAtSpecificity({ specificity: 0.6 }),
  metrics.specificityAtSensitivity({ sensitivity: 0.6, numThresholds: 20, classId: 0 }),
  metrics.precisionAtRecall({ recall: 0.7 }),
  metrics.recallAtPrecision({ precision: 0.55, numThresholds: 1 }),
  metrics.recallAtPrecision({ precision: 0.55, name: "recallOfMany" }),
  metrics.binaryAccuracy({ threshold: 0.3 }),
  metrics.binaryCrossentropy({ labelSmoothing: 0.2 }),
  metrics.f1Score({ average: null, threshold: 0.5 }),
  metrics.poisson(),
];
const errors = [
  metrics.meanSquaredError(),
  metrics.meanAbsoluteError({ name: "off" }),
  metrics.meanAbsolutePercentageError(),
  metrics.meanSquaredLogarithmicError(),
  metrics.hinge(),
  metrics.squaredHinge(),
  metrics.logCoshError(),
  metrics.cosineSimilarity(),
  metrics.pearsonCorrelation(),
  metrics.concordanceCorrelation(),
  metrics.r2Score(),
  metrics.r2Score({ classAggregation: "varianceWeightedAverage", name: "byVariance" }),
  metrics.r2Score({ classAggregation: null, numRegressors: 2, name: "adjusted" }),
];
const sparse = [
  metrics.sparseCategoricalAccuracy(),
  metrics.sparseCategoricalCrossentropy(),
  metrics.sparseTopKCategoricalAccuracy({ k: 2 }),
];

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

Object.assign(cases, {
  "one-hot rows by weights": {
    shape: [4],
    activation: "softmax",
    loss: "categoricalCrossentropy",
    labels: "oneHot",
    measured: oneHotRows,
    weighted: oneHotRows,
  },
  "rows of bits": {
    shape: [4],
    activation: "sigmoid",
    loss: "binaryCrossentropy",
    labels: "binary",
    measured: counts,
    weighted: counts,
  },
  "rows of numbers": {
    shape: [3],
    activation: "linear",
    loss: "meanSquaredError",
    labels: "numbers",
    measured: [
      ...errors,
      metrics.pearsonCorrelation({ axis: 0, name: "overSamples" }),
      metrics.accuracy({ name: "equal" }),
    ],
    weighted: errors,
  },
  "class numbers": {
    shape: [4],
    activation: "softmax",
    loss: "sparseCategoricalCrossentropy",
    labels: "classes",
    measured: [
      ...sparse,
      metrics.sparseCategoricalCrossentropy({ ignoreClass: 0, name: "withoutFirst" }),
    ],
    weighted: sparse,
  },
  "logits of bits": {
    shape: [2],
    activation: "linear",
    loss: "meanSquaredError",
    labels: "binary",
    measured: [metrics.binaryCrossentropy({ fromLogits: true })],
    weighted: [metrics.binaryCrossentropy({ fromLogits: true })],
  },
} satisfies Record<string, Case>);

const samples = 10;
const wave = (i: number, salt: number) => Math.sin((i + 1) * 12.9898 + salt * 78.233);
const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const sampleWeights = Array.from({ length: samples }, (_, i) => [0, 1, 2.5, 0.25][i % 4]!);
const x = Array.from({ length: samples }, (_, i) => [0, 1, 2, 3].map((j) => wave(4 * i + j, 1)));

/** Class 1 of four nowhere occurs. */
function labelsOf({ shape, labels }: Case): { values: number[]; shape: number[] } {
  const classes = shape.at(-1)!;
  const places = (samples * sizeOf(shape)) / classes;
  if (labels === "binary" && classes > 1) {
    const bits = Array.from({ length: samples * classes }, (_, i) => Number(wave(i, 5) > 0));
    return { values: bits, shape };
  }
  if (labels === "numbers") {
    return { values: Array.from({ length: samples * classes }, (_, i) => wave(i, 5)), shape };
  }
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
  const { loss, measured, weighted } = one;
  const weightedMetrics = weighted === undefined ? {} : { weightedMetrics: weighted };
  model.compile({ optimizer: "sgd", loss, metrics: measured, ...weightedMetrics });
  return model;
}

async function measure(model: LayersModel, one: Case, engine: "eager" | "graph") {
  const { values, shape } = labelsOf(one);
  const weights = one.weighted ? [tf.tensor1d(sampleWeights)] : [];
  const data = [tf.tensor2d(x), tf.tensor(values, [samples, ...shape]), ...weights] as const;
  const options = { batchSize: 4, verbose: 0, returnDict: true, engine } as const;
  const found = await evaluate(model, data as unknown as [tf.Tensor, tf.Tensor], options);
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
def numbered(logs):
    parts = {k: {k: v} if np.ndim(v) == 0 else {f"{k}[{i}]": each for i, each in enumerate(v)} for k, v in logs.items()}
    return {k: float(v) for part in parts.values() for k, v in part.items()}
out = {}
for i, (name, case) in enumerate(given["cases"].items()):
    units = int(np.prod(case["shape"]))
    model = keras.Sequential([keras.Input((4,)), L.Dense(units), L.Reshape(case["shape"]), L.Activation(case["activation"])])
    model.set_weights([np.reshape(case["weights"][0], [4, units]), np.array(case["weights"][1])])
    def made(m):
        value = lambda k, v: float(v) if k in floats and v is not None else snake(v) if isinstance(v, str) else v
        options = {snake(k): value(k, v) for k, v in m["options"].items()}
        kind = m["kind"][0].upper() + m["kind"][1:]
        return getattr(keras.metrics, kind.replace("KlD", "KLD"))(name=m["name"], **options)
    metrics, weighted = ([made(m) for m in case[key]] for key in ("metrics", "weighted"))
    model.compile("sgd", snake(case["loss"]), metrics=metrics, weighted_metrics=weighted or None, run_eagerly=True)
    model.save(os.path.join(folder, f"keras-{i}.keras"))
    ours = keras.models.load_model(os.path.join(folder, f"ours-{i}.keras"))
    ours.run_eagerly = True
    y = np.reshape(case["y"], [len(x), *case["yShape"]]).astype("float32")
    weights = np.array(given["weights"], "float32") if weighted else None
    out[name] = [numbered(m.evaluate(x, y, 4, 0, weights, return_dict=True)) for m in (model, ours)]
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
    const described = (list: Measured[]) =>
      list.map(({ name: title, measured: { kind, options } }) => ({ name: title, kind, options }));
    const lists = { metrics: described(one.measured), weighted: described(one.weighted ?? []) };
    given[name] = { ...one, ...lists, weights: weightsOf(one), y, yShape };
  }
  const all = JSON.stringify({ cases: given, x, weights: sampleWeights });
  keras = JSON.parse(await runPython(program, [folder.path, all]));
});

function assertClose(found: Record<string, number>, expected: Record<string, number>): void {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(found)) {
    const size = Math.max(1, Math.abs(expected[name]!));
    assert.ok(
      Math.abs(value - expected[name]!) < 2e-6 * size,
      `${name}: ${value}, ${expected[name]}`,
    );
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
      const optionsOf = (list: unknown) =>
        (list as Measured[]).map(({ measured }) => measured.options);
      assert.deepEqual(optionsOf(model.metrics), optionsOf(one.measured));
      const read = weightedMetricsOf(functionalOf(model));
      assert.deepEqual(optionsOf(read ?? []), optionsOf(one.weighted ?? []));
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

  it("give several numbers where several are asked for, as functions of one batch too", async () => {
    const [yTrue, yPred] = [tf.tensor1d([0, 1, 1, 1]), tf.tensor1d([0.7, 0.2, 0.5, 0.9])];
    const value = metrics.recall({ thresholds: [0.1, 0.6, 0.3] })(yTrue, yPred);
    assert.deepEqual([...value.dataSync()], [1, Math.fround(1 / 3), Math.fround(2 / 3)]);
    tf.dispose([yTrue, yPred, value]);
    const one = cases["rows of bits"]!;
    const model = modelOf(one);
    const { values, shape } = labelsOf(one);
    const data: [tf.Tensor, tf.Tensor] = [tf.tensor2d(x), tf.tensor(values, [samples, ...shape])];
    const found = await evaluate(model, data, { verbose: 0 });
    assert.equal(found[1], found["truePositives[0]"]);
    assert.equal(found.length, Object.keys(keras["rows of bits"]![0]).length);
    tf.dispose(data);
    model.dispose();
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
      [() => metrics.f1Score({ average: "mean" as never }), /`average` must be one of "macro"/],
      [() => metrics.precision({ thresholds: [0.5, 2] }), /`thresholds` must be .*in \[0, 1\]/],
      [() => metrics.recall({ topK: 0 }), /`topK` must be a positive whole number/],
      [() => metrics.recall({ classId: 2 })(rows, rows), /no class 2 in outputs of \[2,2\]/],
      [() => metrics.truePositives()(numbers, rows), /Labels are \[2\], outputs \[2,2\]/],
      [() => metrics.precisionAtRecall({} as never), /`recall` must be/],
      [() => metrics.r2Score()(numbers, numbers), /one row a sample/],
      [() => metrics.r2Score({ classAggregation: "sum" as never }), /`classAggregation` must be/],
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
