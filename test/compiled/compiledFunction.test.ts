/** A compiled function gives what the function itself gives, call by call, or says that it runs eagerly. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Optimizer, Scalar, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { type CompiledOptions, compiled, layers, optimizers, setSeed, tf } from "../../lib/index";

// What bfloat16 computes, whether it pays on this machine or not.
process.env.CONVNETS_BFLOAT16 = "all";

const images = (rows = 6, seed = 0) =>
  tf.tensor2d(
    Float32Array.from({ length: rows * 4 }, (_, i) => Math.sin(i + seed)),
    [rows, 4],
  );

/** What a file exports isn't in its functions' scopes, but on an object. */
export let exportedShift = 0;

type Numbers = Record<string, number[]>;

/** What is made anew for each way to run: a function, and the variables whose values count. */
interface Made {
  fn: (x: Tensor) => Record<string, Tensor | number>;
  variables?: Variable[];
  /** What is to be disposed besides. */
  owns?: { dispose(): void }[];
  /** Tensors that tfjs keeps after the end. */
  kept?: number;
  /** Called between two calls. */
  between?: (call: number) => void;
}

const CALLS = 5;

/** tfjs' momentum doesn't dispose all of its numbers. */
const MOMENTUM_KEEPS = 1;

function numbersOf(result: Record<string, Tensor | number>, variables: Variable[]): Numbers {
  const given = Object.entries(result).map(([name, value]): [string, number[]] => [
    name,
    value instanceof tf.Tensor ? Array.from(value.dataSync()) : [value],
  ]);
  const kept = variables.map((each, i): [string, number[]] => [
    `variable ${i}`,
    Array.from(each.dataSync()),
  ]);
  return Object.fromEntries([...given, ...kept]);
}

/** Five calls: their numbers, what they ran on, and warnings. No tensors may stay. */
async function outcome(make: () => Made, options: CompiledOptions | undefined) {
  const before = tf.memory().numTensors;
  const { warn } = console;
  const warnings: string[] = [];
  console.warn = (text: string) => warnings.push(text);
  setSeed(7);
  const { fn, variables = [], owns = [], kept = 0, between } = make();
  const step = options === undefined ? undefined : compiled(fn, options);
  const x = images();
  const numbers: Numbers[] = [];
  const engines: unknown[] = [];
  try {
    let settled = 0;
    for (let call = 0; call < CALLS; call++) {
      const result = await (step === undefined ? tf.tidy(() => fn(x)) : step(x));
      numbers.push(numbersOf(result, variables));
      engines.push(step?.engine);
      tf.dispose(result as never);
      if (call > 0 && settled > 0) assert.equal(tf.memory().numTensors, settled, `call ${call}`);
      if (call > 0) settled = tf.memory().numTensors;
      between?.(call);
    }
  } finally {
    console.warn = warn;
    step?.dispose();
    for (const each of owns) each.dispose();
    tf.dispose([x, variables]);
  }
  assert.equal(tf.memory().numTensors - before, kept, "tensors that stay");
  return { numbers, engines, warnings };
}

function near(actual: Numbers[], expected: Numbers[], within = 1e-6): void {
  actual.forEach((each, call) => {
    assert.deepEqual(Object.keys(each), Object.keys(expected[call]!));
    for (const [name, values] of Object.entries(each)) {
      values.forEach((value, i) => {
        const other = expected[call]![name]![i]!;
        const distance = Math.abs(value - other) / Math.max(1, Math.abs(other));
        assert.ok(distance <= within, `call ${call}, ${name}[${i}]: ${value}, eagerly ${other}`);
      });
    }
  });
}

/** Holds a compiled function against the function itself; from the second call on it is a graph. */
async function same(make: () => Made, within?: number): Promise<void> {
  const own = await outcome(make, undefined);
  const graph = await outcome(make, { engine: "graph" });
  assert.deepEqual(graph.engines, ["eager", "graph", "graph", "graph", "graph"]);
  assert.deepEqual(graph.warnings, []);
  near(graph.numbers, own.numbers, within);
}

