/** Gradients that the library registers with tfjs, against TensorFlow's own in Python. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { fit, tf } from "../../lib/index";
import { useNativeKernels } from "../../lib/tfjs";
import { runPython } from "../support/python";
import { largestDifference, leavesNoTensors } from "../support/tensors";

const program = `
import json, sys, numpy as np, keras, tensorflow as tf
given = json.loads(sys.argv[1])
values = np.array(given["values"], "float32")
out = {}
for kind in ["max", "min"]:
    for axis in given["axes"]:
        for keep in [False, True]:
            x = tf.constant(values)
            with tf.GradientTape() as tape:
                tape.watch(x)
                result = tf.reduce_sum(tf.square(getattr(tf, f"reduce_{kind}")(x, axis, keepdims=keep)))
            out[f"{kind} {json.dumps(axis).replace(' ', '')} {keep}"] = tape.gradient(result, x).numpy().flatten().tolist()
for name, layer, shape in [("1d", "GlobalMaxPooling1D", (9, 2)), ("2d", "GlobalMaxPooling2D", (3, 3, 2))]:
    model = keras.Sequential([keras.Input(shape), keras.layers.Dense(2, activation="relu"), getattr(keras.layers, layer)()])
    model.set_weights([np.array(w, "float32") for w in given["weights"]])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    x, y = np.array(given["x"], "float32").reshape((-1, *shape)), np.array(given["y"], "float32")
    history = model.fit(x, y, epochs=3, verbose=0).history["loss"]
    out[name] = history + sum([w.flatten().tolist() for w in model.get_weights()], [])
print(json.dumps(out))
`;

/** Several values are the highest, several the lowest. */
const values = [
  [
    [1, 3, 3],
    [3, 1, 2],
  ],
  [
    [2, 2, 2],
    [0, 2, 0],
  ],
];
const axes = [null, 0, 1, -1, [0, 2]];
const weights = [
  [
    [1, 0.5],
    [1, -1],
  ],
  [0.25, 0.5],
];
const x = Array.from({ length: 36 }, (_, i) => [2, 2, -1, 0.5][(i >> 1) % 4]!);
const y = [
  [1, 2],
  [0, 1],
];

describe("several highest values share a gradient, as in TensorFlow", () => {
  let python: Record<string, number[]>;
  before(async () => {
    const given = { values, axes, weights, x, y };
    python = JSON.parse(await runPython(program, [JSON.stringify(given)]));
  });

  for (const kind of ["max", "min"] as const) {
    for (const axis of axes) {
      for (const keepDims of [false, true]) {
        it(`with tf.${kind} over ${JSON.stringify(axis)}${keepDims ? ", dimensions kept" : ""}`, () => {
          useNativeKernels();
          const input = tf.tensor(values);
          const extreme = (given: Tensor) => tf[kind](given, axis ?? undefined, keepDims);
          const gradient = leavesNoTensors(() =>
            tf.tidy(() =>
              Array.from(
                tf
                  .grad((given) => tf.sum(tf.square(extreme(given as Tensor))))(input)
                  .dataSync(),
              ),
            ),
          );
          const key = `${kind} ${JSON.stringify(axis)} ${keepDims ? "True" : "False"}`;
          assert.deepEqual(gradient, python[key]);
          input.dispose();
        });
      }
    }
  }

  for (const engine of ["eager", "graph"] as const) {
    for (const kind of ["1d", "2d"] as const) {
      it(`with globalMaxPooling${kind} (${engine})`, async () => {
        const shape = kind === "1d" ? [9, 2] : [3, 3, 2];
        const model = tf.sequential({
          layers: [
            tf.layers.dense({ units: 2, activation: "relu", inputShape: shape }),
            kind === "1d" ? tf.layers.globalMaxPooling1d({}) : tf.layers.globalMaxPooling2d({}),
          ],
        });
        model.setWeights(weights.map((weight) => tf.tensor(weight)));
        model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
        const data: [Tensor, Tensor] = [tf.tensor(x, [2, ...shape]), tf.tensor(y)];
        const { history } = await fit(model, data, { epochs: 3, engine, verbose: 0 });
        const trained = tf.concat([
          tf.tensor1d(history.loss!),
          ...model.getWeights().map((weight) => weight.flatten()),
        ]);
        assert.ok(largestDifference(trained, python[kind]!) < 1e-5);
      });
    }
  }
});
