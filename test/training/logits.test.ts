/** Losses and metrics of logits against Python Keras: whatever the loss, and through whatever hands them on. */
import assert from "node:assert/strict";
import { before, describe, it, test } from "node:test";
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { evaluate, fit, layers, losses, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { numbersOf, tensorCount } from "./models";

const program = `
import json, sys, numpy as np, keras
L, M = keras.layers, keras.models
given = json.loads(sys.argv[1])

def chain(*layers, shape=(3,)): return lambda: keras.Sequential([keras.Input(shape), *[layer() for layer in layers]])
def dense(units, activation=None, **options): return lambda: L.Dense(units, activation=activation, **options)
def two_outputs():
    x = keras.Input((3,)); p = L.Dense(2, activation="softmax")(x)
    return keras.Model(x, [p, L.Dense(2, activation="sigmoid")(p)])
def shared():
    x = keras.Input((3,)); layer = L.Dense(3, activation="softmax")
    return keras.Model(x, layer(layer(x)))
class Softmax(L.Layer):
    def call(self, x): return keras.ops.softmax(x)
class Same(L.Layer):
    def call(self, x): return x
def own(y, p): return 2 * keras.losses.binary_crossentropy(y, p)

soft, sig = dense(2, "softmax"), dense(2, "sigmoid")
models = dict(softmax=chain(soft), sigmoid=chain(sig), softmax_layer=chain(dense(2), L.Softmax),
    activation_layer=chain(dense(2), lambda: L.Activation("sigmoid")),
    linear=chain(soft, lambda: L.Activation("linear")), dropout=chain(soft, lambda: L.Dropout(0.5)),
    two_dropouts=chain(soft, lambda: L.Dropout(0.5), lambda: L.Dropout(0.5)),
    reshape=chain(soft, lambda: L.Reshape((2,))), nested=chain(chain(soft)),
    steps=chain(dense(1, "sigmoid"), shape=(2, 3)), rnn=chain(lambda: L.SimpleRNN(2, activation="sigmoid"), shape=(2, 3)),
    unrolled=chain(lambda: L.SimpleRNN(2, activation="sigmoid", unroll=True), shape=(2, 3)),
    distributed=chain(lambda: L.TimeDistributed(L.Dense(2, activation="softmax")), shape=(2, 3)),
    own_layer=chain(dense(2), Softmax), own_identity=chain(soft, Same), twice=chain(soft, L.Softmax),
    conv=chain(lambda: L.Conv1D(2, 1, activation="softmax"), shape=(2, 3)),
    scaled=chain(soft, lambda: L.Rescaling(1.0)), two_outputs=two_outputs, shared=shared)

out = {}
for name, c in given.items():
    model = models[c["model"]]()
    model.set_weights([np.array(w, "float32") for w in c["weights"]])
    loss = c["loss"]
    if "options" in c: loss = getattr(keras.losses, c["loss"])(**c["options"])
    if loss == "own": loss = own
    several = len(model.outputs) > 1
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=[c["metrics"]] * 2 if several else c["metrics"])
    x, y = np.array(c["x"], "float32"), np.array(c["y"], "float32")
    if several: y = [y, y]
    evaluated = model.evaluate(x, y, verbose=0)
    history = model.fit(x, y, epochs=2, verbose=0).history["loss"] if c["trained"] else []
    weights = [w.flatten().tolist() for w in model.get_weights()]
    out[name] = dict(evaluated=np.ravel(evaluated).tolist(), history=history, weights=sum(weights, []))
print(json.dumps(out))
`;

type Build = () => LayersModel;
type Activation = "softmax" | "sigmoid";

const chain = (shape: number[], ...make: (() => tf.layers.Layer)[]) => {
  const build: Build = () => {
    const input = tf.input({ shape });
    let output = input;
    for (const each of make) output = each().apply(output) as SymbolicTensor;
    return tf.model({ inputs: input, outputs: output });
  };
  return build;
};
const dense = (units: number, activation?: Activation) => () =>
  tf.layers.dense({ units, activation });

class OwnSoftmax extends tf.layers.Layer {
  static readonly className = "OwnSoftmax";
  override call(inputs: Tensor | Tensor[]) {
    return tf.softmax(Array.isArray(inputs) ? inputs[0]! : inputs);
  }
}

class OwnIdentity extends tf.layers.Layer {
  static readonly className = "OwnIdentity";
  override call(inputs: Tensor | Tensor[]) {
    return Array.isArray(inputs) ? inputs[0]! : inputs;
  }
}

const soft = dense(2, "softmax");
const sig = dense(2, "sigmoid");
const softmaxOfSteps = () => tf.layers.timeDistributed({ layer: soft() });

/** The same models as Keras', by the same names. */
const models: Record<string, Build> = {
  softmax: chain([3], soft),
  sigmoid: chain([3], sig),
  softmax_layer: chain([3], dense(2), () => tf.layers.softmax()),
  activation_layer: chain([3], dense(2), () => tf.layers.activation({ activation: "sigmoid" })),
  linear: chain([3], soft, () => tf.layers.activation({ activation: "linear" })),
  dropout: chain([3], soft, () => layers.dropout({ rate: 0.5 })),
  two_dropouts: chain(
    [3],
    soft,
    () => tf.layers.dropout({ rate: 0.5 }),
    () => layers.dropout({ rate: 0.5 }),
  ),
  reshape: chain([3], soft, () => tf.layers.reshape({ targetShape: [2] })),
  nested: chain([3], () =>
    tf.sequential({
      layers: [tf.layers.dense({ units: 2, activation: "softmax", inputShape: [3] })],
    }),
  ),
  steps: chain([2, 3], dense(1, "sigmoid")),
  rnn: chain([2, 3], () => tf.layers.simpleRNN({ units: 2, activation: "sigmoid" })),
  unrolled: chain([2, 3], () =>
    tf.layers.simpleRNN({ units: 2, activation: "sigmoid", unroll: true }),
  ),
  distributed: chain([2, 3], softmaxOfSteps),
  own_layer: chain([3], dense(2), () => new OwnSoftmax()),
  own_identity: chain([3], soft, () => new OwnIdentity()),
  twice: chain([3], soft, () => tf.layers.softmax()),
  conv: chain([2, 3], () => tf.layers.conv1d({ filters: 2, kernelSize: 1, activation: "softmax" })),
  scaled: chain([3], soft, () => layers.rescaling({ scale: 1 })),
  two_outputs: () => {
    const input = tf.input({ shape: [3] });
    const p = soft().apply(input) as SymbolicTensor;
    return tf.model({ inputs: input, outputs: [p, sig().apply(p) as SymbolicTensor] });
  },
  shared: () => {
    const input = tf.input({ shape: [3] });
    const layer = tf.layers.dense({ units: 3, activation: "softmax" });
    const output = layer.apply(layer.apply(input)) as SymbolicTensor;
    return tf.model({ inputs: input, outputs: output });
  },
};

type Loss = "binaryCrossentropy" | "categoricalCrossentropy" | "sparseCategoricalCrossentropy";

interface Case {
  model: string;
  loss: Loss | "meanSquaredError" | "own";
  metrics?: Loss[];
  options?: { fromLogits?: boolean; labelSmoothing?: number };
  /** Kernels so large that probabilities are 0 or 1. */
  saturated?: boolean;
  /** What is random while it trains is evaluated only. */
  trained?: boolean;
  y?: number[] | number[][] | number[][][];
}

const rows = [
  [1, 0],
  [0, 1],
];
const steps = [rows, [...rows].reverse()];
const binary: Loss = "binaryCrossentropy";
const categorical: Loss = "categoricalCrossentropy";
const sparse: Loss = "sparseCategoricalCrossentropy";

const cases: Record<string, Case> = {
  "a softmax under a binary loss": { model: "softmax", loss: binary, metrics: [binary] },
  "a sigmoid under a categorical loss": {
    model: "sigmoid",
    loss: categorical,
    metrics: [categorical],
  },
  "a sigmoid under a loss of class numbers": {
    model: "sigmoid",
    loss: sparse,
    metrics: [sparse],
    y: [0, 1],
  },
  "smoothed labels and a softmax under a binary loss": {
    model: "softmax",
    loss: binary,
    options: { labelSmoothing: 0.2 },
  },
  "a loss that expects logits and gets a softmax": {
    model: "softmax",
    loss: categorical,
    options: { fromLogits: true },
  },
  "metrics beside another loss": {
    model: "softmax",
    loss: "meanSquaredError",
    metrics: [binary, categorical],
    saturated: true,
  },
  "a loss of the user's that calls a cross-entropy": { model: "softmax", loss: "own" },
  "a saturated softmax": {
    model: "softmax",
    loss: categorical,
    metrics: [categorical],
    saturated: true,
  },
  "a saturated Softmax layer": {
    model: "softmax_layer",
    loss: categorical,
    metrics: [categorical],
    saturated: true,
  },
  "a saturated Activation layer": {
    model: "activation_layer",
    loss: binary,
    metrics: [binary],
    saturated: true,
  },
  "a linear layer after it": { model: "linear", loss: categorical, saturated: true },
  "dropout after it": { model: "dropout", loss: categorical, saturated: true, trained: false },
  "two dropouts after it": {
    model: "two_dropouts",
    loss: categorical,
    metrics: [categorical],
    saturated: true,
    trained: false,
  },
  "a reshape after it, which ends it": { model: "reshape", loss: categorical, saturated: true },
  "a rescaling after it, which ends it": { model: "scaled", loss: categorical, saturated: true },
  "a nested model": { model: "nested", loss: categorical, saturated: true },
  "a softmax of a softmax": { model: "twice", loss: categorical, saturated: true },
  "a layer that is called twice": {
    model: "shared",
    loss: categorical,
    saturated: true,
    y: [
      [1, 0, 0],
      [0, 1, 0],
    ],
  },
  "an output that feeds another": {
    model: "two_outputs",
    loss: categorical,
    metrics: [binary],
    saturated: true,
  },
  "a layer of the user's with tf.softmax": {
    model: "own_layer",
    loss: categorical,
    saturated: true,
  },
  "a layer of the user's that hands on its input": {
    model: "own_identity",
    loss: categorical,
    saturated: true,
  },
  "a convolution": { model: "conv", loss: categorical, saturated: true, y: steps },
  "a softmax of each step, which ends it": {
    model: "distributed",
    loss: categorical,
    saturated: true,
    y: steps,
  },
  "an RNN's own sigmoid, which is in a loop": { model: "rnn", loss: binary, saturated: true },
  "an unrolled RNN's own sigmoid": { model: "unrolled", loss: binary, saturated: true },
  "a number for each step": {
    model: "steps",
    loss: binary,
    metrics: [binary],
    saturated: true,
    y: steps.map((each) => each.map(([, second]) => [second!])),
  },
};

const kerasNames: Record<string, string> = {
  binaryCrossentropy: "binary_crossentropy",
  categoricalCrossentropy: "categorical_crossentropy",
  sparseCategoricalCrossentropy: "sparse_categorical_crossentropy",
  meanSquaredError: "mean_squared_error",
  own: "own",
};
const kerasClasses: Record<string, string> = {
  binaryCrossentropy: "BinaryCrossentropy",
  categoricalCrossentropy: "CategoricalCrossentropy",
};

const ownLoss = (y: Tensor, p: Tensor) => tf.mul(2, losses.binaryCrossentropy()(y, p));

function lossOf({ loss, options }: Case) {
  if (loss === "own") return ownLoss;
  if (options === undefined) return loss;
  return losses[loss as "binaryCrossentropy" | "categoricalCrossentropy"](options);
}

/** Some by name, some as tfjs' function, which is measured as Keras' too. */
function metricOf(loss: Loss) {
  return loss === "binaryCrossentropy" ? tf.metrics.binaryCrossentropy : loss;
}

/** Numbers that no two weights share. */
function weightsFor(model: LayersModel, { saturated = false }: Case): Tensor[] {
  return model.getWeights().map(({ shape, size }, i) =>
    tf.tidy(() => {
      const numbers = tf.sin(tf.range(i + 1, size + i + 1)).reshape(shape);
      return shape.length > 1 && saturated ? tf.mul(numbers, 200) : numbers;
    }),
  );
}

function xFor(model: LayersModel): Tensor {
  const shape = [2, ...(model.inputs[0]!.shape.slice(1) as number[])];
  const size = shape.reduce((product, each) => product * each, 1);
  return tf.tidy(() => tf.cos(tf.range(1, size + 1)).reshape(shape));
}

interface KerasResult {
  evaluated: number[];
  history: number[];
  weights: number[];
}

function assertClose(actual: number[], expected: number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    const tolerance = 1e-5 * Math.max(1, Math.abs(expected[i]!));
    assert.ok(Math.abs(value - expected[i]!) <= tolerance, `${actual} is not ${expected}`);
  }
}

