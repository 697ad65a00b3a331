/**
 * Users' own code: what a step does may depend on values of JavaScript, on the size of the batch, or on what a
 * callback changed. However it is run, `auto` must train what eager trains, or say that it doesn't.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SymbolicTensor, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { evaluate, fit, type History, optimizers, setSeed, tf } from "../../lib/index";
import {
  apart,
  type Gradients,
  listOf,
  network,
  Own,
  points,
  Rated,
  type Setup,
  Steps,
  stateful,
  trainOwn,
} from "./ownCode";

const tolerance = 1e-5;

/** Each must come to the same on both engines, unless `auto` warns. */
function follows(name: string, make: () => Setup): void {
  it(name, async () => {
    const eager = await trainOwn(make, "eager");
    const auto = await trainOwn(make, "auto");
    const difference = apart(auto, eager);
    assert.ok(eager.losses.every(Number.isFinite), String(eager.losses));
    assert.ok(
      difference <= tolerance || auto.warnings.length > 0,
      `differs by ${difference} without a warning`,
    );
  });
}

/** What has one way to be right, so that no warning makes up for a difference. */
function agrees(name: string, make: () => Setup): void {
  it(name, async () => {
    const eager = await trainOwn(make, "eager");
    const auto = await trainOwn(make, "auto");
    const difference = apart(auto, eager);
    assert.ok(difference <= tolerance, `differs by ${difference}; ${auto.warnings}`);
  });
}

const squares = (yTrue: Tensor, yPred: Tensor) => tf.mean(tf.square(tf.sub(yTrue, yPred)), -1);

