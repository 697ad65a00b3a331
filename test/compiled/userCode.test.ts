/** The step that is compiled is the step that the user wrote: `auto` gives eager's numbers, or says that it is eager. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LayersModel, NamedTensorMap, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { watchedIn } from "../../lib/compiled/userCode";
import {
  type CallbackLike,
  type FitOptions,
  fit,
  layers,
  loadModel,
  predict,
  saveModel,
  setSeed,
  tf,
} from "../../lib/index";
import { Adam } from "../../lib/optimizers";
import { temporaryFolder } from "../support/temporaryFolder";

/** What a case builds anew for each engine. */
interface Made {
  model: LayersModel;
  callbacks?: CallbackLike;
  options?: FitOptions;
  /** Tensors that tfjs keeps after the model's end. */
  kept?: number;
}

interface Outcome {
  losses: number[];
  weights: number[];
  warnings: string[];
}

const SAMPLES = 26;

async function outcomeOf(make: () => Made, engine: "auto" | "eager"): Promise<Outcome> {
  setSeed(3);
  const { warn } = console;
  const warnings: string[] = [];
  console.warn = (text: string) => warnings.push(text);
  const tensors = tf.memory().numTensors;
  const made = make();
  const x = tf.tensor2d(
    Float32Array.from({ length: SAMPLES * 4 }, (_, i) => Math.sin(i)),
    [SAMPLES, 4],
  );
  const y = tf.tensor2d(
    Float32Array.from({ length: SAMPLES }, (_, i) => Math.cos(i)),
    [SAMPLES, 1],
  );
  try {
    const { history } = await fit(made.model, [x, y], {
      epochs: 3,
      batchSize: 8,
      shuffle: false,
      verbose: 0,
      engine,
      ...made.options,
      ...(made.callbacks && { callbacks: made.callbacks }),
    });
    const weights = made.model.getWeights().flatMap((weight) => [...weight.dataSync()]);
    return { losses: history.loss as number[], weights, warnings };
  } finally {
    console.warn = warn;
    tf.dispose([x, y]);
    const { optimizer } = made.model;
    for (const layer of made.model.layers) if (layer.stateful) layer.resetStates();
    made.model.dispose();
    optimizer.dispose();
    assert.equal(tf.memory().numTensors - tensors, made.kept ?? 0, "tensors that stay");
  }
}

/** Trains both ways and holds the numbers against each other; returns what `auto` warned of. */
async function sameAsEager(make: () => Made): Promise<string[]> {
  const eager = await outcomeOf(make, "eager");
  const auto = await outcomeOf(make, "auto");
  const near = (name: "losses" | "weights") =>
    auto[name].forEach((value, i) => {
      const expected = eager[name][i]!;
      const distance = Math.abs(value - expected) / Math.max(1, Math.abs(expected));
      assert.ok(distance <= 1e-5, `${name}[${i}]: ${value} with auto, ${expected} eagerly`);
    });
  near("losses");
  near("weights");
  return auto.warnings;
}

/** What a file exports isn't in its functions' scopes, but on an object. */
export let exportedCalls = 0;

const dense = () => tf.layers.dense({ units: 3, inputShape: [4], activation: "tanh" });
const head = () => tf.layers.dense({ units: 1 });

function compiledModel(
  optimizer: tf.Optimizer,
  loss: string | ((yTrue: Tensor, yPred: Tensor) => Tensor) = "meanSquaredError",
  extra: tf.layers.Layer[] = [],
): LayersModel {
  const model = tf.sequential({ layers: [dense(), ...extra, head()] });
  model.compile({ optimizer, loss: loss as string });
  return model;
}

/** A layer of the user's, whose call is given. */
class Own extends tf.layers.Layer {
  static className = "OwnOfTest";
  scale = 1;
  calls = 0;
  factor: Tensor | undefined;

  constructor(private readonly formula: (x: Tensor, self: Own) => Tensor) {
    super({});
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => this.formula(Array.isArray(inputs) ? inputs[0]! : inputs, this));
  }
}