const variable = (...values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values)));
const mse = (y: Tensor, p: Tensor) => tf.losses.meanSquaredError(y, p) as Scalar;

describe("a compiled function", () => {
  it("computes what the function computes, and returns structures and numbers as it does", async () => {
    const double = compiled((x: Tensor, { by }: { by: number }) => ({
      parts: [tf.mul(x, by), tf.sum(x)],
      rank: x.rank,
      none: null,
      text: "sum",
    }));
    const x = images();
    for (const engine of ["eager", "graph"]) {
      const { parts, rank, none, text } = await double(x, { by: 2 });
      assert.equal(double.engine, engine);
      assert.deepEqual([rank, none, text], [2, null, "sum"]);
      const [twice, sum] = parts as [Tensor, Tensor];
      assert.deepEqual([twice.shape, sum.shape], [[6, 4], []]);
      assert.ok(Math.abs(twice.dataSync()[5]! - 2 * Math.sin(5)) < 1e-6);
      tf.dispose(parts);
    }
    double.dispose();
    x.dispose();
  });

  it("assigns variables, which are read and assigned from outside too", () =>
    same(() => {
      const mean = variable(0, 0, 0, 0);
      const fn = (x: Tensor) => {
        const before = tf.sum(mean);
        mean.assign(tf.add(tf.mul(mean, 0.9), tf.mul(tf.mean(x, 0), 0.1)));
        return { before, after: tf.sum(mean) };
      };
      const between = (call: number) => {
        if (call === 2) tf.tidy(() => mean.assign(tf.add(mean, 1)));
      };
      return { fn, variables: [mean], between };
    }));

  for (const [name, make] of Object.entries({
    "tf.train.sgd": () => tf.train.sgd(0.1),
    "tf.train.momentum": () => tf.train.momentum(0.1, 0.9),
    "tf.train.adam": () => tf.train.adam(0.1),
    "tf.train.rmsprop": () => tf.train.rmsprop(0.01),
    "tf.train.adagrad": () => tf.train.adagrad(0.1),
    "tf.train.adadelta": () => tf.train.adadelta(0.1),
    "tf.train.adamax": () => tf.train.adamax(0.1),
    "optimizers.sgd": () => optimizers.sgd({ learningRate: 0.1, momentum: 0.9 }),
    "optimizers.rmsprop": () => optimizers.rmsprop({ learningRate: 0.01 }),
    "optimizers.adam": () => optimizers.adam({ learningRate: 0.1, clipNorm: 0.5 }),
    "optimizers.adamW": () => optimizers.adamW({ learningRate: 0.1 }),
    "optimizers.nadam": () => optimizers.nadam({ learningRate: 0.1 }),
    "optimizers.ftrl": () => optimizers.ftrl({ learningRate: 0.1 }),
    "gradients that add up": () =>
      optimizers.lion({ learningRate: 0.1, gradientAccumulationSteps: 2 }),
    "a loss scale": () =>
      optimizers.lossScaleOptimizer({
        innerOptimizer: optimizers.adam({ learningRate: 0.1, useEma: true }),
        dynamicGrowthSteps: 2,
      }),
    "a schedule": () =>
      optimizers.adam({
        learningRate: optimizers.schedules.exponentialDecay({
          initialLearningRate: 0.1,
          decaySteps: 2,
          decayRate: 0.5,
        }),
      }),
  } as Record<string, () => Optimizer>)) {
    it(`makes the steps of ${name}`, () =>
      same(() => {
        const [weight, optimizer] = [variable(0.1, -0.2, 0.3, 0.4), make()];
        const fn = (x: Tensor) => ({
          loss: optimizer.minimize(() => mse(tf.sum(x, 1), tf.sum(tf.mul(x, weight), 1)), true)!,
          gradient: tf.grad((w: Tensor) => tf.sum(tf.square(tf.mul(w, x))))(weight),
        });
        const kept = name === "tf.train.momentum" ? MOMENTUM_KEEPS : 0;
        return { fn, variables: [weight], owns: [optimizer], kept };
      }));
  }

  it("makes the steps of two optimizers one after another, each on what the other left", () =>
    same(() => {
      const [real, fake] = [variable(0.5, -0.5, 0.1, 0.2), variable(0, 0.1, 0, -0.1)];
      const [first, second] = [tf.train.adam(0.05), optimizers.adam({ learningRate: 0.05 })];
      const fn = (x: Tensor) => {
        const score = (w: Variable) => tf.sum(tf.mul(x, w), 1);
        const one = first.minimize(() => mse(score(fake), score(real)), true, [real])!;
        const other = second.minimize(() => mse(score(real), score(fake)), true, [fake])!;
        const again = first.minimize(() => mse(score(fake), score(real)), true, [real])!;
        return { one, other, again };
      };
      return { fn, variables: [real, fake], owns: [first, second] };
    }));

  it("applies gradients that were computed and clipped by hand, and counts the steps", () =>
    same(() => {
      const weight = variable(0.1, -0.2, 0.3, 0.4);
      const optimizer = tf.train.momentum(0.1, 0.9);
      const counted = () => optimizer.iterations;
      const fn = (x: Tensor) => {
        const { value, grads } = tf.variableGrads(() =>
          mse(tf.sum(x, 1), tf.sum(tf.mul(x, weight), 1)),
        );
        const clipped = Object.entries(grads).map(([name, tensor]): [string, Tensor] => [
          name,
          tf.clipByValue(tensor, -0.01, 0.01),
        ]);
        optimizer.applyGradients(Object.fromEntries(clipped) as never);
        return { value };
      };
      const between = (call: number) => assert.equal(counted(), call + 1);
      return { fn, variables: [weight], owns: [optimizer], kept: MOMENTUM_KEEPS, between };
    }));

  it("takes a learning rate that is changed between calls", () =>
    same(() => {
      const weight = variable(0.1, -0.2, 0.3, 0.4);
      const optimizer = optimizers.adam({ learningRate: 0.1 });
      const fn = (x: Tensor) => ({
        loss: optimizer.minimize(() => mse(tf.sum(x, 1), tf.sum(tf.mul(x, weight), 1)), true)!,
      });
      const between = () => {
        optimizer.learningRate = optimizer.learningRate / 2;
      };
      return { fn, variables: [weight], owns: [optimizer], between };
    }));

  it("draws random numbers anew in each call, those that tfjs draws after the same seed", () =>
    same(() => ({
      fn: (x: Tensor) => ({
        normal: tf.add(x, tf.randomNormal([6, 4], 1, 2)),
        uniform: tf.randomUniform([3], -1, 1),
        whole: tf.randomUniformInt([3], 0, 100),
        cut: tf.truncatedNormal([3]),
        gamma: tf.randomGamma([3], 2),
        dropped: tf.dropout(x, 0.5),
        rows: tf.dropout(x, 0.5, [6, 1]),
      }),
    })));

  it("calls layers that draw and layers with state", async () => {
    const make = (): Made => {
      const model = tf.sequential({
        layers: [
          tf.layers.dense({ units: 5, inputShape: [4], kernelInitializer: "ones" }),
          tf.layers.batchNormalization(),
          layers.dropout({ rate: 0.5, seed: 3 }),
          tf.layers.dense({ units: 1, kernelInitializer: "ones" }),
        ],
      });
      const optimizer = optimizers.sgd({ learningRate: 0.1 });
      const variables = model.getWeights(true).length;
      assert.equal(variables, 6);
      const weights = model.trainableWeights.map((weight) => weight.read()) as Variable[];
      const fn = (x: Tensor) => ({
        loss: optimizer.minimize(
          () => mse(tf.sum(x, 1, true), model.apply(x, { training: true })),
          true,
          weights,
        )!,
        moved: tf.sum(model.weights.at(-1)!.read()),
        at: tf.sum(model.apply(x)),
      });
      return { fn, owns: [model, optimizer] };
    };
    await same(make, 1e-5);
  });

  it("lets tfjs' own random layers draw in TensorFlow, other numbers in each call", async () => {
    const layer = tf.layers.dropout({ rate: 0.5 });
    const step = compiled((x: Tensor) => layer.apply(x, { training: true }), { engine: "graph" });
    const x = tf.ones([1000]);
    const seen = new Set<string>();
    for (let call = 0; call < 4; call++) {
      const dropped = await step(x);
      const values = dropped.dataSync();
      const zeros = values.filter((value) => value === 0).length;
      assert.ok(zeros > 400 && zeros < 600, `${zeros} of 1000`);
      seen.add(values.join());
      dropped.dispose();
    }
    assert.equal(seen.size, 4);
    step.dispose();
    x.dispose();
  });

  it("is traced again when a variable or a field that it names has another value", () => {
    let scale = 1;
    const options = { shift: 0, rate: 1, parts: [1, 2] };
    return same(() => {
      scale = 1;
      Object.assign(options, { shift: 0, rate: 1, parts: [1, 2] });
      const helper = (x: Tensor) => tf.mul(x, scale);
      const fn = (x: Tensor) => ({
        y: tf.mul(tf.add(helper(x), options.shift), options.rate * options.parts[1]!),
      });
      const between = (call: number) => {
        if (call === 1) scale = 3;
        if (call === 2) options.shift = 5;
        if (call === 3) [options.rate, options.parts[1]] = [2, 7];
      };
      return { fn, between };
    });
  });

  it("sees what a file exports, and the fields of the object that it is a method of", () => {
    class Trainer {
      factor = 1;
      readonly rates = { rate: 1 };
      scaled(x: Tensor) {
        return tf.mul(tf.add(x, exportedShift), this.factor * this.rates.rate);
      }
    }
    return same(() => {
      exportedShift = 0;
      const trainer = new Trainer();
      const fn = (x: Tensor) => ({ y: trainer.scaled(x) });
      const between = (call: number) => {
        if (call === 1) exportedShift = 2;
        if (call === 2) trainer.factor = 3;
        if (call === 3) trainer.rates.rate = 4;
      };
      return { fn, between };
    });
  });

  it("is a graph for each shape of its arguments, and for each number among them", async () => {
    const step = compiled((x: Tensor, by: number) => tf.mul(x, by));
    const engines: unknown[] = [];
    for (const [rows, by] of [
      [6, 2],
      [3, 2],
      [6, 2],
      [3, 2],
      [3, 4],
      [3, 4],
    ] as const) {
      const x = images(rows);
      const y = await step(x, by);
      assert.deepEqual(y.shape, [rows, 4]);
      assert.ok(Math.abs(y.dataSync()[1]! - by * Math.sin(1)) < 1e-6);
      engines.push(step.engine);
      tf.dispose([x, y]);
    }
    assert.deepEqual(engines, ["eager", "eager", "graph", "graph", "eager", "graph"]);
    step.dispose();
  });

  it("keeps the order of calls that nobody waited for, and arguments that were disposed at once", async () => {
    const sum = variable(0);
    const step = compiled((x: Tensor) => {
      sum.assign(tf.add(sum, x));
      return tf.add(sum, 0);
    });
    const before = tf.memory().numTensors;
    const calls = [1, 2, 3, 4].map((value) => {
      const x = tf.tensor1d([value]);
      const result = step(x);
      x.dispose();
      return result;
    });
    const results = await Promise.all(calls);
    assert.deepEqual(
      results.map((each) => each.dataSync()[0]),
      [1, 3, 6, 10],
    );
    tf.dispose(results);
    assert.equal(tf.memory().numTensors, before);
    step.dispose();
    sum.dispose();
  });

  it("returns tensors of its own, also for arguments and variables that the function returns", async () => {
    const weight = variable(1, 2);
    const step = compiled((x: Tensor) => ({ x, weight, twice: [x, x] }));
    const x = tf.tensor1d([5]);
    for (let call = 0; call < 3; call++) {
      const before = tf.memory().numTensors;
      const result = await step(x);
      tf.dispose(result as never);
      assert.equal(tf.memory().numTensors, before);
    }
    assert.deepEqual([x.dataSync()[0], weight.dataSync()[1]], [5, 2]);
    step.dispose();
    tf.dispose([x, weight]);
  });

  it("takes and gives whole numbers and truth values, tensors without rows, and nothing at all", async () => {
    const step = compiled((x: Tensor, labels: Tensor, mask: Tensor) => ({
      sum: tf.sum(tf.where(mask, x, tf.zerosLike(x)), 1),
      odd: tf.equal(tf.mod(labels, 2), 1),
      next: tf.add(labels, tf.scalar(1, "int32")),
    }));
    for (const rows of [2, 0]) {
      const x = images(rows);
      const labels = tf.tensor1d([3, 4].slice(0, rows), "int32");
      const mask = tf.greater(x, 0);
      for (const engine of ["eager", "graph"]) {
        const { sum, odd, next } = await step(x, labels, mask);
        assert.equal(step.engine, engine);
        assert.deepEqual([sum.dtype, odd.dtype, next.dtype], ["float32", "bool", "int32"]);
        assert.deepEqual([...odd.dataSync()], [1, 0].slice(0, rows));
        assert.deepEqual([...next.dataSync()], [4, 5].slice(0, rows));
        assert.deepEqual(sum.shape, [rows]);
        tf.dispose([sum, odd, next]);
      }
      tf.dispose([x, labels, mask]);
    }
    step.dispose();
    const draw = compiled(() => tf.randomNormal([2]));
    const [one, other] = [await draw(), await draw()];
    assert.equal(draw.engine, "graph");
    assert.notDeepEqual([...one.dataSync()], [...other.dataSync()]);
    draw.dispose();
    tf.dispose([one, other]);
  });

  it("leaves variables as they were when a call fails, and goes on with the next", async () => {
    const sum = variable(0);
    const step = compiled((x: Tensor, at: Tensor) => {
      sum.assign(tf.add(sum, 1));
      return tf.gather(x, at);
    });
    const x = images();
    const call = async (index: number) => {
      const at = tf.tensor1d([index], "int32");
      try {
        (await step(x, at)).dispose();
      } finally {
        at.dispose();
      }
      return sum.dataSync()[0];
    };
    assert.deepEqual([await call(0), await call(1), step.engine], [1, 2, "graph"]);
    const before = tf.memory().numTensors;
    await assert.rejects(call(77), { name: "GraphError" });
    assert.deepEqual([sum.dataSync()[0], tf.memory().numTensors], [2, before]);
    assert.deepEqual([await call(3), step.engine], [3, "graph"]);
    step.dispose();
    tf.dispose([x, sum]);
  });

  it("takes the variable that is there now, when one was made anew", async () => {
    let weight = variable(1);
    const step = compiled((x: Tensor) => tf.mul(x, weight));
    const x = tf.tensor1d([5]);
    const numbers: number[] = [];
    for (let call = 0; call < 5; call++) {
      const y = await step(x);
      numbers.push(y.dataSync()[0]!);
      y.dispose();
      if (call !== 2) continue;
      weight.dispose();
      weight = variable(2);
    }
    assert.deepEqual([numbers, step.engine], [[5, 5, 5, 10, 10], "graph"]);
    step.dispose();
    tf.dispose([x, weight]);
  });

  for (const engine of ["graph", "eager"] as const) {
    it(`lets the event loop turn between calls, so that a stop is heard (${engine})`, async () => {
      const step = compiled((x: Tensor) => tf.mul(x, 2), { engine });
      const x = images();
      let isHeard = false;
      setImmediate(() => {
        isHeard = true;
      });
      for (let call = 0; call < 10; call++) (await step(x)).dispose();
      assert.ok(isHeard);
      step.dispose();
      x.dispose();
    });
  }

  it("computes heavy ops in bfloat16 when asked to", async () => {
    const weight = tf.tidy(() => tf.variable(tf.randomNormal([64, 64])));
    const fn = (x: Tensor) => tf.matMul(x as never, weight as never);
    const [precise, coarse] = [compiled(fn), compiled(fn, { precision: "bfloat16" })];
    const x = tf.randomNormal([64, 64]);
    const last = async (step: typeof precise) => {
      (await step(x)).dispose();
      return step(x);
    };
    const [a, b] = [await last(precise), await last(coarse)];
    const [difference] = tf.tidy(() => tf.max(tf.abs(tf.sub(a, b)))).dataSync();
    assert.ok(difference! > 1e-4 && difference! < 1, String(difference));
    precise.dispose();
    coarse.dispose();
    tf.dispose([x, a, b, weight]);
  });
});

