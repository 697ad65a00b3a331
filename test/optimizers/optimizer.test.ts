import assert from "node:assert/strict";
import { test } from "node:test";
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { InvalidArgumentError, tf } from "../../lib/index";
import * as optimizers from "../../lib/optimizers/public";
import { constantsOf } from "../support/constants";

const names = [
  ...["rmsprop", "sgd", "adam", "adamw", "adagrad", "adadelta", "adamax", "nadam"],
  ...["lion", "lamb", "adafactor", "muon", "scheduleFreeAdamW"],
];
const numbers = (x: Tensor) => Array.from(x.dataSync());

function smallModel() {
  const init = tf.initializers.constant({ value: 0.1 });
  const dense = (units: number) =>
    tf.layers.dense({ units, kernelInitializer: init, activation: "tanh" });
  const model = tf.sequential({
    layers: [tf.layers.inputLayer({ inputShape: [3] }), dense(4), dense(1)],
  });
  const x = tf.tensor2d([1, 2, 3, 3, 1, 2, 0, 1, 1, 2, 2, 0], [4, 3]);
  const y = tf.tensor2d([1, 0, 0.5, -1], [4, 1]);
  return {
    model,
    step: async () => (await model.trainOnBatch(x, y)) as number,
    dispose: () => {
      model.dispose();
      tf.dispose([x, y]);
    },
  };
}

for (const name of names) {
  test(`${name} trains a compiled tfjs model, leaves no tensors, and is freed by dispose()`, async () => {
    const before = tf.memory().numTensors;
    const { model, step, dispose } = smallModel();
    const optimizer = optimizers.get(name);
    optimizer.learningRate *= 5;
    model.compile({ optimizer, loss: "meanSquaredError" });
    const first = await step();
    const between = tf.memory().numTensors;
    let last = first;
    for (let i = 0; i < 20; i++) last = await step();
    assert.equal(tf.memory().numTensors, between);
    assert.ok(last < first, `${first} → ${last}`);
    assert.equal(optimizer.iterations, 21);
    optimizer.dispose();
    dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  test(`${name} makes the same constants in every step, except the learning rate`, () => {
    const optimizer = optimizers.get(name);
    const variable = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3])));
    const gradient = tf.tensor1d([0.1, -0.2, 0.3]);
    const constants = [0.5, 0.25, 0.125].map((rate) => {
      optimizer.learningRate = rate;
      const made = constantsOf(() => optimizer.applyGradients({ [variable.name]: gradient }));
      assert.ok(
        made.some(({ values }) => values[0] === rate),
        "the learning rate is a constant of its own",
      );
      return made.filter(({ values }) => values[0] !== rate);
    });
    assert.deepEqual(constants[2], constants[1]);
    optimizer.dispose();
    tf.dispose([variable, gradient]);
  });

  test(`${name} goes on from getWeights() as if never stopped`, async () => {
    const variable = () => tf.tidy(() => tf.variable(tf.tensor1d([1, -2])));
    const gradient = tf.tensor1d([0.3, -0.7]);
    const step = (optimizer: optimizers.KerasOptimizer, x: Variable) =>
      optimizer.applyGradients([{ name: x.name, tensor: gradient }]);
    const [whole, first] = [optimizers.get(name), optimizers.get(name)];
    const [a, b] = [variable(), variable()];
    for (let i = 0; i < 6; i++) step(whole, a);
    for (let i = 0; i < 3; i++) step(first, b);
    const state = await first.getWeights();
    for (const built of [true, false]) {
      const second = optimizers.get(optimizers.serialize(first));
      const c = tf.tidy(() => tf.variable(b.clone()));
      if (built) second.build([c]);
      await second.setWeights(state);
      for (let i = 0; i < 3; i++) step(second, c);
      assert.deepEqual(numbers(c), numbers(a));
      assert.equal(second.iterations, 6);
      second.dispose();
      c.dispose();
    }
    tf.dispose([a, b, gradient, state.map(({ tensor }) => tensor)]);
    whole.dispose();
    first.dispose();
  });
}

test("minimize() moves variables downhill and returns the cost", () => {
  const x = tf.tidy(() => tf.variable(tf.scalar(3)));
  const optimizer = optimizers.sgd({ learningRate: 0.1 });
  const cost = optimizer.minimize(() => tf.square(x) as Scalar, true, [x])!;
  assert.deepEqual([numbers(cost)[0], Math.fround(numbers(x)[0]!)], [9, Math.fround(2.4)]);
  tf.dispose([x, cost]);
});

