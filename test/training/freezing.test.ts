/** `trainable` changed between two fits, against Python Keras: it waits for the next `compile`. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { fit, optimizers, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { numbersOf, tensorCount } from "./models";

const program = `
import json, sys, numpy as np, keras
L = keras.layers
given = json.loads(sys.argv[1])
out = {}
for name, c in given["cases"].items():
    model = keras.Sequential([keras.Input((3,)), L.Dense(4, use_bias=False), L.BatchNormalization(), L.Dense(1, kernel_regularizer="l2")])
    for layer, weights in zip(model.layers, given["weights"]): layer.set_weights([np.array(w, "float32") for w in weights])
    optimizer = keras.optimizers.SGD(0.1) if c["optimizer"] == "sgd" else keras.optimizers.Adam(0.1)
    model.compile(optimizer, "mse")
    history = []
    for flags in c["flags"]:
        if isinstance(flags, bool): model.trainable = flags
        else:
            for layer, flag in zip(model.layers, flags): layer.trainable = flag
        history += model.fit(np.array(given["x"]), np.array(given["y"]), epochs=2, verbose=0).history["loss"]
    model.trainable = True
    weights = [w.flatten().tolist() for layer in model.layers for w in layer.get_weights()]
    out[name] = dict(history=history, weights=sum(weights, []))
print(json.dumps(out))
`;

/** What a fit is preceded by: flags of the three layers, or one of the model. */
type Flags = [boolean, boolean, boolean] | boolean;

interface Case {
  optimizer: "sgd" | "adam";
  flags: Flags[];
  /** What each fit says: nothing, or something with these words. */
  says: (RegExp | undefined)[];
}

const all: Flags = [true, true, true];
const none: Flags = [false, false, false];
const late = (layers: string) => new RegExp(`trained \\(${layers}\\), and has no effect before`);

const cases: Record<string, Case> = {
  "a kernel and a norm frozen after a fit": {
    optimizer: "sgd",
    flags: [all, [false, false, true]],
    says: [undefined, late("first, norm")],
  },
  "a norm frozen after a fit, and again": {
    optimizer: "adam",
    flags: [all, [true, false, true], [true, false, true]],
    says: [undefined, late("norm"), late("norm")],
  },
  "everything frozen after a fit": {
    optimizer: "sgd",
    flags: [all, none],
    says: [undefined, late("first, norm, last")],
  },
  "the model frozen after a fit": {
    optimizer: "adam",
    flags: [all, false],
    says: [undefined, late("first, norm, last")],
  },
  "a kernel and a norm unfrozen after a fit": {
    optimizer: "sgd",
    flags: [[false, false, true], all],
    says: [undefined, late("first, norm")],
  },
  "a kernel frozen, and unfrozen again": {
    optimizer: "adam",
    flags: [all, [false, true, true], all],
    says: [undefined, late("first"), undefined],
  },
  "everything frozen before the first fit": {
    optimizer: "sgd",
    flags: [none],
    says: [/has no trainable weights/],
  },
};

function build(): LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, useBias: false, inputShape: [3], name: "first" }),
      tf.layers.batchNormalization({ name: "norm" }),
      tf.layers.dense({
        units: 1,
        kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }),
        name: "last",
      }),
    ],
  });
}

const x = tf.tidy(() => tf.cos(tf.range(1, 25)).reshape([8, 3]));
const y = tf.tidy(() => tf.sin(tf.range(1, 9)).reshape([8, 1]));
/** Of each layer. */
const initial = build().layers.map((layer) =>
  layer
    .getWeights()
    .map(({ shape, size }, i) =>
      tf.tidy(() => tf.abs(tf.sin(tf.range(i + 1, size + i + 1)).reshape(shape))),
    ),
);

function assertClose(actual: number[], expected: number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[i]!) < 1e-4, `${actual} is not ${expected}`);
  }
}

describe("what `fit` trains is settled by the first one after `compile`, as in Keras", () => {
  let keras: Record<string, { history: number[]; weights: number[] }>;
  before(async () => {
    const weights = initial.map((each) => each.map((weight) => weight.arraySync()));
    const given = { cases, weights, x: x.arraySync(), y: y.arraySync() };
    keras = JSON.parse(await runPython(program, [JSON.stringify(given)]));
  });

  for (const [name, { optimizer, flags, says }] of Object.entries(cases)) {
    for (const engine of ["eager", "graph"] as const) {
      it(`with ${name} (${engine})`, async (t) => {
        const warn = t.mock.method(console, "warn", () => {});
        const model = build();
        for (const [i, layer] of model.layers.entries()) layer.setWeights(initial[i]!);
        model.compile({
          optimizer:
            optimizer === "sgd" ? tf.train.sgd(0.1) : optimizers.adam({ learningRate: 0.1 }),
          loss: "meanSquaredError",
        });
        const losses: number[] = [];
        let count = tensorCount();
        for (const [i, each] of flags.entries()) {
          if (typeof each === "boolean") model.trainable = each;
          else for (const [j, layer] of model.layers.entries()) layer.trainable = each[j]!;
          const { history } = await fit(model, [x, y], { epochs: 2, engine, verbose: 0 });
          losses.push(...history.loss!);
          const said = warn.mock.calls.map(({ arguments: [text] }) => String(text));
          warn.mock.resetCalls();
          const expected = says[i];
          if (expected === undefined) assert.deepEqual(said, []);
          else assert.match(said.join(), expected);
          if (i === 0) count = tensorCount(); // the optimizer's own are there
        }
        assert.equal(tensorCount(), count);
        assertClose(losses, keras[name]!.history);
        model.trainable = true; // frozen weights would come in another order
        assertClose(model.layers.flatMap(numbersOf), keras[name]!.weights);
        model.dispose();
      });
    }
  }
});