describe("an optimizer of one's own", () => {
  class ClippedSGD extends tf.SGDOptimizer {
    override applyGradients(gradients: Gradients): void {
      const clipped = listOf(gradients).map(({ name, tensor }) => ({
        name,
        tensor: tf.clipByValue(tensor, -0.02, 0.02),
      }));
      super.applyGradients(clipped);
    }
  }

  class ZeroedAdam extends tf.AdamOptimizer {
    override applyGradients(gradients: Gradients): void {
      const some = listOf(gradients).map(({ name, tensor }, i) => ({
        name,
        tensor: i === 0 ? tf.zerosLike(tensor) : tensor,
      }));
      super.applyGradients(some);
    }
  }

  class DecayingMomentum extends tf.MomentumOptimizer {
    override applyGradients(gradients: Gradients): void {
      super.applyGradients(listOf(gradients));
      for (const { name } of listOf(gradients)) {
        const variable = tf.engine().registeredVariables[name]!;
        variable.assign(tf.mul(variable, 0.95));
      }
    }
  }

  class DecayingRMSProp extends tf.RMSPropOptimizer {
    override applyGradients(gradients: Gradients): void {
      this.learningRate *= 0.8;
      super.applyGradients(gradients);
    }
  }

  class ClippedKeras extends optimizers.SGD {
    override applyGradients(gradients: Parameters<optimizers.SGD["applyGradients"]>[0]): void {
      const clipped = listOf(gradients).map(({ name, tensor }) => ({
        name,
        tensor: tf.clipByValue(tensor, -0.02, 0.02),
      }));
      super.applyGradients(clipped);
    }
  }

  class SignedKeras extends optimizers.Adam {
    protected override updateStep(variable: Variable, gradient: Tensor): void {
      variable.assign(tf.sub(variable, tf.mul(tf.sign(gradient), 0.01)));
    }
  }

  class ScaledLoss extends tf.SGDOptimizer {
    override computeGradients(...args: Parameters<tf.Optimizer["computeGradients"]>) {
      const { value, grads } = super.computeGradients(...args);
      for (const name of Object.keys(grads)) grads[name] = tf.mul(grads[name]!, 0.5);
      return { value, grads };
    }
  }

  const trainedBy = (optimizer: () => tf.Optimizer) => (): Setup => ({
    model: network({ optimizer: optimizer() }),
    data: points(),
  });

  agrees(
    "clips what SGD gets",
    trainedBy(() => new ClippedSGD(1)),
  );
  agrees(
    "zeroes what Adam gets",
    trainedBy(() => new ZeroedAdam(0.01, 0.9, 0.999)),
  );
  agrees(
    "decays weights after momentum",
    trainedBy(() => new DecayingMomentum(0.1, 0.9)),
  );
  follows(
    "lowers RMSProp's rate at each step",
    trainedBy(() => new DecayingRMSProp(0.01)),
  );
  agrees(
    "clips what the library's SGD gets",
    trainedBy(() => new ClippedKeras({ learningRate: 1 })),
  );
  agrees(
    "replaces the step of the library's Adam",
    trainedBy(() => new SignedKeras()),
  );
  agrees(
    "halves gradients where they are computed",
    trainedBy(() => new ScaledLoss(0.5)),
  );
  agrees(
    "takes half its rate",
    trainedBy(() => new Rated(({ learningRate }) => learningRate / 2)),
  );
  agrees(
    "takes the root of its rate",
    trainedBy(() => new Rated(({ learningRate }) => Math.sqrt(learningRate))),
  );
  agrees(
    "takes its rate less a part",
    trainedBy(() => new Rated(({ learningRate }) => learningRate - 0.03)),
  );
  agrees(
    "asks how large its rate is",
    trainedBy(() => new Rated(({ learningRate }) => (learningRate > 0.05 ? 0.2 : 0.01))),
  );
  follows(
    "divides its rate by its steps",
    trainedBy(() => new Rated(({ learningRate, iterations }) => learningRate / (1 + iterations))),
  );
  follows(
    "warms up for four steps",
    trainedBy(
      () => new Rated(({ learningRate, iterations }) => learningRate * Math.min(1, iterations / 4)),
    ),
  );
  agrees(
    "has no rate, but a constant",
    trainedBy(() => new Steps(() => 0.1)),
  );
  follows(
    "has no rate, but a number for each step",
    trainedBy(() => new Steps((step) => 0.2 / (step + 1))),
  );

  follows("has its rate set by a callback", () => {
    const optimizer = new Rated(({ learningRate }) => learningRate / 2);
    const callbacks = {
      onEpochEnd: () => {
        optimizer.learningRate *= 3;
      },
    };
    return { model: network({ optimizer }), data: points(), fit: { callbacks } };
  });

  it("keeps an `applyGradients` that the user put in its place, which is called", async () => {
    const make = (): Setup & { optimizer: tf.Optimizer; mine: unknown } => {
      const optimizer = tf.train.sgd(1);
      const { applyGradients } = optimizer;
      const mine = (gradients: Gradients) =>
        applyGradients.call(
          optimizer,
          listOf(gradients).map(({ name, tensor }) => ({
            name,
            tensor: tf.clipByValue(tensor, -0.02, 0.02),
          })),
        );
      optimizer.applyGradients = mine;
      return { model: network({ optimizer }), data: points(), optimizer, mine };
    };
    const eager = await trainOwn(make, "eager");
    let made: ReturnType<typeof make> | undefined;
    const auto = await trainOwn(() => {
      made = make();
      return made;
    }, "auto");
    assert.equal(made!.optimizer.applyGradients, made!.mine);
    assert.ok(apart(auto, eager) <= tolerance, `differs by ${apart(auto, eager)}`);
  });

  follows("has momentum that a callback changes", () => {
    const optimizer = tf.train.momentum(0.1, 0.9);
    const callbacks = {
      onEpochEnd: () => {
        (optimizer as object as { momentum: number }).momentum = 0.1;
      },
    };
    return { model: network({ optimizer }), data: points(), fit: { callbacks } };
  });

  follows("has its `applyGradients` replaced by a callback", () => {
    const optimizer = tf.train.sgd(0.1);
    const callbacks = {
      onEpochEnd: () => {
        optimizer.applyGradients = () => undefined;
      },
    };
    return { model: network({ optimizer }), data: points(), fit: { callbacks } };
  });
});

