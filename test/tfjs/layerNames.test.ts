/** Names of layers and models that were given none, against those that Keras gives in one process. */
import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import {
  applications,
  clearSession,
  evaluate,
  gradCam,
  layers,
  loadModel,
  saveModel,
  summary,
  tf,
} from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

/** Each makes layers and models as its namesake in Python does, and lists their names. */
const programs: Record<string, () => string[]> = {
  "each class by itself": () =>
    [
      tf.layers.conv2d({ filters: 1, kernelSize: 1 }),
      tf.layers.conv2d({ filters: 1, kernelSize: 1 }),
      tf.layers.conv2d({ filters: 1, kernelSize: 1, name: "mine" }),
      tf.layers.conv2d({ filters: 1, kernelSize: 1 }),
      tf.layers.conv1d({ filters: 1, kernelSize: 1 }),
      tf.layers.conv2dTranspose({ filters: 1, kernelSize: 1 }),
      tf.layers.depthwiseConv2d({ kernelSize: 1 }),
      tf.layers.separableConv2d({ filters: 1, kernelSize: 1 }),
      tf.layers.maxPooling2d({}),
      tf.layers.averagePooling2d({}),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.globalMaxPooling1d(),
      tf.layers.upSampling2d({}),
      tf.layers.zeroPadding2d(),
      tf.layers.cropping2D({ cropping: 1 }),
      tf.layers.batchNormalization(),
      tf.layers.layerNormalization(),
      tf.layers.dense({ units: 1 }),
      tf.layers.flatten(),
      tf.layers.activation({ activation: "relu" }),
      tf.layers.reLU(),
      tf.layers.leakyReLU(),
      tf.layers.prelu(),
      tf.layers.elu(),
      tf.layers.softmax(),
      tf.layers.embedding({ inputDim: 2, outputDim: 2 }),
      tf.layers.simpleRNN({ units: 1 }),
      tf.layers.lstm({ units: 1 }),
      tf.layers.gru({ units: 1 }),
      tf.layers.convLstm2d({ filters: 1, kernelSize: 1 }),
      tf.layers.lstmCell({ units: 1 }),
      tf.layers.gruCell({ units: 1 }),
      tf.layers.simpleRNNCell({ units: 1 }),
      tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 1 }) as tf.RNN }),
      tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 1 }) }),
      tf.layers.add(),
      tf.layers.concatenate(),
      layers.randomFlip(),
      layers.randomFlip(),
      layers.randomRotation({ factor: 0.1 }),
      layers.randomZoom({ heightFactor: 0.1 }),
      layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 }),
      layers.randomContrast({ factor: 0.1 }),
      layers.randomBrightness({ factor: 0.1 }),
      layers.randomCrop({ height: 2, width: 2 }),
      layers.rescaling({ scale: 1 }),
      layers.resizing({ height: 2, width: 2 }),
      layers.centerCrop({ height: 2, width: 2 }),
      layers.normalization(),
      layers.dropout({ rate: 0.5 }),
      tf.layers.dropout({ rate: 0.5 }),
      layers.gaussianNoise({ stddev: 1 }),
    ].map(({ name }) => name),
  "functional models": () => {
    const make = (name?: string) => {
      const inputs = tf.input({ shape: [2] });
      const outputs = tf.layers.dense({ units: 1 }).apply(inputs);
      return tf.model({ inputs, outputs, name });
    };
    return [make(), make("mine"), make()].flatMap((model) => namesIn(model));
  },
  "sequential models, which hold a functional one": () => {
    const first = tf.sequential({
      layers: [tf.layers.dense({ units: 2, inputShape: [2] }), tf.layers.dense({ units: 1 })],
    });
    const second = tf.sequential();
    second.add(tf.layers.dense({ units: 2, inputShape: [2] }));
    second.add(tf.layers.dense({ units: 2 }));
    second.add(tf.layers.dense({ units: 2 }));
    const third = tf.sequential({ layers: [first, tf.layers.dense({ units: 1 })] });
    const inputs = tf.input({ shape: [2] });
    const outputs = tf.layers.dense({ units: 1 }).apply(inputs);
    const models = [first, second, tf.model({ inputs, outputs })];
    return [...models.flatMap(namesIn), third.name];
  },
};