const named = (gradients: NamedTensorMap | { name: string; tensor: Tensor }[]) =>
  Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));

class ClippedSgd extends tf.SGDOptimizer {
  override applyGradients(gradients: NamedTensorMap): void {
    tf.tidy(() =>
      super.applyGradients(
        named(gradients).map(({ name, tensor }) => ({
          name,
          tensor: tf.clipByValue(tensor, -0.01, 0.01),
        })) as never,
      ),
    );
  }
}

class HalfRate extends tf.SGDOptimizer {
  override applyGradients(gradients: NamedTensorMap): void {
    const rate = (this as unknown as { learningRate: number }).learningRate / 2;
    tf.tidy(() => {
      for (const { name, tensor } of named(gradients)) {
        const variable = tf.engine().registeredVariables[name] as Variable;
        variable.assign(tf.sub(variable, tf.mul(tensor, rate)));
      }
    });
  }
}

class Decaying extends tf.SGDOptimizer {
  override applyGradients(gradients: NamedTensorMap): void {
    const rate = 0.3 / (1 + this.iterations);
    tf.tidy(() => {
      for (const { name, tensor } of named(gradients)) {
        const variable = tf.engine().registeredVariables[name] as Variable;
        variable.assign(tf.sub(variable, tf.mul(tensor, rate)));
      }
    });
    this.incrementIterations();
  }
}

class NoRate extends tf.Optimizer {
  static className = "NoRateOfTest";
  override applyGradients(gradients: NamedTensorMap): void {
    tf.tidy(() => {
      for (const { name, tensor } of named(gradients)) {
        const variable = tf.engine().registeredVariables[name] as Variable;
        variable.assign(tf.sub(variable, tf.mul(tf.sign(tensor), 0.01)));
      }
    });
  }
  override getConfig() {
    return {};
  }
}

describe("an optimizer of the user's own does what its own code says", () => {
  it("clipped gradients in a sub-class of tfjs' SGD", async () => {
    assert.deepEqual(await sameAsEager(() => ({ model: compiledModel(new ClippedSgd(1)) })), []);
  });

  it("a replaced applyGradients, which is still there after fit", async () => {
    let applied = 0;
    const make = () => {
      const optimizer = tf.train.sgd(0.1);
      const original = optimizer.applyGradients.bind(optimizer);
      optimizer.applyGradients = (gradients) => {
        applied++;
        const all = named(gradients as NamedTensorMap);
        original(all.map(({ name, tensor }) => ({ name, tensor: tf.mul(tensor, 0) })) as never);
      };
      return { model: compiledModel(optimizer) };
    };
    await sameAsEager(make);
    assert.ok(applied > 0);
    const { model } = make();
    const { optimizer } = model;
    const own = optimizer.applyGradients;
    const x = tf.ones([4, 4]);
    const y = tf.ones([4, 1]);
    await fit(model, [x, y], { verbose: 0 });
    assert.equal(optimizer.applyGradients, own);
    tf.dispose([x, y]);
    model.dispose();
    optimizer.dispose();
  });

  it("a sub-class of the library's Adam with an update of its own", async () => {
    class Still extends Adam {
      protected override updateStep(variable: Variable, gradient: Tensor): void {
        variable.assign(tf.sub(variable, tf.mul(gradient, 0.001)));
      }
    }
    await sameAsEager(() => ({ model: compiledModel(new Still({ learningRate: 0.5 })) }));
  });

  it("half the learning rate, which a callback changes", async () => {
    const make = () => {
      const optimizer = new HalfRate(0.2);
      return {
        model: compiledModel(optimizer),
        callbacks: {
          onEpochEnd: (epoch: number) => optimizer.setLearningRate(0.2 / (epoch + 2)),
        },
      };
    };
    assert.deepEqual(await sameAsEager(make), []);
  });

  it("a rate that falls with the count of steps", async () => {
    const warnings = await sameAsEager(() => ({ model: compiledModel(new Decaying(0.3)) }));
    assert.match(warnings.join(), /another one each time it is called/);
  });

  it("no learning rate at all", async () => {
    assert.deepEqual(await sameAsEager(() => ({ model: compiledModel(new NoRate()) })), []);
  });
});