describe("a layer of one's own", () => {
  const within =
    (rule: (x: Tensor, training: boolean) => Tensor, samples?: number) => (): Setup => ({
      model: network({ body: [new Own(rule)] }),
      data: points(samples),
    });

  agrees(
    "that does one thing when it trains and another when not",
    within((x, training) => tf.mul(x, training ? 0.5 : 2)),
  );
  agrees(
    "that makes tensors from numbers",
    within((x) => tf.add(x, tf.tensor1d([1, 2, 3, 4]))),
  );
  agrees(
    "with a gradient of its own",
    within((x) =>
      tf.customGrad((...args) => {
        const [given] = args as Tensor[];
        return { value: tf.sign(given!), gradFunc: (dy: Tensor) => tf.mul(dy, 0.3) };
      })(x),
    ),
  );
  agrees(
    "that asks for a value of its input",
    within((x) => (Number(tf.sum(x).dataSync()[0]) > 0 ? tf.mul(x, 2) : x)),
  );
  agrees(
    "that takes eight samples or more in another way",
    within((x) => tf.mul(x, x.shape[0]! < 8 ? 1 : 10)),
  );
  agrees(
    "that takes an even number of samples in another way",
    within((x) => tf.mul(x, x.shape[0]! % 2 === 0 ? 1 : 3), 11),
  );
  agrees(
    "that splits the batch in two",
    within((x) => {
      const [a, b] = tf.split(x, 2) as [Tensor, Tensor];
      return tf.concat([b, a]);
    }),
  );
  agrees(
    "that refuses batches not of four",
    within((x) => {
      if (x.shape[0] !== 4) throw new Error(`four samples, not ${x.shape[0]}`);
      return tf.mul(x, 2);
    }),
  );
  agrees("that reshapes to the batch it was told", () => {
    const input = tf.input({ batchShape: [4, 3] });
    const twice = new Own((x) => tf.reshape(tf.mul(tf.reshape(x, [2, 6]), 2), [4, 3]));
    const output = tf.layers.dense({ units: 1 }).apply(twice.apply(input)) as SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: output });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    return { model, data: points() };
  });

  follows("that counts its calls", () => {
    let calls = 0;
    return within((x) => tf.mul(x, 1 + ++calls / 10))();
  });

  follows("that does every third call in another way", () => {
    let calls = 0;
    return within((x) => (++calls % 3 === 0 ? tf.mul(x, 5) : x))();
  });

  it("that draws with Math.random is said to be run in one way only, or runs eagerly", async () => {
    const { warnings } = await trainOwn(
      within((x) => (Math.random() < 0.5 ? x : tf.mul(x, 2))),
      "auto",
    );
    assert.ok(warnings.length > 0);
  });

  follows("with a number that a callback changes after each epoch", () => {
    let factor = 1;
    const setup = within((x) => tf.mul(x, factor))();
    const callbacks = {
      onEpochEnd: () => {
        factor *= 1.5;
      },
    };
    return { ...setup, fit: { callbacks } };
  });

  follows("with a number that a callback changes after each step", () => {
    let factor = 1;
    const setup = within((x) => tf.mul(x, factor))();
    const callbacks = {
      onTrainBatchEnd: () => {
        factor *= 1.1;
      },
    };
    return { ...setup, fit: { callbacks } };
  });

  follows("with a number that changes before an epoch, in the last one only", () => {
    let factor = 1;
    const setup = within((x) => tf.mul(x, factor))();
    const onEpochBegin = (epoch: number) => {
      if (epoch === 4) factor = 4;
    };
    return { ...setup, fit: { callbacks: { onEpochBegin }, epochs: 5 } };
  });

  follows("with a tensor that a callback replaces", () => {
    let factor: Tensor = tf.keep(tf.scalar(1));
    const setup = within((x) => tf.mul(x, factor))();
    const callbacks = {
      onEpochEnd: () => {
        factor.dispose();
        factor = tf.scalar(3);
      },
    };
    return { ...setup, fit: { callbacks } };
  });

  agrees("with a variable that a callback assigns", () => {
    const factor = tf.tidy(() => tf.variable(tf.scalar(1), false));
    const setup = within((x) => tf.mul(x, factor))();
    const callbacks = { onEpochEnd: () => tf.tidy(() => factor.assign(tf.scalar(3))) };
    return { ...setup, fit: { callbacks } };
  });

  agrees("with a weight that its calls change", () => {
    class Counting extends tf.layers.Layer {
      static className = "Counting";
      private count!: ReturnType<Own["addWeight"]>;
      override build(): void {
        this.count = this.addWeight(
          "count",
          [],
          "float32",
          tf.initializers.zeros(),
          undefined,
          false,
        );
        this.built = true;
      }
      override call(inputs: Tensor | Tensor[]): Tensor {
        return tf.tidy(() => {
          const x = Array.isArray(inputs) ? inputs[0]! : inputs;
          this.count.write(tf.add(this.count.read(), 0.5));
          return tf.mul(x, this.count.read());
        });
      }
      override computeOutputShape(shape: number[]): number[] {
        return shape;
      }
    }
    return { model: network({ body: [new Counting({})] }), data: points() };
  });

  follows("with a number that is changed between two calls of fit", () => {
    let factor = 1;
    const setup = within((x) => tf.mul(x, factor))();
    return {
      ...setup,
      run: async (engine) => {
        const options = { engine, batchSize: 4, shuffle: false, verbose: 0 } as const;
        const first = await fit(setup.model, setup.data, options);
        factor = 3;
        const second = await fit(setup.model, setup.data, options);
        return [...first.history.loss!, ...second.history.loss!];
      },
    };
  });

  follows("with a number that is changed between two evaluations", () => {
    let factor = 1;
    const setup = within((x) => tf.mul(x, factor))();
    return {
      ...setup,
      run: async (engine) => {
        const options = { engine, batchSize: 4, verbose: 0 } as const;
        const first = await evaluate(setup.model, setup.data, options);
        factor = 3;
        return [first, await evaluate(setup.model, setup.data, options)].flat();
      },
    };
  });

  follows("that counts in validation as well", () => {
    let calls = 0;
    const setup = within((x) => tf.mul(x, 1 + ++calls / 10))();
    return { ...setup, fit: { validationSplit: 0.34, epochs: 2 } };
  });
});