describe("a loss takes the logits that Keras takes", () => {
  let keras: Record<string, KerasResult>;
  before(async () => {
    const given = Object.entries(cases).map(([name, each]) => {
      const model = models[each.model]!();
      const { loss, options, metrics = [], y = rows, trained = true } = each;
      return [
        name,
        {
          model: each.model,
          loss: options === undefined ? kerasNames[loss] : kerasClasses[loss],
          options: options && {
            from_logits: options.fromLogits ?? false,
            label_smoothing: options.labelSmoothing ?? 0,
          },
          metrics: metrics.map((metric) => kerasNames[metric]),
          weights: weightsFor(model, each).map((weight) => weight.arraySync()),
          x: xFor(model).arraySync(),
          y,
          trained,
        },
      ];
    });
    keras = JSON.parse(await runPython(program, [JSON.stringify(Object.fromEntries(given))]));
  });

  for (const [name, given] of Object.entries(cases)) {
    for (const engine of ["eager", "graph"] as const) {
      it(`with ${name} (${engine})`, async () => {
        const model = models[given.model]!();
        const { metrics = [], y = rows, trained = true } = given;
        model.setWeights(weightsFor(model, given));
        const several = model.outputs.length > 1;
        model.compile({
          optimizer: tf.train.sgd(0.1),
          loss: lossOf(given) as string,
          metrics: metrics.map(metricOf),
        });
        const labels = tf.tensor(y);
        const data: [Tensor, Tensor | Tensor[]] = [
          xFor(model),
          several ? [labels, labels] : labels,
        ];
        const quiet = { engine, verbose: 0 } as const;
        const count = tensorCount();
        const evaluated = [await evaluate(model, data, quiet)].flat();
        assertClose(evaluated, keras[name]!.evaluated);
        if (trained) {
          const { history } = await fit(model, data, { epochs: 2, ...quiet });
          assertClose(history.loss!, keras[name]!.history);
          assertClose(numbersOf(model), keras[name]!.weights);
        }
        assert.equal(tensorCount(), count);
        model.dispose();
      });
    }
  }
});

test("a loss that expects logits and gets a softmax says so once", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const model = models.softmax!();
  const loss = losses.categoricalCrossentropy({ fromLogits: true });
  model.compile({ optimizer: "sgd", loss });
  await fit(model, [xFor(model), tf.tensor(rows)], { epochs: 2, verbose: 0 });
  assert.equal(warn.mock.callCount(), 1);
  assert.match(String(warn.mock.calls[0]!.arguments[0]), /leave out `fromLogits`/);
});