describe("a value of JavaScript is the one of now", () => {
  /** A model whose loss has a weight, which a callback multiplies. */
  const weighted = (hook: "onEpochEnd" | "onBatchEnd", factor: number) => (): Made => {
    let weight = 1;
    const loss = (yTrue: Tensor, yPred: Tensor) =>
      tf.mul(tf.mean(tf.squaredDifference(yTrue, yPred), -1), weight);
    const raise = () => {
      weight *= factor;
    };
    return { model: compiledModel(tf.train.sgd(0.05), loss), callbacks: { [hook]: raise } };
  };

  it("a weight in a loss that a callback raises", async () => {
    assert.deepEqual(await sameAsEager(weighted("onEpochEnd", 3)), []);
  });

  it("a value that a callback changes after each batch", async () => {
    const make = weighted("onBatchEnd", 1.1);
    const warnings = await sameAsEager(make);
    assert.match(warnings.join(), /graphs were made in/);
  });

  it("a tensor that a callback replaces", async () => {
    const make = () => {
      const layer = new Own((x, self) => tf.mul(x, self.factor!));
      layer.factor = tf.scalar(1);
      const callbacks = {
        onEpochEnd: (epoch: number) => {
          layer.factor!.dispose();
          layer.factor = tf.scalar(epoch + 2);
        },
        onTrainEnd: () => void layer.factor!.dispose(),
      };
      return { model: compiledModel(tf.train.sgd(0.05), undefined, [layer]), callbacks };
    };
    assert.deepEqual(await sameAsEager(make), []);
  });

  it("a property of an own layer, and of one of tfjs'", async () => {
    const make = () => {
      const layer = new Own((x, self) => tf.mul(x, self.scale));
      const relu = tf.layers.leakyReLU({ alpha: 0.1 });
      const callbacks = {
        onEpochEnd: () => {
          layer.scale += 0.5;
          (relu as unknown as { alpha: number }).alpha += 0.2;
        },
      };
      return { model: compiledModel(tf.train.sgd(0.05), undefined, [layer, relu]), callbacks };
    };
    assert.deepEqual(await sameAsEager(make), []);
  });

  it("a count of calls, which is named", async () => {
    const make = () => {
      const layer = new Own((x, self) => tf.mul(x, 1 / ++self.calls));
      layer.name = "counting";
      return { model: compiledModel(tf.train.sgd(0.05), undefined, [layer]) };
    };
    const warnings = await sameAsEager(make);
    assert.match(warnings.join(), /each call changes the field "calls" of the layer "counting"/);
  });

  it("a count of calls outside of any layer, though it shows late", async () => {
    const make = () => {
      let calls = 0;
      const layer = new Own((x) => tf.mul(x, calls++ > 1000 ? 2 : 1));
      return { model: compiledModel(tf.train.sgd(0.05), undefined, [layer]) };
    };
    const warnings = await sameAsEager(make);
    assert.match(warnings.join(), /each call changes the variable "calls"/);
  });

  it("a count of calls that its file exports", async () => {
    const make = () => {
      exportedCalls = 0;
      const layer = new Own((x) => tf.mul(x, exportedCalls++ > 1000 ? 2 : 1));
      return { model: compiledModel(tf.train.sgd(0.05), undefined, [layer]) };
    };
    const warnings = await sameAsEager(make);
    assert.match(warnings.join(), /each call changes the variable "exportedCalls"/);
  });

  it("a count that belongs to an object outside", async () => {
    const make = () => {
      const state = { calls: 0 };
      const layer = new Own((x) => tf.mul(x, state.calls++ % 2));
      return { model: compiledModel(tf.train.sgd(0.05), undefined, [layer]) };
    };
    const { warnings } = await outcomeOf(make, "auto");
    assert.match(warnings.join(), /another one each time it is called/);
  });

  it("JavaScript's random numbers, which are named", async () => {
    const make = () => {
      const layer = new Own((x) => (Math.random() < 2 ? tf.mul(x, 2) : x));
      return { model: compiledModel(tf.train.sgd(0.05), undefined, [layer]) };
    };
    const warnings = await sameAsEager(make);
    assert.match(warnings.join(), /asks `Math.random`/);
  });
});