describe("a function that can't be a graph", () => {
  const refused = async (make: () => Made, why: RegExp) => {
    const own = await outcome(make, undefined);
    const { numbers, engines, warnings } = await outcome(make, {});
    near(numbers, own.numbers);
    assert.ok(engines.every((engine) => engine === "eager"));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, why);
    await assert.rejects(outcome(make, { engine: "graph" }), (error: Error) => {
      assert.equal(error.name, "NotCompilableError");
      return true;
    });
  };

  it("runs eagerly when it reads values back, and says so once", () =>
    refused(() => {
      const fn = function logged(x: Tensor) {
        const [first] = tf.sum(x).dataSync();
        return { y: tf.mul(x, first! > 0 ? 1 : 2) };
      };
      return { fn };
    }, /^The function "logged" runs eagerly, which is slower: .*reads values back into JavaScript\.$/));

  it("runs eagerly when it counts in JavaScript", () =>
    refused(() => {
      const state = { calls: 0 };
      return { fn: (x) => ({ y: tf.mul(x, ++state.calls) }) };
    }, /each call changes the field "calls" of the variable "state"/));

  it("runs eagerly when it assigns a variable of JavaScript's", () =>
    refused(() => {
      let calls = 0;
      return { fn: (x) => ({ y: tf.mul(x, ++calls) }) };
    }, /each call changes the variable "calls"/));

  it("runs eagerly when nobody else sees the object that it is of", async () => {
    class Trainer {
      factor = 1;
      readonly arrow = (x: Tensor) => ({ y: tf.mul(x, this.factor) });
      method(x: Tensor) {
        return { y: tf.mul(x, this.factor) };
      }
    }
    const of = (take: (trainer: Trainer) => Made["fn"]) => (): Made => {
      const trainer = new Trainer();
      const between = () => {
        trainer.factor++;
      };
      return { fn: take(trainer), between };
    };
    await refused(
      of(({ arrow }) => arrow),
      /"arrow" hides the object behind `this`\. Name the object: `\(x\) => trainer\.step\(x\)`\.$/,
    );
    await refused(
      of((trainer) => trainer.method.bind(trainer)),
      /"bound method" hides the object behind `this`/,
    );
  });

  it("runs eagerly when it asks JavaScript for chance", () =>
    refused(() => {
      return { fn: (x) => ({ y: tf.mul(x, Math.random() < 2 ? 1 : 0) }) };
    }, /asks `Math\.random` for a number/));

  it("runs eagerly when it makes variables in each call", () =>
    refused(() => {
      const fn = (x: Tensor) => {
        const made = tf.variable(x);
        const y = tf.mul(made, 2);
        made.dispose();
        return { y };
      };
      return { fn };
    }, /each call makes variables\. Make them once, outside of the function\.$/));

  it("runs eagerly when each call would need a graph of its own", async () => {
    const target = { at: 0 };
    const step = compiled((x: Tensor) => tf.mul(x, target.at));
    const x = tf.scalar(2);
    const { warn } = console;
    const warnings: string[] = [];
    console.warn = (text: string) => warnings.push(text);
    try {
      for (let call = 0; call < 8; call++) {
        target.at = call;
        const y = await step(x);
        assert.equal(y.dataSync()[0], 2 * call);
        y.dispose();
      }
    } finally {
      console.warn = warn;
    }
    assert.equal(step.engine, "eager");
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0]!,
      /: 4 graphs were made in 6 steps, .*as a tensor among its arguments\.$/,
    );
    step.dispose();
    x.dispose();
  });

  it("says what changed where trainable flags would need one graph after another", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 2, inputShape: [3], name: "changing" }),
        tf.layers.dense({ units: 1 }),
      ],
    });
    const optimizer = tf.train.sgd(0.1);
    const step = compiled((x: Tensor) => {
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      return optimizer.minimize(() => tf.mean(model.apply(x) as Tensor), true, variables)!;
    });
    const x = tf.ones([4, 3]);
    const { warn } = console;
    const warnings: string[] = [];
    console.warn = (text: string) => warnings.push(text);
    try {
      for (let call = 0; call < 12; call++) {
        model.layers[0]!.trainable = Math.floor(call / 2) % 2 === 0;
        (await step(x)).dispose();
      }
    } finally {
      console.warn = warn;
    }
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0]!,
      /4 graphs were made in 9 steps, and another is needed, after a change of the field "\w+" of the layer "changing".* Compile a function for each that comes again/,
    );
    step.dispose();
    x.dispose();
    model.dispose();
  });

  it("makes what it makes once in a call and not in a trace, also after a change", async () => {
    for (const changesAt of [1, 2, 4]) {
      const state = { isOn: false };
      let cache: Tensor | undefined;
      const step = compiled((x: Tensor) => {
        if (!state.isOn) return tf.mul(x, 2);
        cache ??= tf.keep(tf.fill([2], 3));
        return tf.add(x, cache);
      });
      const x = tf.ones([2]);
      const engines: unknown[] = [];
      for (let call = 0; call < changesAt + 4; call++) {
        state.isOn = call >= changesAt;
        const y = await step(x);
        assert.deepEqual([...y.dataSync()], state.isOn ? [4, 4] : [2, 2], `call ${call}`);
        engines.push(step.engine);
        y.dispose();
      }
      assert.deepEqual(engines.slice(changesAt), ["eager", "eager", "graph", "graph"]);
      step.dispose();
      tf.dispose([x, cache!]);
    }
  });

  it("runs eagerly when each call has other numbers", async () => {
    const step = compiled((x: Tensor, by: number) => tf.mul(x, by), { engine: "graph" });
    const x = images();
    for (let by = 0; by < 40; by++) (await step(x, by)).dispose();
    assert.equal(step.engine, "eager");
    step.dispose();
    x.dispose();
  });
});

