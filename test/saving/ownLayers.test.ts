/** Layers of a user's own, between Keras 3.15.1 and here. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { fit, loadModel, predict, registerKerasLayer, saveModel, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const classes = `
import json, sys, zipfile, numpy as np, keras
folder = sys.argv[1]

@keras.saving.register_keras_serializable(package="mine")
class Scale(keras.layers.Layer):
    def __init__(self, start_value=1.0, **kwargs):
        super().__init__(**kwargs)
        self.start_value = start_value

    def build(self, shape):
        initializer = keras.initializers.Constant(self.start_value)
        self.factor = self.add_weight(name="factor", shape=shape[-1:], initializer=initializer)

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return {**super().get_config(), "start_value": self.start_value}

x = np.linspace(-1, 1, 24, dtype="float32").reshape(8, 3)
y = x[:, :1] * 2
`;

const write = `${classes}
model = keras.Sequential([keras.Input([3]), Scale(0.5, name="scaled"), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.save(f"{folder}/keras.keras")
with zipfile.ZipFile(f"{folder}/keras.keras") as ours, zipfile.ZipFile(f"{folder}/theirs.keras", "w") as theirs:
    for name in ours.namelist():
        theirs.writestr(name, ours.read(name).replace(b'"mine>Scale"', b'"theirs>Scale"'))
before = model.predict(x, verbose=0).ravel().tolist()
losses = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0).history["loss"]
print(json.dumps({"before": before, "losses": losses}))
`;

const again = `${classes}
model = keras.models.load_model(f"{folder}/ours.keras")
assert type(model.layers[0]) is Scale and model.layers[0].start_value == 0.5
print(json.dumps(model.predict(x, verbose=0).ravel().tolist()))
`;

/** As in Python. */
class Scale extends tf.layers.Layer {
  static className = "Scale";
  private readonly startValue: number;
  private factor!: { read(): Tensor };

  constructor(options: { startValue?: number }) {
    super(options as object);
    this.startValue = options.startValue ?? 1;
  }

  override build(shape: number[]): void {
    const initializer = tf.initializers.constant({ value: this.startValue });
    this.factor = this.addWeight("factor", shape.slice(-1), "float32", initializer);
    this.built = true;
  }

  override call(x: Tensor | Tensor[]): Tensor {
    return tf.mul([x].flat()[0]!, this.factor.read());
  }

  override getConfig() {
    return { ...super.getConfig(), startValue: this.startValue };
  }
}

const folder = temporaryFolder();
after(() => folder[Symbol.dispose]());
let keras: { before: number[]; losses: number[] };
before(async () => {
  keras = JSON.parse(await runPython(write, [folder.path]));
});

const x = tf.linspace(-1, 1, 24).reshape([8, 3]);
const y = tf.tidy(() => x.slice([0, 0], [-1, 1]).mul(2));

it("a class that nobody has registered is refused with the way to do it", async () => {
  await assert.rejects(
    loadModel(folder.join("keras.keras")),
    /layer "scaled" \(Scale\) is of an unknown class\. .*`registerKerasLayer` makes a class of yours known/,
  );
});

describe("a registered class", () => {
  before(() => registerKerasLayer("mine>Scale", Scale));

  for (const engine of ["graph", "eager"] as const) {
    it(`is read, predicts and trains as in Keras (${engine})`, async () => {
      const tensors = tf.memory().numTensors;
      const model = await loadModel(folder.join("keras.keras"));
      const outputs = await predict(model, x, { engine, verbose: 0 });
      tf.test_util.expectArraysClose(outputs.dataSync(), keras.before, 1e-6);
      const options = { batchSize: 4, epochs: 2, shuffle: false, verbose: 0 as const, engine };
      const { history } = await fit(model, [x, y], options);
      tf.test_util.expectArraysClose(history.loss!, keras.losses, 1e-6);
      outputs.dispose();
      model.dispose();
      assert.equal(tf.memory().numTensors, tensors);
    });
  }

  it("is Python's class again in what is saved here", async () => {
    const model = await loadModel(folder.join("keras.keras"));
    await fit(model, [x, y], { epochs: 1, verbose: 0 });
    await saveModel(model, folder.join("ours.keras"));
    const outputs = await predict(model, x, { verbose: 0 });
    const reread = JSON.parse(await runPython(again, [folder.path])) as number[];
    tf.test_util.expectArraysClose(outputs.dataSync(), reread, 1e-6);
    outputs.dispose();
    model.dispose();
  });

  it("isn't taken for one of another package", async () => {
    const message = /layer "scaled" \(Scale\) is of an unknown class/;
    await assert.rejects(loadModel(folder.join("theirs.keras")), message);
  });

  for (const [title, name, cls, message] of [
    ["a name that is none", "mine>", Scale, /`registeredName` must be a package and a name/],
    ["a class of another name", "mine>Other", Scale, /`layerClass\.className` must be "Other"/],
    [
      "what is no layer",
      "mine>Date",
      Date,
      /`layerClass` must be a sub-class of tf\.layers\.Layer/,
    ],
    [
      "a name that is Keras' own",
      "mine>Dense",
      class extends Scale {
        static override className = "Dense";
      },
      /There is a layer class Dense already, which is not yours/,
    ],
  ] as const) {
    it(`${title} is refused`, () => {
      assert.throws(() => registerKerasLayer(name, cls as never), message);
    });
  }
});
