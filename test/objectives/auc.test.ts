/** The AUC beside Keras': its options, in `fit` and `evaluate`, and in files both ways. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  evaluate,
  fit,
  InvalidArgumentError,
  loadModel,
  metrics,
  saveModel,
  tf,
} from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

/** By the number of outputs: what is measured of each model. */
const measured: Record<1 | 3, metrics.AucOptions[]> = {
  1: [
    {},
    { curve: "PR" },
    { curve: "PR", summationMethod: "majoring" },
    { curve: "PRGAIN" },
    { curve: "PRGAIN", thresholds: [0.3, 0.9] },
    { curve: "PRGAIN", numThresholds: 3, summationMethod: "majoring" },
    { summationMethod: "minoring", numThresholds: 5 },
    { numThresholds: 2 },
    { thresholds: [0.9, 0.1, 0.45] },
    { thresholds: [0.25, 0.5, 0.75], curve: "PR" },
    { fromLogits: true },
  ],
  3: [
    {},
    { curve: "PR", multiLabel: true },
    { multiLabel: true, labelWeights: [1, 0, 2.5] },
    { labelWeights: [1, 0, 2.5] },
    { thresholds: [0.3, 0.4], multiLabel: true, curve: "PR", summationMethod: "minoring" },
  ],
};

const samples = 50;
const x = Array.from({ length: samples }, (_, i) =>
  [0, 1, 2].map((j) => Math.sin(i * (j + 3) * 1.7)),
);
const y = x.map((row, i) => row.map((value, j) => Number(value + Math.cos(i * (j + 2)) > 0.3)));
const weights = [
  [
    [1.5, -1, 0.5],
    [-0.5, 2, 0.25],
    [0.2, 0.3, -2],
  ],
  [0, 0.1, 0.2],
];

const program = `
import json, re, sys, numpy as np, keras
given = json.loads(sys.argv[1])
snake = lambda name: re.sub("[A-Z]", lambda c: "_" + c[0].lower(), name)
x, y = np.array(given["x"], "float32"), np.array(given["y"], "float32")
out = {}
for units in (1, 3):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units, activation="sigmoid")])
    model.set_weights([np.array(w, "float32")[..., :units] for w in given["weights"]])
    named = [
        keras.metrics.AUC(name=f"area{i}", **{snake(key): value for key, value in options.items()})
        for i, options in enumerate(given["measured"][str(units)])
    ]
    model.compile(keras.optimizers.SGD(0.5), "binary_crossentropy", metrics=["AUC", "auc", *named])
    labels = y[:, :units]
    history = model.fit(x, labels, batch_size=12, epochs=2, validation_split=0.3, shuffle=False, verbose=0).history
    model.save(f"{given['folder']}/keras{units}.keras")
    out[units] = [history, model.evaluate(x, labels, batch_size=12, verbose=0, return_dict=True)]
print(json.dumps(out))
`;

const reread = `
import json, sys, numpy as np, keras
given = json.loads(sys.argv[1])
x, y = np.array(given["x"], "float32"), np.array(given["y"], "float32")
logs = []
for units in (1, 3):
    model = keras.models.load_model(f"{given['folder']}/ours{units}.keras")
    logs.append(model.evaluate(x, y[:, :units], batch_size=12, verbose=0, return_dict=True))
print(json.dumps(logs))
`;

function compiled(units: 1 | 3): LayersModel {
  const layer = tf.layers.dense({ units, activation: "sigmoid", inputShape: [3] });
  const model = tf.sequential({ layers: [layer] });
  const [kernel, bias] = weights as [number[][], number[]];
  const tensors = [
    tf.tensor(kernel.map((row) => row.slice(0, units))),
    tf.tensor(bias.slice(0, units)),
  ];
  model.setWeights(tensors);
  tf.dispose(tensors);
  const named = measured[units].map((options, i) => metrics.auc({ ...options, name: `area${i}` }));
  const optimizer = tf.train.sgd(0.5);
  model.compile({ optimizer, loss: "binaryCrossentropy", metrics: ["AUC", "auc", ...named] });
  return model;
}

