/** Metrics by name, of one output and of several, compared with Keras. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { evaluate, fit, InvalidArgumentError, tf } from "../../lib/index";
import { metricNames } from "../../lib/objectives/metrics";
import { runPython } from "../support/python";

/** Metrics as `compile` takes them here; Keras' spelling follows from them. */
const several: Record<string, unknown> = {
  "one for each output": ["accuracy", "mse"],
  "lists for each output": [
    ["recall", "precision"],
    ["mse", "accuracy"],
  ],
  "by name": { kind: ["categoricalAccuracy", "mae"] },
  "by name, one each": { yes: "recall", kind: "categoricalCrossentropy" },
  "an empty list for an output": [[], ["mae"]],
};
/** By the weights of samples, which are others for each output. */
const weighted: Record<string, unknown> = {
  "lists for each output": [["recall", "precision"], ["mse"]],
  "by name": { kind: ["categoricalAccuracy", "mae"] },
};
const single: Record<string, unknown> = {
  "ratios and means": ["recall", "precision", "accuracy", "binaryCrossentropy", "mse"],
  "in lists": [["recall"], ["mae"]],
  "by name": { yes: ["recall"] },
};

const program = `
import json, sys, re, numpy as np, keras
from keras import layers as L
cases = json.loads(sys.argv[1])
snake = lambda m: {k: snake(v) for k, v in m.items()} if isinstance(m, dict) else [snake(v) for v in m] \\
    if isinstance(m, list) else re.sub("[A-Z]", lambda c: "_" + c[0].lower(), m)
x, yes, kind = (np.array(cases[k], "float32") for k in ("x", "yes", "kind"))
out = {}
for many in (True, False):
    for name, metrics in cases["several" if many else "single"].items():
        i = keras.Input((2,))
        outputs = [L.Dense(1, activation="sigmoid", name="yes")(i), L.Dense(3, activation="softmax", name="kind")(i)]
        model = keras.Model(i, outputs if many else outputs[0])
        if many: model.layers[2].set_weights([np.array(w, "float32") for w in cases["weights"][2:]])
        model.layers[1].set_weights([np.array(w, "float32") for w in cases["weights"][:2]])
        losses = {"yes": "binary_crossentropy", "kind": "categorical_crossentropy"} if many else "binary_crossentropy"
        y = [yes, kind] if many else yes
        model.compile("sgd", losses, metrics=snake(metrics))
        out[("several: " if many else "single: ") + name] = model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True)
        if many and name in cases["weighted"]:
            model.compile("sgd", losses, metrics=snake(metrics), weighted_metrics=snake(cases["weighted"][name]))
            counts = [np.array(w, "float32") for w in cases["counts"]]
            out["weighted: " + name] = model.evaluate(x, y, 4, 0, counts, return_dict=True)
print(json.dumps(out))
`;

const x = Array.from({ length: 10 }, (_, i) => [Math.sin(i * 7), Math.cos(i * 3)]);
const yes = x.map((_, i) => [Number(i % 3 === 0)]);
const kind = x.map((_, i) => [0, 1, 2].map((each) => Number((i * i) % 3 === each)));
const weights = [
  [[1.5], [-0.5]],
  [0.25],
  [
    [1, -1, 0.5],
    [0.2, 0.3, -2],
  ],
  [0, 0.1, 0.2],
];

const counts = [x.map((_, i) => (i % 3) / 2), x.map((_, i) => Number(i > 2))];

/** tfjs declares no lists of lists. */
type Metrics = Parameters<LayersModel["compile"]>[0]["metrics"];

function compiled(isSeveral: boolean, metrics: unknown, weightedMetrics?: unknown): LayersModel {
  const inputs = tf.input({ shape: [2] });
  const tensors = weights.map((values) => tf.tensor(values));
  const layer = (units: number, activation: "sigmoid" | "softmax", name: string) =>
    tf.layers.dense({ units, activation, name }).apply(inputs) as typeof inputs;
  const outputs = [layer(1, "sigmoid", "yes"), ...(isSeveral ? [layer(3, "softmax", "kind")] : [])];
  const model = tf.model({ inputs, outputs });
  model.getLayer("yes").setWeights(tensors.slice(0, 2));
  if (isSeveral) model.getLayer("kind").setWeights(tensors.slice(2));
  tf.dispose(tensors);
  const loss = ["binaryCrossentropy", "categoricalCrossentropy"];
  model.compile({
    optimizer: "sgd",
    loss: isSeveral ? loss : loss[0]!,
    metrics: metrics as Metrics,
    weightedMetrics: weightedMetrics as Metrics,
  });
  return model;
}

describe("metrics", () => {
  let keras: Record<string, Record<string, number>>;
  const data: Tensor[] = [];

  before(async () => {
    const given = JSON.stringify({ x, yes, kind, weights, several, weighted, single, counts });
    keras = JSON.parse(await runPython(program, [given]));
    data.push(tf.tensor(x), tf.tensor(yes), tf.tensor(kind));
  });

  for (const [label, cases] of Object.entries({ several, weighted, single })) {
    for (const [name, metrics] of Object.entries(cases)) {
      for (const engine of ["eager", "graph"] as const) {
        it(`${label}: ${name}, are Keras' with engine ${engine}`, async () => {
          const isWeighted = label === "weighted";
          const model = isWeighted
            ? compiled(true, several[name], metrics)
            : compiled(label === "several", metrics);
          const given = isWeighted ? counts.map((list) => tf.tensor1d(list)) : [];
          const count = tf.memory().numTensors;
          const [inputs, ...labels] = data;
          const y = label === "single" ? labels[0]! : labels;
          const options = { batchSize: 4, verbose: 0, returnDict: true, engine } as const;
          const found = isWeighted
            ? await evaluate(model, [inputs!, y, given], options)
            : await evaluate(model, [inputs!, y], options);
          const expected = keras[`${label}: ${name}`]!;
          assert.deepEqual(
            Object.keys(found).map((key) => key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)),
            Object.keys(expected).sort(),
          );
          const values = Object.values(found);
          Object.keys(expected)
            .sort()
            .forEach((key, i) => {
              const difference = Math.abs(values[i]! - expected[key]!);
              assert.ok(difference < 1e-6, `${key}: ${values[i]}, Keras has ${expected[key]}`);
            });
          assert.equal(tf.memory().numTensors, count);
          tf.dispose(given);
        });
      }
    }
  }

  it("are taken by every name that messages list", async () => {
    for (const name of metricNames) {
      const model = compiled(false, [name]);
      const quiet = { verbose: 0, engine: "eager" } as const;
      // Of one output the only class is 0.
      const labels = tf.zeros([10, 1]);
      const { history } = await fit(model, [data[0]!, labels], quiet);
      labels.dispose();
      assert.deepEqual(Object.keys(history).sort(), [name, "loss"].sort());
      assert.deepEqual(model.metrics, [name]);
      model.dispose();
    }
  });

  it("are refused for an output that isn't there", () => {
    assert.throws(
      () => compiled(true, { maybe: ["mse"] }),
      (error: Error) => {
        assert.ok(error instanceof InvalidArgumentError);
        assert.match(error.message, /`metrics` must be metrics by the names of outputs: yes, kind/);
        return true;
      },
    );
  });
});