const python = `
import json, keras
from keras import layers as L
def names(model):
    inputs = [t._keras_history.operation.name for t in model.inputs]
    return [model.name, *inputs, *[l.name for l in model.layers if not isinstance(l, L.InputLayer)]]
out = {}
keras.utils.clear_session()
out["each class by itself"] = [l.name for l in [
    L.Conv2D(1, 1), L.Conv2D(1, 1), L.Conv2D(1, 1, name="mine"), L.Conv2D(1, 1), L.Conv1D(1, 1), L.Conv2DTranspose(1, 1),
    L.DepthwiseConv2D(1), L.SeparableConv2D(1, 1), L.MaxPooling2D(2), L.AveragePooling2D(2),
    L.GlobalAveragePooling2D(), L.GlobalMaxPooling1D(), L.UpSampling2D(), L.ZeroPadding2D(), L.Cropping2D(1),
    L.BatchNormalization(), L.LayerNormalization(), L.Dense(1), L.Flatten(), L.Activation("relu"), L.ReLU(),
    L.LeakyReLU(), L.PReLU(), L.ELU(), L.Softmax(), L.Embedding(2, 2), L.SimpleRNN(1), L.LSTM(1), L.GRU(1),
    L.ConvLSTM2D(1, 1), L.LSTMCell(1), L.GRUCell(1), L.SimpleRNNCell(1), L.Bidirectional(L.LSTM(1)), L.TimeDistributed(L.Dense(1)), L.Add(), L.Concatenate(),
    L.RandomFlip(), L.RandomFlip(), L.RandomRotation(0.1), L.RandomZoom(0.1), L.RandomTranslation(0.1, 0.1),
    L.RandomContrast(0.1), L.RandomBrightness(0.1), L.RandomCrop(2, 2), L.Rescaling(1), L.Resizing(2, 2),
    L.CenterCrop(2, 2), L.Normalization(), L.Dropout(0.5), L.Dropout(0.5), L.GaussianNoise(1)]]
keras.utils.clear_session()
def make(name=None):
    inputs = keras.Input((2,))
    return keras.Model(inputs, L.Dense(1)(inputs), name=name)
out["functional models"] = [n for m in [make(), make("mine"), make()] for n in names(m)]
keras.utils.clear_session()
first = keras.Sequential([L.Dense(2, input_shape=(2,)), L.Dense(1)])
second = keras.Sequential()
second.add(L.Dense(2, input_shape=(2,)))
second.add(L.Dense(2))
second.add(L.Dense(2))
third = keras.Sequential([first, L.Dense(1)])
inputs = keras.Input((2,))
fourth = keras.Model(inputs, L.Dense(1)(inputs))
out["sequential models, which hold a functional one"] = [n for m in [first, second, fourth] for n in names(m)] + [third.name]
keras.utils.clear_session()
keras.Input((2,))
L.GlobalAveragePooling2D()
net = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(96, 96, 3), pooling="avg", alpha=0.35)
out["application"] = names(net)
print(json.dumps(out))
`;

function namesIn(model: tf.LayersModel): string[] {
  const inner = model.layers.filter((layer) => layer.getClassName() !== "InputLayer");
  return [model.name, ...inputsOf(model), ...inner.map(({ name }) => name)];
}

const inputsOf = ({ inputs }: tf.LayersModel) => inputs.map(({ sourceLayer }) => sourceLayer.name);

let keras: Record<string, string[]>;

before(async () => {
  keras = JSON.parse(await runPython(python));
});

beforeEach(() => clearSession());

describe("names are Keras'", () => {
  for (const [name, make] of Object.entries(programs)) {
    it(`of ${name}`, () => {
      assert.deepEqual(make(), keras[name]);
    });
  }

  it("of applications, which count their inputs and poolings alone", async () => {
    tf.input({ shape: [2] });
    tf.layers.globalAveragePooling2d({});
    const network = await applications.mobileNetV2({
      ...{ weights: null, includeTop: false, pooling: "avg", alpha: 0.35 },
      inputShape: [96, 96, 3],
    });
    assert.deepEqual(namesIn(network), keras.application);
    network.dispose();
  });
});

