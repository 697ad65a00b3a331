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
def prelu(x, alpha=0.2): return tf.nn.relu(x) - alpha * tf.nn.relu(-x)
for name, f in [("abs", tf.abs), ("selu", tf.nn.selu), ("prelu", prelu), ("relu6", tf.nn.relu6)]:
    x = tf.constant(given["corners"])
    with tf.GradientTape() as tape:
        tape.watch(x)
        result = tf.reduce_sum(f(x))
    out[name] = tape.gradient(result, x).numpy().tolist()
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, kernel_regularizer=keras.regularizers.L1(0.1),
    bias_regularizer=keras.regularizers.L1(0.1)), keras.layers.PReLU("ones")])
model.layers[0].set_weights([np.array(given["weights"][0], "float32"), np.zeros(2, "float32")])
model.compile(keras.optimizers.SGD(0.1), "mae")
history = model.fit(np.array([[0, 0], [1, 0]]), np.array([[0, 1], [1, 0.5]]), epochs=3, verbose=0).history["loss"]
out["trained"] = history + sum([w.flatten().tolist() for w in model.get_weights()], [])
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

const corners = [-2, -0.5, 0, 0.5, 2, 6, 7];

describe("gradients are TensorFlow's where several values are the highest, and at 0", () => {
  let python: Record<string, number[]>;
  before(async () => {
    const given = { values, axes, weights, x, y, corners };
    python = JSON.parse(await runPython(program, [JSON.stringify(given)]));
  });

  for (const when of ["before", "after"]) {
    it(`with tf.relu6 at 0 and 6, ${when} native kernels are used`, () => {
      if (when === "after") useNativeKernels();
      const input = tf.tensor1d(corners);
      const gradient = tf.grad((given) => tf.sum(tf.relu6(given as Tensor)))(input);
      assert.deepEqual([...gradient.dataSync()], python.relu6);
      tf.dispose([input, gradient]);
    });
  }

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

  const cornered = {
    abs: tf.abs,
    selu: tf.selu,
    prelu: (given: Tensor) => tf.prelu(given, tf.scalar(0.2)),
  };
  for (const [name, fn] of Object.entries(cornered)) {
    it(`with tf.${name} around 0`, () => {
      useNativeKernels();
      const input = tf.tensor1d(corners);
      const gradient = tf.tidy(() =>
        tf.keep(tf.grad((given) => tf.sum(fn(given as Tensor)))(input)),
      );
      assert.ok(largestDifference(gradient, python[name]!) < 1e-6);
      tf.dispose([input, gradient]);
    });
  }

  for (const engine of ["eager", "graph"] as const) {
    it(`with L1 regularizers of zeros, PReLU of 0 and an error of 0 (${engine})`, async () => {
      const regularizer = () => tf.regularizers.l1({ l1: 0.1 });
      const model = tf.sequential({
        layers: [
          tf.layers.dense({
            units: 2,
            inputShape: [2],
            kernelRegularizer: regularizer(),
            biasRegularizer: regularizer(),
          }),
          tf.layers.prelu({ alphaInitializer: "ones" }),
        ],
      });
      model.layers[0]!.setWeights([tf.tensor(weights[0]!), tf.zeros([2])]);
      model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanAbsoluteError" });
      const data: [Tensor, Tensor] = [
        tf.tensor([
          [0, 0],
          [1, 0],
        ]),
        tf.tensor([
          [0, 1],
          [1, 0.5],
        ]),
      ];
      const { history } = await fit(model, data, { epochs: 3, engine, verbose: 0 });
      const trained = tf.concat([
        tf.tensor1d(history.loss!),
        ...model.getWeights().map((weight) => weight.flatten()),
      ]);
      assert.ok(largestDifference(trained, python.trained!) < 1e-5);
    });

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