describe("a layer of tfjs that a callback changes", () => {
  const changed = (body: tf.layers.Layer[], change: (layers: tf.layers.Layer[]) => void): Setup => {
    const model = network({ body });
    return {
      model,
      data: points(),
      fit: { callbacks: { onEpochEnd: () => change(model.layers) } },
    };
  };
  const fields = (object: object | undefined) => object as Record<string, unknown>;

  follows("LeakyReLU's slope", () =>
    changed([tf.layers.leakyReLU({ alpha: 0.1 })], ([, leaky]) => {
      fields(leaky).alpha = 0.9;
    }),
  );
  follows("batch normalization's momentum", () =>
    changed([tf.layers.batchNormalization({ momentum: 0.9 })], ([, norm]) => {
      fields(norm).momentum = 0.5;
    }),
  );
  follows("a dense layer's activation", () =>
    changed([], ([dense]) => {
      fields(dense).activation = fields(tf.layers.activation({ activation: "relu" })).activation;
    }),
  );
  follows("a regularizer's strength", () => {
    const kernelRegularizer = tf.regularizers.l2({ l2: 0.01 });
    return changed([tf.layers.dense({ units: 4, kernelRegularizer })], () => {
      fields(kernelRegularizer).l2 = tf.scalar(0.5);
    });
  });
  follows("a constraint's largest norm", () => {
    const kernelConstraint = tf.constraints.maxNorm({ maxValue: 2, axis: 0 });
    return changed([tf.layers.dense({ units: 4, kernelConstraint })], () => {
      fields(kernelConstraint).maxValue = 0.3;
    });
  });
  follows("a layer's call", () =>
    changed([], ([dense]) => {
      dense!.call = (x) => tf.zeros([...[x].flat()[0]!.shape.slice(0, 1), 4] as number[]);
    }),
  );
  agrees("a layer's weights", () =>
    changed([], ([dense]) => {
      tf.tidy(() => dense!.setWeights([tf.ones([3, 4]), tf.zeros([4])]));
    }),
  );

  agrees("a layer's weights, after each step", () => {
    const model = network();
    const onTrainBatchEnd = () =>
      tf.tidy(() => model.setWeights(model.getWeights().map((weight) => tf.mul(weight, 0.9))));
    return { model, data: points(), fit: { callbacks: { onTrainBatchEnd } } };
  });

  agrees("a call that was replaced before training", () => {
    const model = network();
    const [dense] = model.layers;
    const { call } = dense!;
    dense!.call = (x, kwargs) => tf.mul(call.call(dense, x, kwargs) as Tensor, 2);
    return { model, data: points() };
  });
});

