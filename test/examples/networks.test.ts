/** The networks of three examples, trained here and in Keras: the same losses, and the same predictions afterwards. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";
import { network as captcha } from "../../examples/captcha";
import { network as superResolution } from "../../examples/super-resolution";
import { network as unet } from "../../examples/unet";
import { fit, losses, optimizers, predict, saveModel, setSeed, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { largestDifference } from "../support/tensors";

const EPOCHS = 3;

const program = `
import json, sys, numpy as np, keras
from keras import layers as L, ops
folder, epochs = sys.argv[1], int(sys.argv[2])
keras.utils.set_random_seed(1)
random = np.random.default_rng(1)

def enlarger():
    x = small = keras.Input((None, None, 3))
    for filters, size, activation in [(32, 5, "relu"), (32, 3, "relu"), (27, 3, None)]:
        x = L.Conv2D(filters, size, padding="same", activation=activation)(x)
    enlarged = L.UpSampling2D(3, interpolation="bicubic")(small)
    return keras.Model(small, L.Add()([enlarged, ops.depth_to_space(x, 3)]))

def run(model, x, y, loss, rate):
    x = x.astype("float32")
    weights = [w.tolist() for w in model.get_weights()]
    model.compile(keras.optimizers.SGD(rate), loss)
    history = model.fit(x, y, batch_size=len(x), epochs=epochs, shuffle=False, verbose=0).history
    return dict(x=x.tolist(), y=y.tolist(), weights=weights, losses=history["loss"],
        predictions=model.predict(x, verbose=0).tolist())

read = lambda name: keras.models.load_model(f"{folder}/{name}.keras")
# Labels of five, three and four digits; the second has one twice.
digits = np.array([[3, 1, 10, 7, 2], [4, 4, 9, 0, 0], [1, 2, 3, 5, 0]])
answers = dict(
    unet=run(read("unet"), random.uniform(size=(3, 32, 32, 3)), random.integers(0, 4, (3, 32, 32)),
        "sparse_categorical_crossentropy", 0.05),
    captcha=run(read("captcha"), random.uniform(size=(3, 28, 112, 1)), digits, keras.losses.CTC(), 0.001),
    superResolution=run(enlarger(), random.uniform(size=(3, 8, 9, 3)), random.uniform(size=(3, 24, 27, 3)),
        "mean_squared_error", 0.5),
)
json.dump(answers, open(f"{folder}/answers.json", "w"))
`;

interface Answer {
  x: number[];
  y: number[];
  weights: number[][];
  losses: number[];
  predictions: number[];
}

describe("the networks of examples", () => {
  const folder = temporaryFolder();
  after(() => folder[Symbol.dispose]());
  setSeed(1);
  const models = { unet: unet(), captcha: captcha(), superResolution: superResolution() };
  let keras: Record<keyof typeof models, Answer>;
  before(async () => {
    await saveModel(models.unet, folder.join("unet.keras"));
    await saveModel(models.captcha, folder.join("captcha.keras"));
    await runPython(program, [folder.path, String(EPOCHS)]);
    keras = JSON.parse(fs.readFileSync(folder.join("answers.json"), "utf8")) as typeof keras;
  });

  async function learnsAsInKeras(
    name: keyof typeof models,
    { loss, rate, dtype }: { loss: losses.KerasLoss; rate: number; dtype: "int32" | "float32" },
  ): Promise<void> {
    const tensors = tf.memory().numTensors;
    const { [name]: model } = models;
    const { x, y, losses: expected, predictions } = keras[name];
    const data: [tf.Tensor, tf.Tensor] = [tf.tensor(x), tf.tensor(y, undefined, dtype)];
    model.compile({ optimizer: optimizers.sgd({ learningRate: rate }), loss });
    const settings = { epochs: EPOCHS, batchSize: 3, shuffle: false, verbose: 0 } as const;
    const { history } = await fit(model, data, { ...settings, engine: "graph" });
    assert.ok(history.loss![EPOCHS - 1]! < history.loss![0]!, history.loss!.join());
    for (const [epoch, wanted] of expected.entries()) {
      const off = Math.abs(history.loss![epoch]! - wanted) / Math.max(1, wanted);
      assert.ok(off < 1e-5, `loss ${history.loss![epoch]} of epoch ${epoch}, in Keras ${wanted}`);
    }
    const made = await predict(model, data[0], { verbose: 0 });
    const off = largestDifference(made, predictions);
    assert.ok(off < 1e-5, `predictions differ by ${off}`);
    model.dispose();
    tf.dispose([data, made]);
    assert.ok(tf.memory().numTensors < tensors);
  }

  it("unet.ts learns masks as in Keras", () =>
    learnsAsInKeras("unet", {
      ...{ loss: losses.sparseCategoricalCrossentropy(), rate: 0.05, dtype: "int32" },
    }));

  it("captcha.ts learns with CTC as in Keras", () =>
    learnsAsInKeras("captcha", { loss: losses.ctc(), rate: 0.001, dtype: "int32" }));

  it("super-resolution.ts learns through its own layer as Keras through `depth_to_space`", async () => {
    const { superResolution: model } = models;
    tf.tidy(() => model.setWeights(keras.superResolution.weights.map((each) => tf.tensor(each))));
    await learnsAsInKeras("superResolution", {
      ...{ loss: losses.meanSquaredError(), rate: 0.5, dtype: "float32" },
    });
  });
});
