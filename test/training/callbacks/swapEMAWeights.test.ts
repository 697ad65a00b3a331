/** Averages in the place of weights, and weights that aren't decayed, as in Keras 3.15.1. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  type Callback,
  callbacks,
  evaluate,
  fit,
  optimizers,
  predict,
  tf,
} from "../../../lib/index";
import { runPython } from "../../support/python";
import { curveData, curveModel } from "../../support/smallCurve";

const program = `
import json, numpy as np, keras
def model(optimizer):
    made = keras.Sequential([keras.Input([3]), keras.layers.Dense(2, "tanh"), keras.layers.Dense(1)])
    made.set_weights([np.linspace(-1, 1, 6, dtype="float32").reshape(3, 2), np.full(2, 0.5, "float32"), np.array([[0.7], [-0.4]], "float32"), np.full(1, 0.3, "float32")])
    made.compile(optimizer, "mse")
    return made
x = np.linspace(-1, 1, 24, dtype="float32").reshape(8, 3)
y = np.cos(x[:, :1])
def flat(m): return np.concatenate([w.ravel() for w in m.get_weights()]).tolist()
class Look(keras.callbacks.Callback):
    def __init__(self): super().__init__(); self.seen = []
    def on_epoch_end(self, epoch, logs=None): self.seen.append(flat(self.model))
out = {}
for swap in [False, True]:
    m = model(keras.optimizers.SGD(0.2, use_ema=True, ema_momentum=0.8))
    ema, look = keras.callbacks.SwapEMAWeights(swap_on_epoch=swap), Look()
    history = m.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0, validation_data=(x[:3], y[:3]), callbacks=[ema, look]).history
    out[str(swap)] = dict(history=history, seen=look.seen, after=flat(m))
optimizer = keras.optimizers.AdamW(0.05, weight_decay=0.3)
m = model(optimizer)
optimizer.exclude_from_weight_decay(var_list=[m.layers[1].kernel], var_names=["bi.s"])
m.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
out["undecayed"] = flat(m)
print(json.dumps(out))
`;

interface Run {
  history: Record<string, number[]>;
  seen: number[][];
  after: number[];
}

let keras: { False: Run; True: Run; undecayed: number[] };
before(async () => {
  keras = JSON.parse((await runPython(program)).trim().split("\n").at(-1)!);
});

const engines = ["graph", "eager"] as const;

const flat = (model: tf.LayersModel) =>
  model.getWeights().flatMap((weight) => [...weight.dataSync()]);

function assertClose(ours: readonly number[], theirs: readonly number[], what: string): void {
  assert.equal(ours.length, theirs.length, what);
  for (const [i, value] of ours.entries()) {
    assert.ok(Math.abs(value - theirs[i]!) < 2e-6, `${what} ${i}: ${value}, Keras ${theirs[i]}`);
  }
}

const options = { batchSize: 4, shuffle: false, verbose: 0 } as const;
const average = () => new optimizers.SGD({ learningRate: 0.2, useEma: true, emaMomentum: 0.8 });

describe("callbacks.swapEMAWeights", () => {
  for (const swapOnEpoch of [false, true]) {
    it(`validates by averages and trains on weights as in Keras, with swapOnEpoch ${swapOnEpoch}`, async () => {
      const theirs = keras[swapOnEpoch ? "True" : "False"];
      for (const engine of engines) {
        const tensors = tf.memory().numTensors;
        const optimizer = average();
        const model = curveModel(optimizer);
        const [x, y] = curveData();
        const part = tf.tidy(() => [x.slice(0, 3), y.slice(0, 3)]) as [Tensor, Tensor];
        const seen: number[][] = [];
        const look = { onEpochEnd: () => void seen.push(flat(model)) };
        const { history } = await fit(model, [x, y], {
          ...{ ...options, engine, epochs: 3, validationData: part },
          callbacks: [callbacks.swapEMAWeights({ swapOnEpoch }), look],
        });
        for (const [name, values] of Object.entries(theirs.history)) {
          assertClose(history[name]!, values, `${engine} ${name}`);
        }
        for (const [epoch, weights] of theirs.seen.entries()) {
          assertClose(seen[epoch]!, weights, `${engine} weights of epoch ${epoch}`);
        }
        assertClose(flat(model), theirs.after, `${engine} at the end`);
        tf.dispose([x, y, part]);
        model.dispose();
        optimizer.dispose();
        assert.equal(tf.memory().numTensors, tensors);
      }
    });
  }

  it("gives the averages after a run that was cut short between two epochs, too", async () => {
    const [x, y] = curveData();
    const after: number[][] = [];
    const stop: Partial<Callback> = {
      onEpochEnd(epoch) {
        if (epoch === 1) this.model!.stopTraining = true;
      },
      setModel(model) {
        this.model = model;
      },
    };
    for (const swapOnEpoch of [true, false]) {
      const model = curveModel(average());
      const swap = callbacks.swapEMAWeights({ swapOnEpoch });
      await fit(model, [x, y], { ...options, epochs: 9, callbacks: [swap, stop] });
      after.push(flat(model));
      model.dispose();
    }
    assertClose(after[0]!, after[1]!, "by swapOnEpoch");
    tf.dispose([x, y]);
  });

  it("evaluates and predicts by the averages, and gives the weights back", async () => {
    const model = curveModel(new optimizers.LossScaleOptimizer({ innerOptimizer: average() }));
    const [x, y] = curveData();
    await fit(model, [x, y], { ...options, epochs: 1 });
    const averages = flat(model);
    const plain = await evaluate(model, [x, y], { verbose: 0 });
    const shifted = tf.tidy(() => model.getWeights().map((weight) => tf.keep(weight.add(1))));
    model.setWeights(shifted);
    const weights = flat(model);
    const swap = callbacks.swapEMAWeights();
    const by = await evaluate(model, [x, y], { verbose: 0, callbacks: swap });
    assertClose([Number(by)], [Number(plain)], "loss by averages");
    const predicted = (await predict(model, x, { verbose: 0, callbacks: swap })) as Tensor;
    assert.deepEqual(flat(model), weights);
    model.setWeights(tf.tidy(() => shifted.map((weight) => tf.keep(weight.sub(1)))));
    const expected = model.predict(x) as Tensor;
    assertClose(flat(model), averages, "averages");
    assertClose([...predicted.dataSync()], [...expected.dataSync()], "predictions");
    tf.dispose([x, y, shifted, predicted, expected]);
    model.dispose();
  });

  it("needs an optimizer that keeps averages", async () => {
    const model = curveModel(new optimizers.SGD());
    const [x, y] = curveData();
    const swap = callbacks.swapEMAWeights();
    await assert.rejects(
      fit(model, [x, y], { ...options, callbacks: swap }),
      /needs an optimizer that keeps averages/,
    );
    assert.throws(() => callbacks.swapEMAWeights({ swapOnEpoch: 1 as never }), /`swapOnEpoch`/);
    tf.dispose([x, y]);
    model.dispose();
  });
});

describe("excludeFromWeightDecay", () => {
  it("leaves out weights by themselves and by names, as in Keras on both engines", async () => {
    for (const engine of engines) {
      const optimizer = new optimizers.AdamW({ learningRate: 0.05, weightDecay: 0.3 });
      const model = curveModel(optimizer);
      const varList = [model.layers[1]!.weights[0]!];
      optimizer.excludeFromWeightDecay({ varList, varNames: ["bi.s"] });
      const [x, y] = curveData();
      await fit(model, [x, y], { ...options, epochs: 2, engine });
      assertClose(flat(model), keras.undecayed, engine);
      assert.throws(() => optimizer.excludeFromWeightDecay({ varNames: ["x"] }), /too late/);
      tf.dispose([x, y]);
      model.dispose();
    }
  });

  it("takes weights and texts only", () => {
    const optimizer = new optimizers.AdamW();
    assert.throws(() => optimizer.excludeFromWeightDecay({ varList: [1 as never] }), /`varList`/);
    assert.throws(() => optimizer.excludeFromWeightDecay({ varNames: [1 as never] }), /`varNames`/);
    assert.throws(() => optimizer.excludeFromWeightDecay({ names: [] } as never), /names/);
  });
});

describe("callbacks.terminateOnNaN", () => {
  async function run(raiseError: boolean, engine: (typeof engines)[number]) {
    const model = curveModel(new optimizers.SGD({ learningRate: 1e30 }));
    const [x, y] = curveData();
    const batches: number[] = [];
    let ended = false;
    const look = {
      onlyReadsLogs: true,
      onTrainBatchEnd: (batch: number) => void batches.push(batch),
      onTrainEnd: () => {
        ended = true;
      },
    };
    const { log } = console;
    const lines: string[] = [];
    console.log = (line: string) => void lines.push(line);
    try {
      const nan = callbacks.terminateOnNaN({ raiseError });
      const more = { ...options, batchSize: 1, epochs: 2, engine, callbacks: [look, nan] };
      await fit(model, [x, y], more);
    } finally {
      console.log = log;
      tf.dispose([x, y]);
      model.dispose();
    }
    return { batches, ended, lines };
  }

  it("ends training after the step whose loss is infinite or NaN", async () => {
    for (const engine of engines) {
      const { batches, ended, lines } = await run(false, engine);
      assert.ok(batches.length > 1 && batches.length < 8, String(batches));
      assert.deepEqual(lines, [`Batch ${batches.at(-1)}: Invalid loss, terminating training`]);
      assert.ok(ended);
    }
  });

  it("rejects with raiseError", async () => {
    await assert.rejects(run(true, "graph"), /The loss is (NaN|Infinity) at batch \d/);
  });
});
