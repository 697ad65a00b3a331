import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { fit, optimizers, type SummaryOptions, summary, tf } from "../../lib/index";
import { runPython } from "../support/python";

/** The same models as below, with the names that tfjs gives. */
const program = `
import json, os, numpy as np, keras
from keras import layers
L = layers
def text(model, **options):
    lines = []
    model.summary(print_fn=lambda t: lines.append(t), **options)
    return "\\n".join(lines).rstrip("\\n")

def convnet(name, pooling):
    x = inputs = keras.Input((28, 28, 1), name="image")
    for i, filters in enumerate([32, 64, 128]):
        x = L.Conv2D(filters, 3, activation="relu", name=f"conv{i}")(x)
        if pooling and i < 2: x = L.MaxPooling2D(2, name=f"pool{i}")(x)
    x = L.Flatten(name="flat")(x)
    return keras.Model(inputs, L.Dense(10, activation="softmax", name="digits")(x), name=name)

def branched():
    a = keras.Input((8, 8, 3), name="picture")
    b = keras.Input((4,), name="facts")
    conv = L.Conv2D(4, 3, name="a_rather_long_name_for_a_layer")
    inner = keras.Sequential([keras.Input((8, 8, 3)), conv, L.BatchNormalization(name="norm")], name="inner")
    inner.trainable = False
    shared = L.Dense(4, name="shared")
    x = L.GlobalAveragePooling2D(name="average")(inner(a))
    x = L.Add(name="sum")([shared(x), shared(b)])
    return keras.Model([a, b], [L.Dense(2, name="first")(x), L.Dense(1, name="second")(x)], name="branched")

out = {}
small = convnet("with_pooling", True)
out["pooling"] = text(small)
out["no pooling"] = text(convnet("without_pooling", False))
m = branched()
out["branched"] = text(m)
out["range"] = text(small, layer_range=["conv0", "conv1"])
os.environ["COLUMNS"] = "140"
out["expanded"] = text(m, expand_nested=True, show_trainable=True, line_length=100)
out["wide"] = text(small, line_length=120)
os.environ["COLUMNS"] = "80"
one = keras.Sequential([keras.Input((2,)), L.Dense(3, name="in")], name="one_layer")
out["nested first"] = text(keras.Sequential([keras.Input((2,)), one, L.Dense(1, name="out")], name="outer"))
s = keras.Sequential([keras.Input((5,)), L.Dense(3, name="d")], name="trained")
O = keras.optimizers
for name, optimizer in {
    "rmsprop": "rmsprop", "adam": "adam", "sgd": "sgd", "adamW": "adamw", "nadam": "nadam", "adamax": "adamax",
    "adagrad": "adagrad", "adadelta": "adadelta", "momentum": O.SGD(momentum=0.9), "amsgrad": O.Adam(amsgrad=True),
    "ftrl": "ftrl", "schedule": O.SGD(O.schedules.CosineDecay(0.1, 10), momentum=0.9),
    "lion": O.Lion(), "adafactor": O.Adafactor(), "muon": O.Muon(), "scaled": O.LossScaleOptimizer(O.Adam()),
    "averaged": O.Lamb(use_ema=True, gradient_accumulation_steps=2),
    "rmsprop, momentum": O.RMSprop(momentum=0.9), "rmsprop, centered": O.RMSprop(momentum=0.9, centered=True),
}.items():
    s.compile(optimizer, "mse")
    s.fit(np.zeros((2, 5)), np.zeros((2, 3)), verbose=0)
    out[name] = text(s)
print(json.dumps(out))
`;