test("instanceof tells optimizers apart", () => {
  assert.ok(optimizers.adamW() instanceof optimizers.Adam);
  assert.ok(!(optimizers.sgd() instanceof optimizers.Adam));
  assert.ok(optimizers.sgd() instanceof tf.Optimizer);
});

test("slots are found by variable, in the order of build(), under Keras' names", () => {
  const [kernel, bias] = ["layer/kernel", "layer/bias"].map((name) =>
    tf.tidy(() => tf.variable(tf.ones([2]), true, name)),
  ) as [Variable, Variable];
  const optimizer = optimizers.adam({ amsgrad: true });
  optimizer.build([kernel, bias]);
  const [first] = optimizer.kernelSlots();
  assert.equal(first!.variable, kernel);
  assert.deepEqual(Object.keys(first!.slots), ["momentum", "velocity", "velocityHat"]);
  assert.deepEqual(
    optimizer.namedVariables().map(({ name }) => name),
    [
      "layer_kernel_momentum",
      "layer_kernel_velocity",
      "layer_bias_momentum",
      "layer_bias_velocity",
      "layer_kernel_velocity_hat",
      "layer_bias_velocity_hat",
    ],
  );
  optimizer.dispose();
  tf.dispose([kernel, bias]);
});

test("a variable that is unfrozen later gets slots of its own; the others keep theirs", () => {
  const [a, b] = [1, 2].map((value) => tf.tidy(() => tf.variable(tf.scalar(value))));
  const gradient = tf.scalar(1);
  const optimizer = optimizers.sgd({ momentum: 0.5 });
  optimizer.applyGradients({ [b!.name]: gradient });
  optimizer.build([a!, b!]);
  const momenta = optimizer.kernelSlots().map(({ slots }) => numbers(slots.momentum!)[0]);
  assert.deepEqual(momenta, [0, Math.fround(-0.01)]);
  optimizer.dispose();
  tf.dispose([a!, b!, gradient]);
});

test("a saved tfjs model comes back with its optimizer, state included", async () => {
  const { model, step, dispose } = smallModel();
  const optimizer = optimizers.rmsprop({ momentum: 0.5, clipNorm: 1 });
  model.compile({ optimizer, loss: "meanSquaredError" });
  for (let i = 0; i < 3; i++) await step();
  type Artifacts = Parameters<typeof tf.io.fromMemory>[0];
  let saved: Artifacts | undefined;
  const save = tf.io.withSaveHandler(async (artifacts) => {
    saved = artifacts as Artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
  });
  await model.save(save, { includeOptimizer: true });
  const copy = await tf.loadLayersModel(tf.io.fromMemory(saved!));
  const restored = copy.optimizer as optimizers.RMSprop;
  assert.ok(restored instanceof optimizers.RMSprop);
  assert.deepEqual(restored.getConfig(), optimizer.getConfig());
  const x = tf.ones([1, 3]);
  const y = tf.zeros([1, 1]);
  const [mine, its] = [await model.trainOnBatch(x, y), await copy.trainOnBatch(x, y)];
  assert.equal(its, mine);
  const [after, itsAfter] = [model, copy].map((m) => m.getWeights().flatMap(numbers));
  assert.deepEqual(itsAfter, after);
  assert.equal(restored.iterations, 4);
  tf.dispose([x, y]);
  optimizer.dispose();
  copy.dispose();
  dispose();
});

test("a state that tfjs' own optimizer saved is taken over", async () => {
  const [a, b] = [1, 2].map((value) => tf.tidy(() => tf.variable(tf.fill([2], value))));
  const gradients = { [a!.name]: tf.tensor1d([1, 2]), [b!.name]: tf.tensor1d([3, 4]) };
  const theirs = tf.train.adam(0.001);
  theirs.applyGradients(gradients as object as Parameters<typeof theirs.applyGradients>[0]);
  const ours = optimizers.adam();
  ours.build([a!, b!]);
  await ours.setWeights(await theirs.getWeights());
  assert.equal(ours.iterations, 1);
  const [first, second] = ours.kernelSlots().map(({ slots }) => slots);
  const close = (x: Tensor, values: number[]) =>
    numbers(x).forEach((value, i) => void assert.ok(Math.abs(value - values[i]!) < 1e-6));
  close(first!.momentum!, [0.1, 0.2]);
  close(second!.momentum!, [0.3, 0.4]);
  close(second!.velocity!, [0.009, 0.016]);
  ours.dispose();
  tf.dispose([a!, b!, gradients]);
});

