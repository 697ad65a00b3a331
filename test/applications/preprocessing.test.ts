/** Before and after a network: pixels and names, beside Keras'. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { after, before, test } from "node:test";
import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { imagenetClasses } from "../../lib/applications/imagenetClasses";
import { applications, layers, loadModel, saveModel, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { pixels } from "./pixels";

const { vgg16, mobileNetV2, denseNet121 } = applications;
const folder = temporaryFolder();
const shape: [number, number, number, number] = [2, 5, 7, 3];

/** Preprocesses in both of Keras' ways, names classes, and runs the models that were saved here. */
const program = `
import json, os, pathlib, sys
folder = pathlib.Path(sys.argv[1])
os.environ["KERAS_HOME"] = str(folder)
import keras, numpy as np, tensorflow as tf
x = (np.arange(2 * 5 * 7 * 3, dtype="int64") * 7919 % 256).astype("float32").reshape(2, 5, 7, 3)
found = {}
modules = dict(
    vgg16=keras.applications.vgg16, mobileNetV2=keras.applications.mobilenet_v2, denseNet121=keras.applications.densenet
)
for name, module in modules.items():
    found[name] = dict(
        array=module.preprocess_input(x.copy()).flatten().tolist(),
        tensor=np.asarray(module.preprocess_input(tf.constant(x))).flatten().tolist(),
        model=keras.models.load_model(folder / f"{name}.keras").predict(x, verbose=0).flatten().tolist(),
    )
scores = (np.arange(2000, dtype="int64") * 7919 % 2003 / 2003).astype("float32").reshape(2, 1000)
names = keras.applications.vgg16.decode_predictions(scores, top=3)
found["names"] = [[[a, b, float(c)] for a, b, c in image] for image in names]
print(json.dumps(found))
`;

interface Expected {
  array: number[];
  tensor: number[];
  model: number[];
}
const networks = { vgg16, mobileNetV2, denseNet121 };
const names = Object.keys(networks) as (keyof typeof networks)[];
let keras: Record<keyof typeof networks, Expected> & { names: [string, string, number][][] };

/** A model that preprocesses, and nothing else but a first layer that makes it more than one. */
function model(network: keyof typeof networks) {
  const inputs = tf.input({ shape: [5, 7, 3] });
  const flipped = layers.randomFlip().apply(inputs) as SymbolicTensor;
  return tf.model({ inputs, outputs: networks[network].preprocessInput(flipped) });
}

before(async () => {
  for (const name of names) {
    const made = model(name);
    await saveModel(made, folder.join(`${name}.keras`));
    made.dispose();
  }
  // Keras checks its MD5: what is here is Keras' own file, byte for byte.
  const rows = imagenetClasses().map(([id, name], i) => `"${i}": ["${id}", "${name}"]`);
  const text = `{${rows.join(", ")}}`;
  await fs.mkdir(folder.join("models"));
  await fs.writeFile(folder.join("models", "imagenet_class_index.json"), text);
  keras = JSON.parse((await runPython(program, [folder.path])).trim().split("\n").at(-1)!);
});

after(() => folder[Symbol.dispose]());

for (const name of names) {
  const { preprocessInput } = networks[name];

  test(`${name}.preprocessInput() gives Keras' numbers, to the last bit`, () => {
    const tensors = tf.memory().numTensors;
    const x = pixels(shape);
    const y = preprocessInput(x);
    assert.equal(tf.memory().numTensors, tensors + 2);
    assert.equal(y.dtype, "float32");
    assert.deepEqual(y.shape, shape);
    assert.deepEqual([...y.dataSync()], keras[name].tensor);
    assert.deepEqual([...y.dataSync()], keras[name].array);
    const whole = tf.tidy(() => preprocessInput(tf.cast(x, "int32")));
    assert.deepEqual(whole.dataSync(), y.dataSync());
    const one = tf.tidy(() => preprocessInput(tf.unstack(x)[1]!));
    assert.deepEqual([...one.dataSync()], keras[name].tensor.slice(5 * 7 * 3));
    tf.dispose([x, y, whole, one]);
    assert.equal(tf.memory().numTensors, tensors);
  });

  test(`${name}.preprocessInput() inside a model: the same, saved and loaded too, here and in Keras`, async () => {
    const tensors = tf.memory().numTensors;
    const made = model(name);
    const loaded = await loadModel(folder.join(`${name}.keras`));
    const x = pixels(shape);
    for (const each of [made, loaded]) {
      const y = each.predict(x) as Tensor;
      assertClose([...y.dataSync()], keras[name].tensor);
      assert.equal(each.countParams(), 0);
      y.dispose();
    }
    assertClose(keras[name].model, keras[name].tensor);
    made.dispose();
    loaded.dispose();
    x.dispose();
    assert.equal(tf.memory().numTensors, tensors);
  });

  test(`${name}.preprocessInput() refuses what is no image`, () => {
    const grey = tf.zeros([2, 4, 4, 1]);
    assert.throws(() => preprocessInput(grey), /`x` must be a tensor of RGB images/);
    assert.throws(() => preprocessInput([1, 2, 3] as never), /Received: x=\[1,2,3\]/);
    assert.throws(() => preprocessInput(tf.input({ shape: [4] })), /RGB images/);
    grey.dispose();
  });
}

test("decodePredictions() names the classes that Keras names", () => {
  const scores = Float32Array.from({ length: 2000 }, (_, i) => ((i * 7919) % 2003) / 2003);
  const tensor = tf.tensor2d(scores, [2, 1000]);
  const found = vgg16.decodePredictions(tensor, { top: 3 });
  const rows = found.map((image) =>
    image.map(({ className, classDescription, score }) => [className, classDescription, score]),
  );
  assert.deepEqual(rows, keras.names);
  assert.deepEqual(mobileNetV2.decodePredictions(tensor)[1]!.length, 5);
  tensor.dispose();
});

test("decodePredictions() refuses other shapes and counts", () => {
  const five = tf.zeros([2, 5]);
  const all = tf.zeros([1, 1000]);
  assert.throws(() => vgg16.decodePredictions(five), /of the shape \[images, 1000\]/);
  for (const none of [null, [[0.5]], tf.input({ shape: [1000] })]) {
    assert.throws(() => vgg16.decodePredictions(none as never), /must be a tensor of the shape/);
  }
  assert.throws(
    () => vgg16.decodePredictions(all, { top: 0 }),
    /`top` must be a whole number from 1 to 1000/,
  );
  tf.dispose([five, all]);
});

function assertClose(found: number[], expected: number[]): void {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) <= 1e-6 * Math.max(1, Math.abs(expected[i]!)));
  });
}

test("networks of a mode share one function", () => {
  const { resNet50, resNet152, resNet50V2, inceptionV3, xception, denseNet201 } = applications;
  const shared = [
    ["caffe", vgg16, resNet50, resNet152],
    ["tf", mobileNetV2, resNet50V2, inceptionV3, xception],
    ["torch", denseNet121, denseNet201],
  ] as const;
  for (const [mode, first, ...others] of shared) {
    assert.equal(first.preprocessInput.mode, mode);
    for (const each of others) assert.equal(each.preprocessInput, first.preprocessInput);
  }
});