function convnet(name: string, pooling: boolean) {
  const image = tf.input({ shape: [28, 28, 1], name: "image" });
  let x: ReturnType<typeof tf.input> = image;
  for (const [i, filters] of [32, 64, 128].entries()) {
    const conv = tf.layers.conv2d({ filters, kernelSize: 3, activation: "relu", name: `conv${i}` });
    x = conv.apply(x) as typeof x;
    if (pooling && i < 2) {
      x = tf.layers.maxPooling2d({ poolSize: 2, name: `pool${i}` }).apply(x) as typeof x;
    }
  }
  x = tf.layers.flatten({ name: "flat" }).apply(x) as typeof x;
  const dense = tf.layers.dense({ units: 10, activation: "softmax", name: "digits" });
  return tf.model({ inputs: image, outputs: dense.apply(x) as typeof x, name });
}

function branched() {
  type Symbolic = ReturnType<typeof tf.input>;
  const picture = tf.input({ shape: [8, 8, 3], name: "picture" });
  const facts = tf.input({ shape: [4], name: "facts" });
  const inner = tf.sequential({
    name: "inner",
    layers: [
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        inputShape: [8, 8, 3],
        name: "a_rather_long_name_for_a_layer",
      }),
      tf.layers.batchNormalization({ name: "norm" }),
    ],
  });
  inner.trainable = false;
  const shared = tf.layers.dense({ units: 4, name: "shared" });
  const average = tf.layers.globalAveragePooling2d({ name: "average" });
  const pooled = average.apply(inner.apply(picture) as Symbolic) as Symbolic;
  const sum = tf.layers
    .add({ name: "sum" })
    .apply([shared.apply(pooled) as Symbolic, shared.apply(facts) as Symbolic]) as Symbolic;
  return tf.model({
    name: "branched",
    inputs: [picture, facts],
    outputs: [
      tf.layers.dense({ units: 2, name: "first" }).apply(sum) as Symbolic,
      tf.layers.dense({ units: 1, name: "second" }).apply(sum) as Symbolic,
    ],
  });
}

function text(model: Parameters<typeof summary>[0], options: SummaryOptions = {}): string {
  let result = "";
  summary(model, {
    ...options,
    printFn: (printed) => {
      result = printed;
    },
  });
  return result;
}