describe("a loss or metric of one's own", () => {
  const trainedFor =
    (loss: (yTrue: Tensor, yPred: Tensor) => Tensor, samples?: number, batchSize = 4) =>
    (): Setup => ({
      model: network({ loss, optimizer: tf.train.sgd(0.02) }),
      data: points(samples),
      fit: { batchSize },
    });
  const weighed = (weight: (n: number) => number, samples: number, batchSize: number) =>
    trainedFor((a, b) => tf.mul(squares(a, b), weight(b.shape[0]!)), samples, batchSize);

  agrees(
    "n < 8 ? 1 : 10, in batches of sixteen",
    weighed((n) => (n < 8 ? 1 : 10), 32, 16),
  );
  agrees(
    "n < 8 ? 1 : 10, with a last batch of four",
    weighed((n) => (n < 8 ? 1 : 10), 20, 8),
  );
  agrees(
    "n % 2, in even batches",
    weighed((n) => 1 + (n % 2), 12, 4),
  );
  agrees(
    "n % 2, in odd and even batches",
    weighed((n) => 1 + (n % 2), 14, 3),
  );
  agrees(
    "Math.floor(n / 5), in batches of twelve",
    weighed((n) => 1 + Math.floor(n / 5), 24, 12),
  );
  agrees(
    "n === 1, in batches of one",
    weighed((n) => (n === 1 ? 3 : 1), 4, 1),
  );
  agrees(
    "n === 1, in the last batch only",
    weighed((n) => (n === 1 ? 3 : 1), 9, 4),
  );
  agrees(
    "1 / n",
    weighed((n) => 1 / n, 14, 4),
  );
  agrees(
    "n squared",
    weighed((n) => n * n, 14, 4),
  );
  agrees(
    "a sum over the batch, by its size",
    trainedFor((a, b) => tf.div(tf.sum(tf.square(tf.sub(a, b))), b.shape[0]!), 14),
  );
  agrees(
    "the two halves of a batch against each other",
    trainedFor((_, b) => {
      const [one, two] = tf.split(b, 2) as [Tensor, Tensor];
      return tf.mean(tf.square(tf.sub(tf.sub(one, two), 1)));
    }),
  );
  agrees(
    "pairs of samples that follow one another",
    trainedFor(
      (_, b) =>
        tf.mean(
          tf.square(
            tf.sub(
              tf.slice(b, [1, 0], [b.shape[0]! - 1, 1]),
              tf.slice(b, [0, 0], [b.shape[0]! - 1, 1]),
            ),
          ),
        ),
      14,
    ),
  );
  agrees(
    "every sample against every other",
    trainedFor(
      (_, b) => tf.mean(tf.square(tf.sub(tf.matMul(b, b, false, true), tf.eye(b.shape[0]!)))),
      14,
    ),
  );
  agrees(
    "the first two samples only",
    trainedFor((a, b) => squares(tf.slice(a, 0, 2), tf.slice(b, 0, 2)), 14),
  );
  agrees(
    "as many rounds of a loop as there are samples",
    trainedFor((a, b) => {
      let sum: Tensor = tf.scalar(0);
      for (let i = 0; i < b.shape[0]!; i++) {
        sum = tf.add(sum, tf.mean(squares(tf.slice(a, i, 1), tf.slice(b, i, 1))));
      }
      return sum;
    }, 14),
  );

  follows("with a weight that is raised after each epoch", () => {
    let weight = 1;
    const loss = (a: Tensor, b: Tensor) => tf.mul(squares(a, b), weight);
    const callbacks = {
      onEpochEnd: () => {
        weight += 2;
      },
    };
    return { model: network({ loss }), data: points(), fit: { callbacks } };
  });

  follows("that changes its formula after an epoch", () => {
    let epoch = 0;
    const loss = (a: Tensor, b: Tensor) =>
      epoch === 0 ? squares(a, b) : tf.mean(tf.abs(tf.sub(a, b)), -1);
    const callbacks = { onEpochEnd: () => void epoch++ };
    return { model: network({ loss }), data: points(), fit: { callbacks } };
  });

  follows("that counts its calls", () => {
    let calls = 0;
    return trainedFor((a, b) => tf.mul(squares(a, b), 1 + ++calls / 10))();
  });

  follows("a metric that counts its calls", () => {
    let calls = 0;
    const counted = (a: Tensor, b: Tensor) => tf.mul(squares(a, b), 1 + ++calls / 10);
    return { model: network({ metrics: [counted] }), data: points() };
  });

  agrees("a metric that asks how large the batch is", () => {
    const sized = (a: Tensor, b: Tensor) => tf.mul(squares(a, b), b.shape[0]! > 6 ? 2 : 1);
    return { model: network({ metrics: [sized] }), data: points(20), fit: { batchSize: 8 } };
  });

  it("throws its own error, about its own shapes", async () => {
    const make = trainedFor((_, b) => {
      throw new RangeError(`no loss for [${b.shape}]`);
    });
    for (const engine of ["eager", "auto"] as const) {
      await assert.rejects(trainOwn(make, engine), {
        name: "RangeError",
        message: "no loss for [4,1]",
      });
    }
  });
});

