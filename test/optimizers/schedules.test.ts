/** Learning rates that follow the steps, beside Keras': the rates, training in both engines, files, and backups. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import {
  Callback,
  callbacks,
  fit,
  getLearningRate,
  loadModel,
  optimizers,
  saveModel,
  setLearningRate,
  tf,
} from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const { schedules } = optimizers;

const first = { initialLearningRate: 0.1 };
const kinds = {
  exponentialDecay: [
    { ...first, decaySteps: 3, decayRate: 0.5 },
    { ...first, decaySteps: 3, decayRate: 0.5, staircase: true },
    { initialLearningRate: 1, decaySteps: 7, decayRate: 0.9 },
  ],
  inverseTimeDecay: [
    { ...first, decaySteps: 3, decayRate: 0.5 },
    { ...first, decaySteps: 4, decayRate: 2, staircase: true },
  ],
  polynomialDecay: [
    { ...first, decaySteps: 10 },
    { ...first, decaySteps: 10, endLearningRate: 0.01, power: 0.5 },
    { ...first, decaySteps: 4, power: 2, cycle: true },
  ],
  piecewiseConstantDecay: [
    { boundaries: [2, 9], values: [1, 0.5, 0.1] },
    { boundaries: [5], values: [0.1, 0.05], name: "steps" },
  ],
  cosineDecay: [
    { ...first, decaySteps: 10 },
    { ...first, decaySteps: 10, alpha: 0.2 },
    { initialLearningRate: 0, decaySteps: 10, warmupTarget: 0.2, warmupSteps: 5, alpha: 0.1 },
  ],
  cosineDecayRestarts: [
    { ...first, firstDecaySteps: 5 },
    { ...first, firstDecaySteps: 5, tMul: 3, mMul: 0.7, alpha: 0.1 },
    { ...first, firstDecaySteps: 4, tMul: 1, mMul: 0.9 },
    { ...first, firstDecaySteps: 3, tMul: 1.5 },
  ],
};
type Kind = keyof typeof kinds;
const cases = Object.entries(kinds).flatMap(([kind, list]) =>
  list.map((options) => ({ kind: kind as Kind, options })),
);
const make = ({ kind, options }: (typeof cases)[number]) => schedules[kind](options as never);

/** Optimizers that make a step in different ways: fused kernels, their own formulas, a count of their own. */
const optimizersByName = ["SGD", "Adam", "Nadam", "RMSprop"] as const;
const made = {
  SGD: (learningRate: optimizers.schedules.LearningRateSchedule) =>
    optimizers.sgd({ learningRate, momentum: 0.9 }),
  Adam: (learningRate: optimizers.schedules.LearningRateSchedule) =>
    optimizers.adam({ learningRate, weightDecay: 0.1 }),
  Nadam: (learningRate: optimizers.schedules.LearningRateSchedule) =>
    optimizers.nadam({ learningRate }),
  RMSprop: (learningRate: optimizers.schedules.LearningRateSchedule) =>
    optimizers.rmsprop({ learningRate }),
};

const samples = 20;
const x = Array.from({ length: samples }, (_, i) => [Math.sin(i * 7), Math.cos(i * 3)]);
const y = x.map(([a, b]) => [Math.tanh(a! - 2 * b!)]);
const kernel = [[0.3], [-0.4]];

const program = `
import json, re, sys, numpy as np, keras
given = json.loads(sys.argv[1])
snake = lambda name: re.sub("[A-Z]", lambda c: "_" + c[0].lower(), name)
def schedule(case):
    cls = getattr(keras.optimizers.schedules, case["kind"][0].upper() + case["kind"][1:])
    options = {snake(key): float(value) if key == "initialLearningRate" else value for key, value in case["options"].items()}
    if "values" in options: options["values"] = [float(value) for value in options["values"]]
    return cls(**options)
x, y = np.array(given["x"], "float32"), np.array(given["y"], "float32")
def train(model, epochs):
    losses = []
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda _, logs: losses.append(logs["loss"]))
    model.fit(x, y, batch_size=8, epochs=epochs, shuffle=False, verbose=0, callbacks=[watch])
    return [losses, model.layers[0].get_weights()[0].ravel().tolist()]
more = {"SGD": {"momentum": 0.9}, "Adam": {"weight_decay": 0.1}}
runs = {}
for name in given["optimizers"]:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.array(given["kernel"], "float32")])
    cosine = keras.optimizers.schedules.CosineDecay(0.1, 10, alpha=0.1)
    model.compile(getattr(keras.optimizers, name)(cosine, **more.get(name, {})), "mse")
    runs[name] = [train(model, 2)]
    model.save(f"{given['folder']}/keras{name}.keras")
    runs[name].append(train(model, 1))
print(json.dumps({
    "rates": [[float(schedule(case)(step)) for step in range(40)] for case in given["cases"]],
    "runs": runs,
}))
`;

