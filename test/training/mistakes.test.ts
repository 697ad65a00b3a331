/** What people type who come from Python's Keras or from tfjs' pages, and what they are told. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import {
  ConvnetsError,
  evaluate,
  type FitOptions,
  fit,
  InvalidArgumentError,
  loadModel,
  saveModel,
  tf,
} from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { points, tensorCount } from "./models";

function uncompiled(units = 1): LayersModel {
  const head = tf.layers.dense({ units, activation: units === 1 ? "sigmoid" : "softmax" });
  const first = tf.layers.dense({ units: 4, activation: "relu", inputShape: [2] });
  return tf.sequential({ layers: [first, head] });
}

function told(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ConvnetsError, String(error));
    return `${error.message} ${error.hint}`;
  }
  return assert.fail("nothing was thrown");
}

async function toldLater(run: () => Promise<unknown>): Promise<string> {
  let thrown: unknown;
  await run().catch((error: unknown) => {
    thrown = error;
  });
  return told(() => {
    throw thrown;
  });
}

const quiet = { verbose: 0, batchSize: 8 } as const;

describe("Keras' names", () => {
  it("of losses, optimizers and metrics are taken, and metrics are logged as they were typed", async () => {
    const model = uncompiled(2);
    model.compile({
      optimizer: "RMSprop",
      loss: "sparse_categorical_crossentropy",
      metrics: ["sparse_categorical_accuracy", "acc"],
    });
    assert.equal(model.loss, "sparseCategoricalCrossentropy");
    const [x, y] = points(16);
    const { history } = await fit(model, [x, y], quiet);
    assert.deepEqual(Object.keys(history), ["acc", "loss", "sparse_categorical_accuracy"]);
    assert.deepEqual(history.acc, history.sparse_categorical_accuracy);
    tf.dispose([x, y]);
    model.dispose();
  });

  it("mean what tfjs' own mean", async () => {
    const [x, y] = points(16);
    const pairs: [typed: string, name: string][] = [
      ["mse", "meanSquaredError"],
      ["mean_absolute_error", "meanAbsoluteError"],
      ["log_cosh", "logcosh"],
      ["kl_divergence", "kullbackLeiblerDivergence"],
      ["binary_crossentropy", "binaryCrossentropy"],
      ["BinaryCrossentropy", "binaryCrossentropy"],
    ];
    const model = uncompiled();
    for (const [typed, name] of pairs) {
      const losses: unknown[] = [];
      for (const loss of [typed, name]) {
        model.compile({ optimizer: "sgd", loss });
        losses.push(await evaluate(model, [x, y], quiet));
      }
      assert.deepEqual(losses[0], losses[1], typed);
    }
    tf.dispose([x, y]);
    model.dispose();
  });

  it("of metrics are written into files as Keras reads them", async () => {
    using folder = temporaryFolder();
    const file = folder.join("model.keras");
    const model = uncompiled();
    const metrics = ["binary_accuracy", "mean_squared_error", "auc"];
    model.compile({ optimizer: "adam", loss: "binary_crossentropy", metrics });
    await saveModel(model, file);
    const [x, y] = points(16);
    const here = await evaluate(model, [x, y], { ...quiet, returnDict: true });
    const again = await loadModel(file);
    assert.deepEqual(
      Object.values(await evaluate(again, [x, y], { ...quiet, returnDict: true })),
      Object.values(here),
    );
    const printed = await runPython(
      `import json, sys, keras, numpy as np
x, y = (np.array(each) for each in json.loads(sys.argv[2]))
model = keras.models.load_model(sys.argv[1])
print(json.dumps(model.evaluate(x, y, batch_size=8, verbose=0, return_dict=True)))`,
      [file, JSON.stringify([x.arraySync(), y.arraySync()])],
    );
    const there: Record<string, number> = JSON.parse(printed);
    assert.deepEqual(Object.keys(there).sort().length, Object.keys(here).length);
    for (const [name, value] of Object.entries(here)) {
      const other = there[name] ?? there.mse!;
      assert.ok(Math.abs(value - other) < 1e-5, `${name}: ${value}, ${other}`);
    }
    tf.dispose([x, y]);
    for (const each of [model, again]) each.dispose();
  });

  it("of activations and initializers make the layers that tfjs' names make", () => {
    const pairs: [object, object][] = [
      [{ activation: "log_softmax" }, { activation: "logSoftmax" }],
      [{ activation: "silu" }, { activation: "swish" }],
      [{ kernelInitializer: "he_normal" }, { kernelInitializer: "heNormal" }],
      [{ kernelInitializer: "glorot_uniform" }, { kernelInitializer: "glorotUniform" }],
      [{ biasInitializer: "truncated_normal" }, { biasInitializer: "truncatedNormal" }],
    ];
    for (const [typed, own] of pairs) {
      const [one, other] = [typed, own].map((options) =>
        JSON.stringify(
          tf.layers.dense({ units: 2, name: "same", ...options }).getConfig(),
          (_, value: unknown) => value ?? null,
        ),
      );
      assert.equal(one, other);
    }
  });

  it("that nobody has are refused, with the one that was meant", () => {
    const model = uncompiled();
    const sgd = { optimizer: "sgd", loss: "hinge" };
    const wrong: [Parameters<LayersModel["compile"]>[0], RegExp][] = [
      [{ ...sgd, optimizer: "rmspropp" }, /`optimizer` must be one of.*Did you mean `"rmsprop"`\?/],
      [{ ...sgd, optimizer: "adamww" }, /`optimizer` must be one of.*Did you mean `"adamW"`\?/],
      [
        { ...sgd, loss: "binary_crosentropy" },
        /`loss` must be.*Did you mean `"binaryCrossentropy"`/,
      ],
      [{ ...sgd, metrics: ["acuracy"] }, /`metrics` must be one of.*Did you mean `"accuracy"`/],
      [{ ...sgd, lossWeights: [1, 2] }, /`lossWeights` must be a number for each output/],
    ];
    for (const [args, message] of wrong)
      assert.match(
        told(() => model.compile(args)),
        message,
      );
    assert.match(
      told(() => model.compile({ ...sgd, loss: "nothing like it" })),
      /undefined$/,
    );
    model.dispose();
  });
});

describe("a clear sentence tells", () => {
  it("that fit and evaluate take inputs and labels as one list", async () => {
    const model = uncompiled();
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const [x, y] = points(8);
    const labels = y as unknown as FitOptions;
    const wrong = {
      fit: () => fit(model, x as never, labels),
      evaluate: () => evaluate(model, x as never, labels as never),
    };
    for (const [name, run] of Object.entries(wrong)) {
      const text = await toldLater(run as () => Promise<unknown>);
      assert.match(
        text,
        new RegExp(`^${name} takes inputs and labels as one list\\..*${name}\\(model, \\[x, y\\]`),
      );
    }
    tf.dispose([x, y]);
    model.dispose();
  });

  it("that tfjs' own fit isn't this one, once", async (context) => {
    const warn = context.mock.method(console, "warn", () => undefined);
    const model = uncompiled();
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const [x, y] = points(8);
    for (let i = 0; i < 2; i++) await model.fit(x, y, { verbose: 0 });
    const texts = warn.mock.calls.map(({ arguments: [text] }) => String(text));
    assert.equal(texts.filter((text) => /Use `await fit\(model, \[x, y\]/.test(text)).length, 1);
    tf.dispose([x, y]);
    model.dispose();
  });

  it("which layer leaves nothing of a small picture, before there are weights for it", () => {
    const before = tensorCount();
    const conv = (name: string) => tf.layers.conv2d({ filters: 2, kernelSize: 3, name });
    const inputs = tf.input({ shape: [3, 9, 1] });
    const make = () => conv("second").apply(tf.layers.maxPooling2d({ poolSize: 2 }).apply(inputs));
    assert.match(
      told(make),
      /The layer "second" leaves nothing of its input: \[null, 1, 4, 1\] would become \[null, -1, 2, 2\]\. Give larger pictures/,
    );
    const pool = tf.layers.averagePooling2d({ poolSize: 4, name: "pool", inputShape: [3, 3, 1] });
    assert.match(
      told(() => tf.sequential({ layers: [pool] })),
      /The layer "pool" leaves nothing/,
    );
    assert.equal(tensorCount(), before);
  });

  it("that a dataset can be read once only, in the second epoch", async () => {
    const model = uncompiled();
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    function* batches() {
      for (let i = 0; i < 3; i++) yield { xs: tf.ones([4, 2]), ys: tf.zeros([4, 1]) };
    }
    const once = batches();
    const dataset = tf.data.generator(() => once as never);
    const text = await toldLater(() => fit(model, dataset as never, { epochs: 2, verbose: 0 }));
    assert.match(text, /`data` can be read once only: .*next epoch\. .*begins anew each time/);
    model.dispose();
  });

  it("that a dataset gave a tensor that is disposed", async () => {
    const model = uncompiled();
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const [xs, ys] = [tf.ones([4, 2]), tf.zeros([4, 1])];
    const dataset = tf.data.generator(function* () {
      yield { xs, ys };
    } as never);
    const text = await toldLater(() => fit(model, dataset as never, { epochs: 2, verbose: 0 }));
    assert.match(
      text,
      /gave a tensor that is disposed: float32 \[4, [12]\]\. .*yield `tensor\.clone\(\)`/,
    );
    model.dispose();
  });

  it("that compile has no option of that name", () => {
    const compile = (options: object) => () =>
      uncompiled().compile({ optimizer: "sgd", loss: "meanSquaredError", ...options });
    for (const name of ["jit_compile", "steps_per_execution", "losss"]) {
      assert.ok(told(compile({ [name]: 1 })).startsWith(`compile has no option \`${name}\``));
    }
  });

  it("which option was meant, also through typing errors", async () => {
    const model = uncompiled();
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const text = await toldLater(() => fit(model, [[], []] as never, { epohcs: 2 } as never));
    assert.match(text, /fit has no option `epohcs`.*Did you mean `epochs`\?/);
    assert.ok(
      (await fit(model, [[], []] as never).catch((error) => error)) instanceof InvalidArgumentError,
    );
    model.dispose();
  });
});