describe("a weight is the one that it is, whatever shares its numbers", () => {
  it("weights taken over from another model", async () => {
    const make = () => {
      const other = compiledModel(tf.train.sgd(0.1));
      const model = compiledModel(tf.train.sgd(0.1));
      model.setWeights(other.getWeights());
      const dispose = () => {
        other.dispose();
        other.optimizer.dispose();
      };
      return { model, callbacks: { onTrainEnd: dispose } };
    };
    assert.deepEqual(await sameAsEager(make), []);
  });

  it("two layers that began with the same weights", async () => {
    const make = () => {
      const [first, second] = [0, 1].map(() => tf.layers.dense({ units: 4, inputShape: [4] }));
      const model = tf.sequential({ layers: [first!, second!, head()] });
      second!.setWeights(first!.getWeights());
      model.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError" });
      return { model };
    };
    assert.deepEqual(await sameAsEager(make), []);
  });

  it("a clone of the first weights, from which a loss keeps them", async () => {
    const make = () => {
      const model = tf.sequential({ layers: [dense(), head()] });
      const weight = model.layers[0]!.getWeights()[0]!;
      const start = tf.keep(weight.clone());
      const loss = (yTrue: Tensor, yPred: Tensor) =>
        tf.add(
          tf.mean(tf.squaredDifference(yTrue, yPred), -1),
          tf.sum(tf.abs(tf.sub(weight, start))),
        );
      model.compile({ optimizer: tf.train.sgd(0.05), loss });
      return { model, callbacks: { onTrainEnd: () => start.dispose() } };
    };
    assert.deepEqual(await sameAsEager(make), []);
  });
});

describe("a rule that depends on the batch size is the user's at each size", () => {
  const rules: Record<string, (n: number) => number> = {
    "n < 8 ? 1 : 10": (n) => (n < 8 ? 1 : 10),
    "n % 2": (n) => (n % 2) + 1,
    "Math.floor(n / 5)": (n) => Math.floor(n / 5) + 1,
    "n === 2 ? 5 : 1": (n) => (n === 2 ? 5 : 1),
    "2 * n": (n) => 2 * n,
  };
  for (const [name, rule] of Object.entries(rules)) {
    it(name, async () => {
      // 26 samples in batches of 8 end with one of 2.
      const make = () => {
        const layer = new Own((x) => tf.mul(x, rule(x.shape[0]!)));
        return { model: compiledModel(tf.train.sgd(0.001), undefined, [layer]) };
      };
      assert.deepEqual(await sameAsEager(make), []);
    });
  }
});