const reread = `
import json, sys, keras
given = json.loads(sys.argv[1])
out = []
for i in range(given["count"]):
    model = keras.models.load_model(f"{given['folder']}/case{i}.keras")
    rate = model.optimizer._learning_rate
    out.append([type(rate).__name__, rate.name, int(model.optimizer.iterations), [float(rate(step)) for step in range(40)]])
print(json.dumps(out))
`;

type Trained = [losses: number[], weights: number[]];

function compiled(optimizer: optimizers.KerasOptimizer): LayersModel {
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 1, useBias: false, inputShape: [2] })],
  });
  const weights = tf.tensor(kernel);
  model.setWeights([weights]);
  weights.dispose();
  model.compile({ optimizer, loss: "meanSquaredError" });
  return model;
}

const quiet = { batchSize: 8, shuffle: false, verbose: 0 } as const;

async function train(
  model: LayersModel,
  options: { epochs: number; engine: "eager" | "graph"; callbacks?: Callback[] },
): Promise<Trained> {
  const [xs, ys] = [tf.tensor(x), tf.tensor(y)];
  const losses: number[] = [];
  const watch = {
    onTrainBatchEnd: (_: number, logs: { loss?: number } = {}) => void losses.push(logs.loss!),
  };
  const watched = { ...options, callbacks: [...(options.callbacks ?? []), watch] };
  try {
    await fit(model, [xs, ys], { ...quiet, ...watched });
  } finally {
    tf.dispose([xs, ys]);
  }
  return [losses, Array.from(model.getWeights()[0]!.dataSync())];
}

function assertAlike(found: Trained, expected: Trained): void {
  found.forEach((numbers, i) => {
    assert.equal(numbers.length, expected[i]!.length);
    numbers.forEach((value, k) => {
      const wanted = expected[i]![k]!;
      // Adam's fused kernel rounds otherwise than Keras' formula.
      assert.ok(Math.abs(value - wanted) <= 1e-5, `${i} ${k}: ${value}, Keras has ${wanted}`);
    });
  });
}