describe("summary", () => {
  let keras: Record<string, string>;
  before(async () => {
    keras = JSON.parse(await runPython(program));
  });

  it("prints Keras' text for the chapter's convnet", () => {
    const printed = text(convnet("with_pooling", true));
    assert.equal(printed, keras.pooling);
    assert.match(printed, /Total params: 104,202 \(407.04 KB\)/);
  });

  it("prints Keras' text for the convnet without max pooling", () => {
    const printed = text(convnet("without_pooling", false));
    assert.equal(printed, keras["no pooling"]);
    assert.match(printed, /Total params: 712,202/);
  });

  it("shows connections when the model is no chain", () => {
    assert.equal(text(branched()), keras.branched);
  });

  it("expands nested models and shows what trains", () => {
    const options = { expandNested: true, showTrainable: true, lineLength: 100 };
    assert.equal(text(branched(), options), keras.expanded);
  });

  it("prints a Sequential of one layer at the beginning of another", () => {
    const inside = tf.layers.dense({ units: 3, inputShape: [2], name: "in" });
    const layers = [
      tf.sequential({ layers: [inside], name: "one_layer" }),
      tf.layers.dense({ units: 1, name: "out" }),
    ];
    assert.equal(text(tf.sequential({ layers, name: "outer" })), keras["nested first"]);
  });

  it("prints a range of layers, and any width", () => {
    const model = convnet("with_pooling", true);
    assert.equal(text(model, { layerRange: ["conv0", "conv1"] }), keras.range);
    assert.equal(text(model, { lineLength: 120 }), keras.wide);
  });

  for (const columns of [0, 10]) {
    it(`prints a table on a terminal that has ${columns} columns`, () => {
      const own = Object.getOwnPropertyDescriptor(process.stdout, "columns");
      Object.defineProperty(process.stdout, "columns", { value: columns, configurable: true });
      try {
        assert.match(text(branched()), /Layer \(type\).*Total params: /s);
      } finally {
        if (own === undefined) Reflect.deleteProperty(process.stdout, "columns");
        else Object.defineProperty(process.stdout, "columns", own);
      }
    });
  }

  const { train } = tf;
  const trained: [what: string, keras: string, optimizer: () => string | tf.Optimizer][] = [
    ["rmsprop by name", "rmsprop", () => "rmsprop"],
    ["adam by name", "adam", () => "adam"],
    ["sgd by name", "sgd", () => "sgd"],
    ["tfjs' momentum", "momentum", () => train.momentum(0.01, 0.9)],
    ["tfjs' momentum of 0", "sgd", () => train.momentum(0.01, 0)],
    ["tfjs' rmsprop", "rmsprop, momentum", () => train.rmsprop(0.001, 0.9, 0.9)],
    ["tfjs' rmsprop, centred", "rmsprop, centered", () => train.rmsprop(0.1, 0.9, 0.9, 1e-7, true)],
    ["tfjs' adamax", "adamax", () => train.adamax(0.001)],
    ["tfjs' adagrad", "adagrad", () => train.adagrad(0.001)],
    ["tfjs' adadelta", "adadelta", () => train.adadelta(0.001)],
    ["rmsprop", "rmsprop", () => optimizers.rmsprop()],
    ["rmsprop, momentum", "rmsprop, momentum", () => optimizers.rmsprop({ momentum: 0.9 })],
    [
      "rmsprop, centred",
      "rmsprop, centered",
      () => optimizers.rmsprop({ momentum: 0.9, centered: true }),
    ],
    ["sgd", "sgd", () => optimizers.sgd()],
    ["sgd with momentum", "momentum", () => optimizers.sgd({ momentum: 0.9 })],
    ["adam", "adam", () => optimizers.adam()],
    ["adam with amsgrad", "amsgrad", () => optimizers.adam({ amsgrad: true })],
    ["adamW", "adamW", () => optimizers.adamW()],
    ["nadam", "nadam", () => optimizers.nadam()],
    ["adamax", "adamax", () => optimizers.adamax()],
    ["adagrad", "adagrad", () => optimizers.adagrad()],
    ["adadelta", "adadelta", () => optimizers.adadelta()],
    ["ftrl", "ftrl", () => optimizers.ftrl()],
    ["lion by name", "lion", () => "lion"],
    ["adafactor", "adafactor", () => optimizers.adafactor()],
    ["muon", "muon", () => optimizers.muon()],
    [
      "a loss scale",
      "scaled",
      () => optimizers.lossScaleOptimizer({ innerOptimizer: optimizers.adam() }),
    ],
    [
      "averages of weights and gradients",
      "averaged",
      () => optimizers.lamb({ useEma: true, gradientAccumulationSteps: 2 }),
    ],
    [
      "a rate that follows the steps",
      "schedule",
      () =>
        optimizers.sgd({
          learningRate: optimizers.schedules.cosineDecay({
            initialLearningRate: 0.1,
            decaySteps: 10,
          }),
          momentum: 0.9,
        }),
    ],
  ];
  for (const [what, name, optimizer] of trained) {
    it(`counts the optimizer's numbers after training with ${what}`, async () => {
      const model = tf.sequential({
        name: "trained",
        layers: [tf.layers.dense({ units: 3, inputShape: [5], name: "d" })],
      });
      assert.match(keras[name]!, /Optimizer params: [1-9]/);
      model.compile({ optimizer: optimizer(), loss: "meanSquaredError" });
      await fit(model, [tf.zeros([2, 5]), tf.zeros([2, 3])], { verbose: 0 });
      assert.equal(text(model), keras[name]);
    });
  }

  it("refuses options it does not know, and ranges that match nothing", () => {
    const model = convnet("with_pooling", true);
    // @ts-expect-error a typing error
    assert.throws(() => summary(model, { linelength: 80 }), /summary has no option `linelength`/);
    assert.throws(
      () => summary(model, { layerRange: ["x", "y"] }),
      /`layerRange` must be two patterns/,
    );
    assert.throws(() => summary(model, { lineLength: 8 }), /`lineLength` must be wide enough/);
  });
});