describe("a layer that keeps its state between batches", () => {
  agrees("LSTM", () => stateful(tf.layers.lstm));
  agrees("GRU", () => stateful(tf.layers.gru));
  agrees("SimpleRNN", () => stateful(tf.layers.simpleRNN));
});

describe("two fits at once", () => {
  const options = { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 } as const;
  for (const engine of ["eager", "auto"] as const) {
    it(`on one model: the second is refused by name, the first trains (${engine})`, async () => {
      const make = (): Setup => ({ model: network(), data: points() });
      const alone = await trainOwn(make, engine);
      const both = await trainOwn(() => {
        const setup = make();
        const run = async () => {
          const first = fit(setup.model, setup.data, { ...options, engine });
          const second = fit(setup.model, setup.data, { ...options, engine });
          const refused = assert.rejects(second, new RegExp(setup.model.name));
          const { history } = await first;
          await refused;
          return history.loss!;
        };
        return { ...setup, run };
      }, engine);
      assert.ok(apart(both, alone) <= tolerance);
    });

    it(`on two models that share a layer: the second is refused by name (${engine})`, async () => {
      setSeed(4);
      const trunk = tf.layers.dense({ units: 3, name: "trunk" });
      const [one, two] = [1, 2].map(() => {
        const input = tf.input({ shape: [3] });
        const output = tf.layers.dense({ units: 1 }).apply(trunk.apply(input)) as SymbolicTensor;
        const model = tf.model({ inputs: input, outputs: output });
        model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
        return model;
      });
      const data = points();
      const first = fit(one!, data, { ...options, engine });
      const refused = assert.rejects(fit(two!, data, { ...options, engine }), /trunk|model/);
      await first;
      await refused;
      tf.dispose(data);
    });
  }

  it("on two models that share nothing: each trains as it does alone", async () => {
    const alone = await trainOwn(() => ({ model: network(), data: points() }), "auto");
    setSeed(4);
    const data = points();
    const model = network();
    const other = network();
    const fits = [model, other].map((each) => fit(each, data, options));
    const [{ history }] = (await Promise.all(fits)) as [History, History];
    const weights = model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
    const both = { losses: Object.values(history).flat(), weights, warnings: [] };
    assert.ok(apart(both, alone) <= tolerance);
    tf.dispose(data);
  });
});