describe("optimizers.schedules", () => {
  const folder = temporaryFolder();
  let keras: { rates: number[][]; runs: Record<string, [Trained, Trained]> };

  before(async () => {
    const given = { cases, x, y, kernel, folder: folder.path, optimizers: optimizersByName };
    keras = JSON.parse(await runPython(program, [JSON.stringify(given)]));
  });
  after(() => folder[Symbol.dispose]());

  for (const [i, one] of cases.entries()) {
    it(`${one.kind} ${JSON.stringify(one.options)} has Keras' rates`, () => {
      const schedule = make(one);
      for (const [step, wanted] of keras.rates[i]!.entries()) {
        const rate = schedule.rateAt(step);
        assert.ok(
          Math.abs(rate - wanted) <= 1e-6 * Math.max(wanted, 0.01),
          `${step}: ${rate}, ${wanted}`,
        );
      }
    });
  }

  it("are saved as Keras reads them, with the step that they stand at", async () => {
    for (const [i, one] of cases.entries()) {
      const model = compiled(optimizers.sgd({ learningRate: make(one) }));
      await train(model, { epochs: 1, engine: "graph" });
      await saveModel(model, folder.join(`case${i}.keras`));
      model.dispose();
    }
    const given = JSON.stringify({ folder: folder.path, count: cases.length });
    const found: [string, string, number, number[]][] = JSON.parse(
      await runPython(reread, [given]),
    );
    for (const [i, [title, name, iterations, rates]] of found.entries()) {
      const { kind, options } = cases[i]!;
      assert.equal(title.toLowerCase(), kind.toLowerCase());
      if ("name" in options) assert.equal(name, options.name);
      assert.equal(iterations, 3);
      assert.deepEqual(rates, keras.rates[i]);
    }
  });

  for (const name of optimizersByName) {
    for (const engine of ["eager", "graph"] as const) {
      it(`drives ${name} as in Keras, here and from Keras' file, engine ${engine}`, async () => {
        const [start, rest] = keras.runs[name]!;
        const cosine = schedules.cosineDecay({ ...first, decaySteps: 10, alpha: 0.1 });
        const model = compiled(made[name](cosine));
        const tensors = tf.memory().numTensors;
        assertAlike(await train(model, { epochs: 2, engine }), start);
        assert.equal(getLearningRate(model), cosine.rateAt(6));
        assertAlike(await train(model, { epochs: 1, engine }), rest);
        // The slots come with the first step.
        assert.ok(tf.memory().numTensors <= tensors + 6);
        const loaded = await loadModel(folder.join(`keras${name}.keras`));
        assert.equal(getLearningRate(loaded), cosine.rateAt(6));
        await saveModel(loaded, folder.join(`again${name}.keras`));
        assertAlike(await train(loaded, { epochs: 1, engine }), rest);
        const again = await loadModel(folder.join(`again${name}.keras`));
        assertAlike(await train(again, { epochs: 1, engine }), rest);
        for (const each of [model, loaded, again]) each.dispose();
      });

      it(`drives ${name} on where a backup was made, engine ${engine}`, async () => {
        const cosine = () => schedules.cosineDecay({ ...first, decaySteps: 10, alpha: 0.1 });
        const backup = () =>
          callbacks.backupAndRestore({ backupDir: folder.join(`${name}-${engine}`), saveFreq: 2 });
        class Fail extends Callback {
          private steps = 0;
          override onTrainBatchEnd(): void {
            if (++this.steps === 4) throw new Error("killed");
          }
        }
        const cut = compiled(made[name](cosine()));
        const failing = { epochs: 3, engine, callbacks: [backup(), new Fail()] };
        await assert.rejects(train(cut, failing), /killed/);
        const resumed = compiled(made[name](cosine()));
        const [, weights] = await train(resumed, { epochs: 3, engine, callbacks: [backup()] });
        const [, [, expected]] = keras.runs[name]!;
        assertAlike([[], weights], [[], expected]);
        for (const each of [cut, resumed]) each.dispose();
      });
    }
  }

  it("of one's own train in every engine and can't be saved", async () => {
    class Halving extends schedules.LearningRateSchedule {
      override rateAt(step: number): number {
        return 0.1 / 2 ** step;
      }
    }
    const like = schedules.exponentialDecay({ ...first, decaySteps: 1, decayRate: 0.5 });
    const expected = compiled(optimizers.sgd({ learningRate: like }));
    const wanted = await train(expected, { epochs: 2, engine: "graph" });
    for (const engine of ["eager", "graph"] as const) {
      const model = compiled(optimizers.sgd({ learningRate: new Halving() }));
      assertAlike(await train(model, { epochs: 2, engine }), wanted);
      await assert.rejects(
        saveModel(model, folder.join("own.keras")),
        /the learning rate Halving can't be written: Keras has no such class/,
      );
      model.dispose();
    }
    expected.dispose();
  });

  it("can't be overruled by a number, as in Keras, but by another schedule", async () => {
    const [cosine, steps] = [make(cases[10]!), make(cases[8]!)];
    const optimizer = optimizers.sgd({ learningRate: cosine });
    const model = compiled(optimizer);
    const message = /The learning rate follows CosineDecay, so it can't be set/;
    assert.throws(() => setLearningRate(model, 0.1), message);
    const halve = callbacks.learningRateScheduler(() => 0.1);
    const options = { epochs: 1, engine: "graph", callbacks: [halve] } as const;
    await assert.rejects(train(model, { ...options, callbacks: [halve] }), message);
    optimizer.learningRate = steps;
    assert.equal(getLearningRate(model), 1);
    model.dispose();
  });

  it("are refused with options that Keras doesn't have, and without those that it needs", () => {
    const wrong: [() => unknown, RegExp][] = [
      [
        () => schedules.exponentialDecay({ ...first, decayRate: 1 } as never),
        /`decaySteps` must be a positive/,
      ],
      [
        () => schedules.cosineDecay({ ...first, decaySteps: 0 }),
        /`decaySteps` must be a positive number/,
      ],
      [
        () => schedules.piecewiseConstantDecay({ boundaries: [1, 2], values: [1, 2] }),
        /`values` must be one number more than `boundaries`, which are 2/,
      ],
      [
        () => schedules.polynomialDecay({ ...first, decay_steps: 1 } as never),
        /PolynomialDecay has no option `decay_steps`/,
      ],
      [
        () =>
          optimizers.get({ class_name: "SGD", config: { learning_rate: { class_name: "Mine" } } }),
        /`learningRate` must be a number or one of ExponentialDecay/,
      ],
    ];
    for (const [run, message] of wrong) assert.throws(run, message);
  });
});