test("computeGradients scales the gradients and not the loss", () => {
  const x = tf.tidy(() => tf.variable(tf.scalar(3)));
  const optimizer = optimizers.sgd({ lossScaleFactor: 4 });
  const { value, grads } = optimizer.computeGradients(() => tf.square(x) as Scalar, [x]);
  assert.deepEqual([numbers(value)[0], numbers(grads[x.name]!)[0]], [9, 24]);
  optimizer.applyGradients(grads);
  assert.equal(numbers(x)[0], Math.fround(2.94));
  tf.dispose([x, value, grads]);
});

test("a clip norm of 0 is none, as in Keras", () => {
  const x = tf.tidy(() => tf.variable(tf.scalar(3)));
  const gradient = tf.scalar(1);
  for (const limit of ["clipNorm", "clipValue", "globalClipNorm"]) {
    x.assign(gradient);
    optimizers.sgd({ learningRate: 0.5, [limit]: 0 }).applyGradients({ [x.name]: gradient });
    assert.equal(numbers(x)[0], 0.5, limit);
  }
  tf.dispose([x, gradient]);
});

test("compile takes optimizers that tfjs doesn't have by Keras' names, and the model disposes them", () => {
  const before = tf.memory().numTensors;
  for (const [name, cls] of Object.entries({
    ...{ lion: optimizers.Lion, AdamW: optimizers.AdamW, muon: optimizers.Muon },
    schedule_free_adam_w: optimizers.ScheduleFreeAdamW,
  })) {
    const { model, dispose } = smallModel();
    model.compile({ optimizer: name, loss: "meanSquaredError" });
    const optimizer = model.optimizer as optimizers.KerasOptimizer;
    assert.ok(optimizer instanceof cls);
    optimizer.build(model.trainableWeights.map((weight) => weight.read() as Variable));
    dispose();
  }
  assert.equal(tf.memory().numTensors, before);
});

test("optimizers refuse wrong arguments, naming them", () => {
  const refused: [() => unknown, RegExp][] = [
    [
      () => optimizers.rmsprop({ learningRate: -1 }),
      /`learningRate` must be a number of at least 0/,
    ],
    [() => optimizers.sgd({ momentum: 2 }), /`momentum` must be a number in \[0, 1\]/],
    [() => optimizers.adam({ clipNorm: 1, clipValue: 1 }), /Only one of `clipNorm`, `clipVa/],
    [() => optimizers.adamW({ weightDecay: null }), /`weightDecay` must be a number/],
    [() => optimizers.get("yogi"), /`optimizer` must be one of "rmsprop", .*optimizer="yogi"/],
    [
      () => optimizers.get({ class_name: "Adam", config: { use_ema: 1 } }),
      /`useEma` must be true or false/,
    ],
    [
      () => optimizers.sgd({ gradientAccumulationSteps: 1 }),
      /`gradientAccumulationSteps` must be a whole number of at least 2/,
    ],
    [() => optimizers.sgd({ emaMomentum: 2 }), /`emaMomentum` must be a number in \[0, 1\]/],
    [() => optimizers.sgd({ lossScaleFactor: 0 }), /`lossScaleFactor` must be a positive number/],
    [() => optimizers.lion({ beta1: 0 }), /`beta1` must be a number in \(0, 1\]/],
    [() => optimizers.muon({ excludeLayers: ["(a"] }), /`excludeLayers` must be parts of names/],
    [() => optimizers.get("lossScaleOptimizer"), /`innerOptimizer` must be another optimizer/],
    [
      () =>
        optimizers.lossScaleOptimizer({
          innerOptimizer: optimizers.lossScaleOptimizer({ innerOptimizer: optimizers.sgd() }),
        }),
      /`innerOptimizer` must be another optimizer/,
    ],
    [
      () => optimizers.get({ class_name: "Adam", config: { learning_rate: { class_name: "E" } } }),
      /`learningRate` must be a number or one of ExponentialDecay/,
    ],
    // @ts-expect-error a typing error
    [() => optimizers.adam({ beta_1: 0.5 }), /Adam has no option `beta_1`/],
    [() => optimizers.sgd().applyGradients({ nothing: tf.scalar(1) }), /`gradients` must be named/],
  ];
  for (const [make, message] of refused) {
    assert.throws(
      () => tf.tidy(() => void make()),
      (error: Error) => {
        assert.ok(error instanceof InvalidArgumentError, error.message);
        assert.match(error.message, message);
        return true;
      },
    );
  }
});