describe("auto doesn't fail where eager works", () => {
  it("a batch that is split in two halves", async () => {
    const make = () => {
      const layer = new Own((x) => {
        const [a, b] = tf.split(x, 2);
        return tf.concat([tf.add(a!, b!), tf.sub(a!, b!)]);
      });
      return { model: compiledModel(tf.train.sgd(0.05), undefined, [layer]) };
    };
    assert.deepEqual(await sameAsEager(make), []);
  });

  for (const kind of ["lstm", "gru", "simpleRNN"] as const) {
    it(`a stateful ${kind}`, async () => {
      const make = () => {
        const model = tf.sequential({
          layers: [
            tf.layers.reshape({ targetShape: [2, 2], batchInputShape: [2, 4] }),
            tf.layers[kind]({ units: 3, stateful: true }),
            head(),
          ],
        });
        model.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError" });
        return { model, options: { batchSize: 2 }, kept: kind === "lstm" ? 2 : 1 };
      };
      const warnings = await sameAsEager(make);
      assert.match(warnings.join(), /each call changes the field "states_" of the layer/);
    });
  }

  it("pictures of many sizes, without a graph for each", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [null, null, 1] as never }),
        tf.layers.globalAveragePooling2d({}),
        head(),
      ],
    });
    model.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError" });
    const sizes = Array.from({ length: 12 }, (_, i) => 6 + i);
    const dataset = tf.data.generator(function* () {
      for (const size of sizes) yield { xs: tf.ones([2, size, size, 1]), ys: tf.ones([2, 1]) };
    });
    const { warn } = console;
    const warnings: string[] = [];
    console.warn = (text: string) => warnings.push(text);
    await fit(model, dataset as never, { verbose: 0 });
    console.warn = warn;
    assert.match(warnings.join(), /4 graphs were made in 5 steps/);
    model.dispose();
  });

  it("a mistake of the user's is told with the user's own shapes", async () => {
    const layer = new Own((x) => tf.matMul(x, tf.ones([x.shape[0]! + 1, 2])));
    const model = compiledModel(tf.train.sgd(0.05), undefined, [layer]);
    const x = tf.ones([9, 4]);
    await assert.rejects(
      fit(model, [x, tf.ones([9, 1])], { batchSize: 9, verbose: 0 }),
      /9,3.*10,2/,
    );
    await assert.rejects(predict(model, x, { batchSize: 9 }), /9,3.*10,2/);
  });
});

describe("two fits at once", () => {
  const x = () => tf.ones([64, 4]);
  const y = () => tf.ones([64, 1]);

  it("are refused on one model, which can be trained afterwards", async () => {
    const model = compiledModel(tf.train.sgd(0.1));
    const first = fit(model, [x(), y()], { epochs: 3, verbose: 0 });
    await assert.rejects(
      fit(model, [x(), y()], { verbose: 0 }),
      /is being trained by another `fit`/,
    );
    await first;
    await fit(model, [x(), y()], { verbose: 0 });
    model.dispose();
  });

  it("are refused on models that share a layer, which is named", async () => {
    const shared = tf.layers.dense({ units: 3, inputShape: [4], name: "shared" });
    const models = [head(), head()].map((last) => {
      const model = tf.sequential({ layers: [shared, last] });
      model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
      return model;
    });
    const first = fit(models[0]!, [x(), y()], { epochs: 3, verbose: 0 });
    await assert.rejects(fit(models[1]!, [x(), y()], { verbose: 0 }), /shares the layer "shared"/);
    await first;
    await fit(models[1]!, [x(), y()], { verbose: 0 });
  });

  it("leave nothing behind that refuses the next one when they fail", async () => {
    const model = compiledModel(tf.train.sgd(0.1));
    const failing = { onEpochEnd: () => Promise.reject(new Error("mine")) };
    await assert.rejects(fit(model, [x(), y()], { callbacks: failing, verbose: 0 }), /mine/);
    await fit(model, [x(), y()], { verbose: 0 });
    model.dispose();
  });
});

it("a model from a file has no code of the user's own, as the one that was saved", async () => {
  using folder = temporaryFolder();
  const made = tf.sequential({
    layers: [
      layers.rescaling({ scale: 1 / 255, inputShape: [16, 16, 3] }),
      layers.randomFlip({ mode: "horizontal" }),
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu" }),
      tf.layers.batchNormalization(),
      layers.groupNormalization({ groups: 2 }),
      layers.globalAveragePooling2d(),
      tf.layers.reshape({ targetShape: [2, 2] }),
      tf.layers.bidirectional({
        layer: tf.layers.gru({ units: 2, recurrentActivation: "sigmoid" }) as tf.RNN,
        mergeMode: "concat",
      }),
    ],
  });
  made.compile({ optimizer: "rmsprop", loss: "meanSquaredError", metrics: ["mae"] });
  const file = folder.join("model.keras");
  await saveModel(made, file);
  const loaded = await loadModel(file);
  for (const model of [made, loaded]) {
    const { hasUserCode, functions } = watchedIn(model, model.optimizer);
    assert.deepEqual([hasUserCode, functions], [false, []]);
    model.dispose();
  }
});