describe("compiled refuses", () => {
  const step = () => compiled((x: unknown) => x as Tensor);

  it("what is no synchronous function, by its name", async () => {
    assert.throws(
      () => compiled("step" as never),
      /`fn` must be a synchronous function of tensors/,
    );
    assert.throws(
      () => compiled(async function train() {}),
      /`fn` must be a synchronous function of tensors\. Received: fn=\[function train\]/,
    );
    const late = compiled(function late() {
      return Promise.reject(new Error("never seen"));
    });
    await assert.rejects(late(), /`fn` must be a synchronous function.*"late" returned a promise/);
  });

  it("options that it doesn't know", () => {
    assert.throws(
      () => compiled(() => 1, { engin: "graph" } as never),
      /compiled has no option `engin`/,
    );
    assert.throws(() => compiled(() => 1, { engine: "gpu" as never }), /`engine` must be one of/);
    assert.throws(
      () => compiled(() => 1, { engine: "eager", precision: "bfloat16" }),
      /`precision`/,
    );
  });

  it("arguments that a graph can't have, by their place", async () => {
    const gone = tf.scalar(1);
    gone.dispose();
    await assert.rejects(
      step()([{ labels: new Map() }]),
      /`arguments\[0\]\[0\]\.labels` must be a tensor, a number, a text, true or false, or lists/,
    );
    await assert.rejects(step()(gone), /`arguments\[0\]` must be a tensor that is not disposed/);
  });

  it("calls after it was disposed", async () => {
    const disposed = compiled(function train() {
      return 1;
    });
    disposed.dispose();
    disposed.dispose();
    await assert.rejects(disposed(), /The function "train" was disposed\./);
  });

  it("nothing of the function's own errors, which leave no tensors", async () => {
    const fails = compiled((x: Tensor) => {
      const y = tf.mul(x, 2);
      if (x.shape[0] === 6) throw new RangeError("six rows");
      return y;
    });
    const x = images();
    const before = tf.memory().numTensors;
    await assert.rejects(fails(x), { name: "RangeError", message: "six rows" });
    assert.equal(tf.memory().numTensors, before);
    fails.dispose();
    x.dispose();
  });
});