type Numbers = Record<string, number | number[]>;

function assertAlike(found: Numbers, expected: Numbers): void {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [name, wanted] of Object.entries(expected)) {
    const pairs = [found[name]!].flat().map((value, i) => [value, [wanted].flat()[i]!] as const);
    for (const [value, other] of pairs) {
      assert.ok(Math.abs(value - other) < 2e-6, `${name}: ${value}, Keras has ${other}`);
    }
  }
}

describe("the AUC", () => {
  const folder = temporaryFolder();
  const given = JSON.stringify({ x, y, weights, measured, folder: folder.path });
  const data: Tensor[] = [];
  let keras: Record<string, [history: Numbers, evaluation: Numbers]>;

  before(async () => {
    keras = JSON.parse(await runPython(program, [given]));
    data.push(tf.tensor(x), tf.tensor(y), tf.tensor(y.map((row) => row.slice(0, 1))));
  });
  after(() => {
    tf.dispose(data);
    folder[Symbol.dispose]();
  });

  const dataOf = (units: 1 | 3): [Tensor, Tensor] => [data[0]!, data[units === 1 ? 2 : 1]!];

  for (const units of [1, 3] as const) {
    for (const engine of ["eager", "graph"] as const) {
      it(`of ${units} outputs is Keras' over epochs and in evaluate, engine ${engine}`, async () => {
        const model = compiled(units);
        const before = tf.memory().numTensors;
        const options = { batchSize: 12, verbose: 0, engine } as const;
        const fitted = { ...options, epochs: 2, validationSplit: 0.3, shuffle: false };
        const { history } = await fit(model, dataOf(units), fitted);
        const [expected, evaluation] = keras[units]!;
        assertAlike(history, expected);
        const logs = await evaluate(model, dataOf(units), { ...options, returnDict: true });
        assertAlike(logs, evaluation);
        assert.equal(tf.memory().numTensors, before);
        model.dispose();
      });
    }

    it(`of ${units} outputs is read from Keras' file with all its options`, async () => {
      const model = await loadModel(folder.join(`keras${units}.keras`));
      const options = { batchSize: 12, verbose: 0, returnDict: true } as const;
      assertAlike(await evaluate(model, dataOf(units), options), keras[units]![1]);
      await saveModel(model, folder.join(`ours${units}.keras`));
      model.dispose();
    });
  }

  it("is read by Keras from files of this library", async () => {
    const [one, three] = JSON.parse(await runPython(reread, [given]));
    assertAlike(one, keras[1]![1]);
    assertAlike(three, keras[3]![1]);
  });

  it("needs labels that are shaped like outputs, and says so", async () => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 3, activation: "softmax", inputShape: [3] })],
    });
    const metric = metrics.auc();
    model.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", metrics: [metric] });
    const labels = tf.zeros([samples], "int32");
    await assert.rejects(
      fit(model, [data[0]!, labels], { verbose: 0 }),
      /labels that are shaped like outputs. Labels are \[32\], outputs \[32,3\]/,
    );
    tf.dispose(labels);
    model.dispose();
  });

  it("refuses options that Keras doesn't have, and values outside what is allowed", () => {
    const wrong: [object, RegExp][] = [
      [{ num_thresholds: 3 }, /Did you mean `numThresholds`/],
      [{ numThresholds: 1 }, /`numThresholds` must be a whole number from 2 to 100000/],
      [{ curve: "roc" }, /`curve` must be one of "ROC", "PR", "PRGAIN"/],
      [{ thresholds: [1.5] }, /`thresholds` must be numbers in \[0, 1\]/],
      [{ labelWeights: [-1] }, /`labelWeights` must be numbers of at least 0/],
    ];
    for (const [options, message] of wrong) {
      assert.throws(
        () => metrics.auc(options),
        (error: Error) => {
          assert.ok(error instanceof InvalidArgumentError);
          assert.match(`${error.message} ${error.hint}`, message);
          return true;
        },
      );
    }
  });
});