describe("a layer's name", () => {
  it("that is given stays, be it one that tfjs or Keras would make up", () => {
    for (const name of ["conv2d_Conv2D1", "conv2d_Conv2D2", "conv2d_7", "input1"]) {
      assert.equal(tf.layers.conv2d({ filters: 1, kernelSize: 1, name }).name, name);
      assert.equal(tf.input({ shape: [1], name }).name, name);
    }
    assert.equal(tf.sequential({ name: "sequential_1" }).name, "sequential_1");
    assert.equal(tf.layers.conv2d({ filters: 1, kernelSize: 1 }).name, "conv2d");
  });

  it("of a class of one's own follows from the class, however it says its name", () => {
    class ByField extends tf.layers.Layer {
      static className = "ByField";
    }
    class ByMethod extends tf.layers.Layer {
      override getClassName(): string {
        return "ByMethod";
      }
    }
    class Private extends tf.layers.Layer {
      static className = "_Private";
    }
    const made = [ByField, ByMethod, Private].flatMap((Class) => [new Class(), new Class()]);
    assert.deepEqual(
      made.map(({ name }) => name),
      [
        "by_field",
        "by_field_1",
        "by_method",
        "by_method_1",
        "private__private",
        "private__private_1",
      ],
    );
    assert.equal(new ByMethod({ name: "mine" }).name, "mine");
  });

  it("can be changed", () => {
    const layer = tf.layers.flatten();
    layer.name = "flat";
    assert.equal(layer.name, "flat");
    assert.deepEqual(Object.keys(layer).includes("name"), true);
  });

  it("begins the names of its weights, and those of two layers of one name differ", () => {
    const make = () => tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    const first = make();
    clearSession();
    const second = make();
    assert.deepEqual([first.layers[0]!.name, second.layers[0]!.name], ["dense", "dense"]);
    const names = [first, second].flatMap((model) => model.weights.map(({ name }) => name));
    assert.ok(
      names.every((name) => /^dense\/(kernel|bias)(_\d+)?$/.test(name)),
      names.join(),
    );
    assert.equal(new Set(names).size, 4);
    for (const model of [first, second]) model.dispose();
  });

  it("isn't counted for what gradCam needs", () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 1, kernelSize: 1, inputShape: [2, 2, 1] }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2, activation: "softmax" }),
      ],
    });
    const picture = tf.ones([2, 2, 1]) as tf.Tensor3D;
    tf.dispose([picture, gradCam(model, picture)]);
    assert.equal(tf.layers.activation({ activation: "relu" }).name, "activation");
    model.dispose();
  });

  it("of a recurrent layer begins the names of its weights, each its own", () => {
    const model = tf.sequential({
      layers: [
        tf.layers.lstm({ units: 1, inputShape: [2, 1], returnSequences: true }),
        tf.layers.lstm({ units: 1 }),
      ],
    });
    const names = model.weights.map((weight) => weight.originalName);
    assert.deepEqual(names.slice(0, 1), ["lstm/kernel"]);
    assert.equal(new Set(names).size, 6, names.join());
    assert.equal(tf.layers.lstmCell({ units: 1 }).name, "lstm_cell");
    model.dispose();
  });

  it("is what a summary and the numbers of several outputs show", async () => {
    const inputs = tf.input({ shape: [2] });
    const outputs = [1, 1].map((units) => tf.layers.dense({ units }).apply(inputs));
    const model = tf.model({ inputs, outputs });
    const lines: string[] = [];
    summary(model, { printFn: (text) => lines.push(text) });
    assert.match(
      lines.join("\n"),
      /Model: "functional"[\s\S]*dense \(Dense\)[\s\S]*dense_1 \(Dense\)/,
    );
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const [x, y] = [tf.ones([4, 2]), tf.ones([4, 1])];
    const measured = await evaluate(model, [x, [y, y]], { verbose: 0 });
    assert.equal(measured.length, 3);
    assert.deepEqual([measured.dense_loss, measured.dense_1_loss], measured.slice(1));
    tf.dispose([x, y]);
    model.dispose();
  });
});

describe("a file's names", () => {
  const names = [
    "conv2d_Conv2D1",
    "max_pooling2d_MaxPooling2D1",
    "flatten_Flatten1",
    "dense_Dense1",
  ];
  const make = () =>
    tf.sequential({
      name: "sequential_1",
      layers: [
        tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1], name: names[0] }),
        tf.layers.maxPooling2d({ name: names[1] }),
        tf.layers.flatten({ name: names[2] }),
        tf.layers.dense({ units: 1, name: names[3] }),
      ],
    });

  it("of this library before are kept, whatever was made since", async () => {
    using folder = temporaryFolder();
    const model = make();
    const file = folder.join("before.keras");
    await saveModel(model, file);
    tf.layers.conv2d({ filters: 1, kernelSize: 1 });
    const loaded = await loadModel(file);
    assert.deepEqual(
      [loaded.name, ...loaded.layers.map(({ name }) => name)],
      ["sequential_1", ...names],
    );
    assert.deepEqual(inputsOf(loaded), inputsOf(model), "the input's too");
    const x = tf.ones([2, 8, 8, 1]);
    const [one, other] = [model, loaded].map((each) => (each.predict(x) as tf.Tensor).dataSync());
    assert.deepEqual(one, other);
    tf.dispose(x);
    for (const each of [model, loaded]) each.dispose();
  });

  it("of a functional model are kept, and its calls are found by them", async () => {
    using folder = temporaryFolder();
    const inputs = tf.input({ shape: [4], name: "input1" });
    const dense = tf.layers.dense({ units: 4, name: "dense_Dense1" }).apply(inputs);
    const outputs = tf.layers.add({ name: "add_Add1" }).apply([inputs, dense]);
    const model = tf.model({ inputs, outputs, name: "model1" });
    await saveModel(model, folder.join("before.keras"));
    clearSession();
    const loaded = await loadModel(folder.join("before.keras"));
    assert.deepEqual(namesIn(loaded), ["model1", "input1", "dense_Dense1", "add_Add1"]);
    const topology = model.toJSON(undefined, false);
    const again = await tf.models.modelFromJSON({ modelTopology: topology } as never);
    assert.deepEqual(namesIn(again), namesIn(model), "tfjs' own JSON too");
    for (const each of [model, loaded, again]) each.dispose();
  });
});
