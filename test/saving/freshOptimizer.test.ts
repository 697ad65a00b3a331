/** Weights saved before an optimizer's first step, loaded into a model that has made some: as in Keras 3.15.1. */
import assert from "node:assert/strict";
import { after, before, describe, it, mock } from "node:test";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { fit, loadModel, loadWeights, optimizers, saveWeights, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const names = ["adam", "rmsprop", "momentum", "nadam"] as const;

const program = `
import json, sys, warnings, numpy as np, keras
O = keras.optimizers
made = dict(adam=lambda: O.Adam(0.01), rmsprop=lambda: O.RMSprop(0.01), momentum=lambda: O.SGD(0.01, momentum=0.9), nadam=lambda: O.Nadam(0.01))
random = np.random.default_rng(1)
x, y = random.uniform(-1, 1, (8, 3)).astype("float32"), random.uniform(-1, 1, (8, 1)).astype("float32")
out = dict(x=x.tolist(), y=y.tolist())
for name, make in made.items():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)])
    model.compile(make(), "mse", run_eagerly=True)
    model.save(f"{sys.argv[1]}/{name}.keras")
    model.save_weights(f"{sys.argv[1]}/{name}.weights.h5")
    train = lambda: model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0).history["loss"]
    first = train()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.load_weights(f"{sys.argv[1]}/{name}.weights.h5")
    out[name] = dict(first=first, warned=len(caught), iterations=int(model.optimizer.iterations), then=train())
print(json.dumps(out))
`;

interface Facts {
  first: number[];
  warned: number;
  /** After loading. */
  iterations: number;
  then: number[];
}

let facts: Record<(typeof names)[number], Facts> & { x: number[][]; y: number[][] };
let folder: ReturnType<typeof temporaryFolder>;

before(async () => {
  folder = temporaryFolder();
  facts = JSON.parse(await runPython(program, [folder.path]));
});

after(() => folder[Symbol.dispose]());

async function train(model: LayersModel, engine: "eager" | "graph"): Promise<number[]> {
  const data: [tf.Tensor, tf.Tensor] = [tf.tensor(facts.x), tf.tensor(facts.y)];
  const options = { batchSize: 4, epochs: 3, shuffle: false, verbose: 0, engine } as const;
  const { history } = await fit(model, data, options);
  tf.dispose(data);
  return history.loss!;
}

async function warningsOf(work: () => Promise<unknown>): Promise<string[]> {
  const warn = mock.method(console, "warn", () => {});
  try {
    await work();
    return warn.mock.calls.map(({ arguments: [text] }) => String(text));
  } finally {
    warn.mock.restore();
  }
}

function assertClose(found: number[], expected: number[]): void {
  assert.equal(found.length, expected.length);
  for (const [i, value] of found.entries()) {
    assert.ok(Math.abs(value - expected[i]!) <= 1e-5, `${found} where Keras has ${expected}`);
  }
}

describe("weights that were saved before the first step leave an optimizer that has made some as it is:", () => {
  for (const name of names) {
    for (const engine of ["eager", "graph"] as const) {
      it(`${name}, ${engine}`, async () => {
        const { first, warned, iterations, then } = facts[name];
        const tensors = tf.memory().numTensors;
        const model = await loadModel(folder.join(`${name}.keras`));
        assertClose(await train(model, engine), first);
        const file = folder.join(`${name}.weights.h5`);
        const warnings = await warningsOf(() => loadWeights(model, file));
        assert.equal(warnings.length, warned);
        assert.match(warnings[0]!, /weights\.h5` has 2 optimizer variables where .*stays as it is/);
        assert.equal(model.optimizer.iterations, iterations);
        assertClose(await train(model, engine), then);
        model.dispose();
        assert.equal(tf.memory().numTensors, tensors);
      });
    }
  }

  const made: Record<string, () => string | tf.Optimizer> = {
    adam: () => "adam",
    rmsprop: () => "rmsprop",
    momentum: () => tf.train.momentum(0.01, 0.9),
    ours: () => optimizers.adam(),
  };
  for (const [name, make] of Object.entries(made)) {
    it(`${name} made here, as where \`setWeights\` gives the same weights`, async () => {
      const losses: number[][] = [];
      for (const way of ["load", "set"]) {
        const layer = tf.layers.dense({ units: 1, inputShape: [3], kernelInitializer: "ones" });
        const model = tf.sequential({ layers: [layer] });
        model.compile({ optimizer: make(), loss: "meanSquaredError" });
        const file = folder.join(`${name}.ours.weights.h5`);
        await saveWeights(model, file);
        const values = model.getWeights().map((weight) => weight.clone());
        await train(model, "graph");
        const { iterations } = model.optimizer;
        if (way === "set") model.setWeights(values);
        else assert.equal((await warningsOf(() => loadWeights(model, file))).length, 1);
        assert.equal(model.optimizer.iterations, iterations);
        losses.push(await train(model, "graph"));
        tf.dispose(values);
        model.dispose();
      }
      assert.deepEqual(losses[0], losses[1]);
    });
  }
});

it("weights that were saved before the first step fill a model that has made none, without a warning", async () => {
  const model = await loadModel(folder.join("adam.keras"));
  const file = folder.join("adam.weights.h5");
  assert.deepEqual(await warningsOf(() => loadWeights(model, file)), []);
  assert.equal(model.optimizer.iterations, 0);
  assertClose(await train(model, "graph"), facts.adam.first);
  model.dispose();
});
