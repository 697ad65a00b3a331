/** Activations, losses and metrics of a user's own, between Keras 3.15.1 and here. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { fit, loadModel, predict, registerKerasFunction, saveModel, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const functions = `
import json, sys, numpy as np, keras
from keras import ops
folder = sys.argv[1]
registered = keras.saving.register_keras_serializable(package="mine")

@registered
def wave(x): return ops.sin(x)

@registered
def cubed(y_true, y_pred): return ops.mean(ops.abs(y_true - y_pred) ** 3, axis=-1)

@registered
def off(y_true, y_pred): return ops.mean(ops.abs(y_true - y_pred), axis=-1)

x = np.linspace(-1, 1, 24, dtype="float32").reshape(8, 3)
y = np.cos(x[:, :2])
weights = np.linspace(0.5, 1.5, 8, dtype="float32")
`;

const write = `${functions}
model = keras.Sequential([keras.Input([3]), keras.layers.Dense(4, activation=wave), keras.layers.Dense(2), keras.layers.Activation(wave)])
model.compile(keras.optimizers.SGD(0.1), cubed, metrics=[off, keras.metrics.MeanMetricWrapper(off, name="mean_off")])
model.save(f"{folder}/keras.keras")
before = model.predict(x, verbose=0).ravel().tolist()
history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0).history
print(json.dumps({"before": before, "history": history}))
`;

const again = `${functions}
model = keras.models.load_model(f"{folder}/ours.keras")
assert model.layers[0].activation is wave and model.loss is cubed
print(json.dumps(list(map(float, model.evaluate(x, y, verbose=0)))))
`;

const wave = (x: Tensor) => tf.sin(x);
const cubed = (yTrue: Tensor, yPred: Tensor) =>
  tf.tidy(() => tf.mean(tf.pow(tf.abs(tf.sub(yTrue, yPred)), 3), -1));
const off = (yTrue: Tensor, yPred: Tensor) =>
  tf.tidy(() => tf.mean(tf.abs(tf.sub(yTrue, yPred)), -1));

const folder = temporaryFolder();
after(() => folder[Symbol.dispose]());
let keras: { before: number[]; history: Record<string, number[]> };
before(async () => {
  keras = JSON.parse((await runPython(write, [folder.path])).trim().split("\n").at(-1)!);
});

const xs = Array.from({ length: 24 }, (_, i) => -1 + (2 * i) / 23);
const inputs = () => tf.tensor2d(xs, [8, 3]);
const targets = () => tf.tidy(() => tf.cos(tf.slice(inputs(), [0, 0], [8, 2])));
const file = (name: string) => `${folder.path}/${name}.keras`;

function close(ours: readonly number[], theirs: readonly number[], what: string): void {
  assert.equal(ours.length, theirs.length, what);
  for (const [i, value] of ours.entries()) {
    assert.ok(Math.abs(value - theirs[i]!) < 1e-5, `${what}: ${value}, Keras ${theirs[i]}`);
  }
}

describe("a function of one's own", () => {
  it("that isn't registered is refused by its name", async () => {
    await assert.rejects(loadModel(file("keras")), /is the activation "mine>wave"|mine>wave/);
  });

  it("computes, trains and is measured as in Keras, on both engines, and leaves no tensors", async () => {
    registerKerasFunction("mine>wave", wave);
    registerKerasFunction("mine>cubed", cubed);
    registerKerasFunction("mine>off", off);
    const tensors = tf.memory().numTensors;
    for (const engine of ["graph", "eager"] as const) {
      const model = await loadModel(file("keras"));
      const [x, y] = [inputs(), targets()];
      const output = (await predict(model, x, { engine, verbose: 0 })) as Tensor;
      close([...output.dataSync()], keras.before, `${engine}: predictions`);
      const options = { batchSize: 4, epochs: 2, shuffle: false, engine, verbose: 0 } as const;
      const { history } = await fit(model, [x, y], options);
      for (const [name, values] of Object.entries(keras.history)) {
        close(history[name]!, values, `${engine}: ${name}`);
      }
      tf.dispose([x, y, output]);
      model.dispose();
    }
    assert.equal(tf.memory().numTensors, tensors);
  });

  it("is saved under its registered name, which Keras reads, and so is one of a model made here", async () => {
    const read = await loadModel(file("keras"));
    const made = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, activation: "mine>wave" as never, inputShape: [3] }),
        tf.layers.dense({ units: 2 }),
        tf.layers.activation({ activation: "mine>wave" as never }),
      ],
    });
    made.setWeights(read.getWeights());
    made.compile({ optimizer: "sgd", loss: cubed, metrics: [off] });
    const evaluated: number[][] = [];
    for (const model of [read, made]) {
      await saveModel(model, file("ours"));
      const printed = await runPython(again, [folder.path]);
      evaluated.push(JSON.parse(printed.trim().split("\n").at(-1)!));
      model.dispose();
    }
    close(evaluated[1]!, evaluated[0]!.slice(0, 2), "as Keras evaluates both");
    assert.equal(evaluated[0]![1], evaluated[0]![2]);
  });

  it("has one name, and is a function", () => {
    assert.throws(() => registerKerasFunction("mine>other", wave), /registered as "mine>wave"/);
    assert.throws(() => registerKerasFunction("mine>3", wave), /`registeredName` must be/);
    assert.throws(() => registerKerasFunction("mine>one", 1 as never), /`fn` must be a function/);
  });
});
