import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import {
  Callback,
  type EvaluateOptions,
  evaluate,
  type FitOptions,
  fit,
  InterruptedError,
  optimizers,
  predict,
  setSeed,
  tf,
} from "../../lib/index";
import { classifier, numbersOf, pointBatches, points, tensorCount } from "./models";

/** Silent unless a test looks at output. */
const quiet = { verbose: 0 } as const;
const engines = ["eager", "graph"] as const;

function convnet(): LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 2, kernelSize: 3, activation: "relu", inputShape: [8, 8, 1] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: "rmsprop", loss: "sparseCategoricalCrossentropy", metrics: ["acc"] });
  return model;
}

for (const engine of engines) {
  describe(`fit with engine "${engine}"`, () => {
    it("ends with the weights' averages, where the optimizer keeps some", async () => {
      const [x, y] = points();
      const optimizer = optimizers.sgd({ learningRate: 0.5, useEma: true, emaMomentum: 0.5 });
      const model = classifier({ optimizer });
      const weights = () => numbersOf(model);
      const seen: Record<string, unknown> = {};
      class Watch extends Callback {
        override onEpochEnd() {
          seen.before = weights();
        }
        override onTrainEnd() {
          seen.after = weights();
        }
      }
      await fit(model, [x, y], { epochs: 2, callbacks: [new Watch()], engine, ...quiet });
      const averages = optimizer
        .namedVariables()
        .filter(({ name }) => name.endsWith("_average"))
        .flatMap(({ variable }) => Array.from(variable.dataSync()));
      assert.deepEqual(seen.after, averages);
      assert.notDeepEqual(seen.after, seen.before);
      assert.deepEqual(weights(), seen.after);
      optimizer.dispose();
      model.dispose();
      tf.dispose([x, y]);
    });

    it("learns, and keeps Keras' keys and one number for each epoch", async () => {
      const [x, y] = points();
      const model = classifier({ optimizer: tf.train.adam(0.05) });
      const history = await fit(model, [x, y], {
        epochs: 30,
        validationData: [x, y],
        engine,
        ...quiet,
      });
      assert.deepEqual(Object.keys(history.history), [
        "accuracy",
        "loss",
        "val_accuracy",
        "val_loss",
      ]);
      assert.deepEqual(
        history.epoch,
        Array.from({ length: 30 }, (_, i) => i),
      );
      assert.ok(history.history.loss!.at(-1)! < history.history.loss![0]!);
      const [loss, accuracy] = await evaluate(model, [x, y], { engine, ...quiet });
      assert.ok(Math.abs(loss! - history.history.val_loss!.at(-1)!) < 1e-6);
      assert.ok(accuracy! > 0.8);
      const values = (await predict(model, x, { engine, ...quiet })) as ReturnType<
        typeof tf.tensor
      >;
      assert.deepEqual(values.shape, [40, 1]);
    });

    it("gives the same losses for the same seed, and others for another", async () => {
      const [x, y] = points();
      const run = async (seed: number) => {
        const options: FitOptions = { epochs: 3, batchSize: 8, engine, ...quiet };
        return (await fit(classifier({ seed }), [x, y], options)).history.loss;
      };
      assert.deepEqual(await run(3), await run(3));
      assert.notDeepEqual(await run(3), await run(4));
    });

    it("leaves no tensors behind but the optimizer's own, made by the first step", async () => {
      const [x, y] = points();
      const model = classifier({ optimizer: "rmsprop" });
      const slots = 2 * model.trainableWeights.length; // tfjs' RMSProp keeps two for each weight
      const before = tensorCount();
      const options: FitOptions = { epochs: 2, validationSplit: 0.25, engine, ...quiet };
      await fit(model, [x, y], { ...options, classWeight: { 1: 2 } });
      assert.equal(tensorCount(), before + slots);
      await fit(model, [x, y], options);
      await fit(model, pointBatches(), { epochs: 2, engine, ...quiet });
      await evaluate(model, [x, y], { engine, ...quiet });
      await evaluate(model, pointBatches(), { engine, ...quiet });
      tf.dispose(await predict(model, x, { engine, ...quiet }));
      tf.dispose(await predict(model, pointBatches(), { engine, ...quiet }));
      assert.equal(tensorCount(), before + slots);
    });

    it("trains on datasets as on the same arrays", async () => {
      const [x, y] = points(20);
      const options: FitOptions = { epochs: 2, engine, ...quiet };
      const fromDataset = await fit(classifier(), pointBatches(20, 8), options);
      const fromArrays = await fit(classifier(), [x, y], {
        ...options,
        batchSize: 8,
        shuffle: false,
      });
      for (const [i, loss] of fromArrays.history.loss!.entries()) {
        assert.ok(Math.abs(loss - fromDataset.history.loss![i]!) < 1e-6);
      }
    });

    it("goes on with a dataset over epochs when stepsPerEpoch is given", async () => {
      const batches: number[] = [];
      const counting = tf.data.generator(function* () {
        for (let i = 0; i < 6; i++) {
          batches.push(i);
          const [xs, ys] = points(4);
          yield { xs, ys };
        }
      } as never);
      const options = { epochs: 2, stepsPerEpoch: 3, engine, ...quiet };
      const { epoch } = await fit(classifier(), counting, options);
      assert.deepEqual(epoch, [0, 1]);
      assert.deepEqual(batches, [0, 1, 2, 3, 4, 5]);
    });

    it("stops within one step when a callback says so", async () => {
      const [x, y] = points();
      const model = classifier();
      const steps: number[] = [];
      const before = tensorCount();
      const history = await fit(model, [x, y], {
        epochs: 5,
        batchSize: 4,
        engine,
        ...quiet,
        callbacks: {
          onTrainBatchEnd(batch) {
            steps.push(batch);
            if (batch === 2) model.stopTraining = true;
          },
        },
      });
      assert.deepEqual(steps, [0, 1, 2]);
      assert.deepEqual(history.epoch, [0]);
      assert.equal(tensorCount(), before + 2 * model.trainableWeights.length);
    });

    it("stops within one step when interrupted, keeps that step's weights and frees the rest", async () => {
      const [x, y] = points();
      const model = classifier();
      let steps = 0;
      let weights: number[] = [];
      const before = tensorCount();
      const running = fit(model, [x, y], {
        epochs: 100,
        batchSize: 4,
        engine,
        ...quiet,
        callbacks: {
          onTrainBatchEnd() {
            steps++;
            weights = numbersOf(model);
            if (steps === 13) process.emit("SIGINT");
          },
        },
      });
      await assert.rejects(running, (error: Error) => {
        assert.ok(error instanceof InterruptedError);
        assert.match(error.message, /^Interrupted at epoch 2, step 4\./);
        return true;
      });
      assert.equal(steps, 13);
      assert.deepEqual(numbersOf(model), weights);
      assert.equal(tensorCount(), before + 2 * model.trainableWeights.length);
      assert.equal(process.listenerCount("SIGINT"), 0);
      assert.deepEqual(model.history.epoch, [0]); // the run's history is still there
      await fit(model, [x, y], { engine, ...quiet }); // the model is as usable as before
    });

    it("stops in a callback that never comes back, a while after the interrupt", async () => {
      const [x, y] = points();
      const model = classifier();
      const callbacks = {
        onEpochEnd() {
          setTimeout(() => process.emit("SIGINT"), 1);
          return new Promise<void>(() => {});
        },
      };
      await assert.rejects(
        fit(model, [x, y], { engine, callbacks, ...quiet }),
        /^InterruptedError: Interrupted in a callback that doesn't come back/,
      );
      assert.equal(process.listenerCount("SIGINT"), 0);
      await fit(model, [x, y], { engine, ...quiet });
    });

    it("lets timers run between steps", async () => {
      const [x, y] = points();
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      try {
        await fit(classifier(), [x, y], { epochs: 3, batchSize: 2, engine, ...quiet });
      } finally {
        clearInterval(timer);
      }
      assert.ok(ticks > 10, `${ticks} ticks`);
    });

    it("uses what callbacks did to weights and learning rate", async () => {
      const [x, y] = points();
      const model = classifier();
      const zeros = model.getWeights().map((weight) => tf.zerosLike(weight));
      const { history } = await fit(model, [x, y], {
        epochs: 2,
        engine,
        ...quiet,
        callbacks: { onEpochBegin: () => model.setWeights(zeros) },
      });
      // With all weights zero every prediction is 0.5, the first step's loss ln 2.
      assert.ok(Math.abs(history.loss![1]! - Math.LN2) < 0.05);
    });
  });
}

describe("fit", () => {
  it("shuffles every epoch anew, and not at all when told", async () => {
    const seen: number[][] = [];
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: tf.train.sgd(0), loss: (_yTrue, yPred) => yPred.mean(-1) });
    const x = tf.range(0, 12).expandDims(1);
    model.setWeights([tf.ones([1, 1]), tf.zeros([1])]);
    const order = async (shuffle: boolean) => {
      seen.length = 0;
      let sum = 0;
      const onBatch = (batch: number, logs: { loss?: number } = {}) => {
        const total = logs.loss! * (batch + 1);
        if (batch === 0) seen.push([]);
        seen.at(-1)!.push(Math.round(total - (batch === 0 ? 0 : sum)));
        sum = total;
      };
      const callbacks = { onTrainBatchEnd: onBatch };
      await fit(model, [x, x], { epochs: 2, batchSize: 1, shuffle, callbacks, ...quiet });
      return seen.map((epoch) => [...epoch]);
    };
    setSeed(1);
    const [first, second] = await order(true);
    const sorted = Array.from({ length: 12 }, (_, i) => i);
    assert.deepEqual(
      [...first!].sort((a, b) => a - b),
      sorted,
    );
    assert.notDeepEqual(first, sorted);
    assert.notDeepEqual(first, second);
    assert.deepEqual(await order(false), [sorted, sorted]);
  });

  it("validates when validationFreq says so", async () => {
    const [x, y] = points();
    const options: FitOptions = { epochs: 4, validationData: [x, y], ...quiet };
    const each = await fit(classifier(), [x, y], { ...options, validationFreq: 2 });
    assert.equal(each.history.val_loss!.length, 2);
    const listed = await fit(classifier(), [x, y], { ...options, validationFreq: [1, 2, 4] });
    assert.equal(listed.history.val_loss!.length, 3);
  });

  it("starts at initialEpoch", async () => {
    const [x, y] = points();
    const { epoch } = await fit(classifier(), [x, y], { epochs: 5, initialEpoch: 3, ...quiet });
    assert.deepEqual(epoch, [3, 4]);
  });

  it("takes named inputs and outputs", async () => {
    const a = tf.input({ shape: [2], name: "a" });
    const b = tf.input({ shape: [2], name: "b" });
    const sum = tf.layers.add().apply([a, b]) as typeof a;
    const named = tf.layers.dense({ units: 1, name: "out" }).apply(sum) as typeof a;
    const model = tf.model({ inputs: [a, b], outputs: named });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const [x] = points(8);
    const data = { b: x, a: x };
    await fit(model, [data, { out: tf.ones([8]) }], quiet);
    await assert.rejects(
      fit(model, [{ a: x, c: x }, { out: tf.ones([8]) }], quiet),
      /`x` must be an object with a tensor for each of a, b\. Received: x=\["a","c"\]/,
    );
    await assert.rejects(fit(model, [x, tf.ones([8])], quiet), /`x` must be 2 tensors \(a, b\)/);
  });

  it("trains only what was trainable, and keeps frozen statistics", async () => {
    const [x, y] = points();
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, inputShape: [2] }),
        tf.layers.batchNormalization(),
        tf.layers.dense({ units: 1, activation: "sigmoid" }),
      ],
    });
    model.layers[0]!.trainable = false;
    model.layers[1]!.trainable = false;
    model.compile({ optimizer: "sgd", loss: "binaryCrossentropy" });
    const frozen = () => model.layers.slice(0, 2).flatMap((layer) => numbersOf(layer));
    const before = frozen();
    const last = numbersOf(model.layers[2]!);
    await fit(model, [x, y], quiet);
    assert.deepEqual(frozen(), before);
    assert.notDeepEqual(numbersOf(model.layers[2]!), last);
  });

  it("freezes and unfreezes with the next compile, as Keras does", async () => {
    const [x, y] = points();
    const model = classifier();
    const compile = () => model.compile({ optimizer: "sgd", loss: "binaryCrossentropy" });
    compile();
    await fit(model, [x, y], quiet);
    const first = () => numbersOf(model.layers[0]!);
    model.layers[0]!.trainable = false;
    compile();
    const frozen = first();
    await fit(model, [x, y], quiet);
    assert.deepEqual(first(), frozen);
    model.layers[0]!.trainable = true;
    await fit(model, [x, y], quiet);
    assert.deepEqual(first(), frozen);
    compile();
    await fit(model, [x, y], quiet);
    assert.notDeepEqual(first(), frozen);
  });

  it("closes a dataset's iterator when it stops early", async () => {
    const closed: string[] = [];
    const [xs, ys] = points(8);
    const endless = {
      size: null,
      iterator: async () => ({
        next: async () => ({ done: false, value: { xs: xs.clone(), ys: ys.clone() } }),
        return: async () => closed.push("closed"),
      }),
    } as unknown as ReturnType<typeof pointBatches>;
    const model = classifier();
    const stop = {
      onTrainBatchEnd: () => {
        model.stopTraining = true;
      },
    };
    await fit(model, endless, { callbacks: stop, ...quiet });
    assert.deepEqual(closed, ["closed"]);
  });

  it("calls a callback's hooks in Keras' order", async () => {
    const calls: string[] = [];
    class Recorder extends Callback {
      override onTrainBegin = () => void calls.push("train begin");
      override onEpochBegin = (epoch: number) => void calls.push(`epoch ${epoch} begin`);
      override onTrainBatchBegin = (batch: number) => void calls.push(`batch ${batch} begin`);
      override onTrainBatchEnd = (batch: number) => void calls.push(`batch ${batch} end`);
      override onTestBegin = () => void calls.push("test begin");
      override onTestBatchEnd = (batch: number) => void calls.push(`test batch ${batch} end`);
      override onTestEnd = () => void calls.push("test end");
      override onEpochEnd = (epoch: number, logs: Record<string, number> = {}) =>
        void calls.push(`epoch ${epoch} end: ${Object.keys(logs)}`);
      override onTrainEnd = () => void calls.push("train end");
    }
    const [x, y] = points(8);
    const recorder = new Recorder();
    await fit(classifier(), [x, y], {
      batchSize: 4,
      validationData: [x, y],
      validationBatchSize: 8,
      callbacks: [recorder],
      ...quiet,
    });
    assert.deepEqual(calls, [
      "train begin",
      "epoch 0 begin",
      "batch 0 begin",
      "batch 0 end",
      "batch 1 begin",
      "batch 1 end",
      "test begin",
      "test batch 0 end",
      "test end",
      "epoch 0 end: accuracy,loss,val_accuracy,val_loss",
      "train end",
    ]);
    assert.deepEqual(recorder.params, { verbose: 0, epochs: 1, steps: 2 });
  });

  it("takes tfjs' own callbacks", async () => {
    const [x, y] = points();
    const stopper = tf.callbacks.earlyStopping({ monitor: "loss", minDelta: 10 });
    const { epoch } = await fit(classifier(), [x, y], { epochs: 9, callbacks: stopper, ...quiet });
    assert.deepEqual(epoch, [0, 1]);
  });
});

describe("fit refuses, before any training,", () => {
  const [x, y] = points(8);
  const images = tf.zeros([4, 8, 8, 1]);
  const labels = tf.tensor1d([0, 1, 2, 0], "int32");
  const refusals: [what: string, run: () => Promise<unknown>, message: RegExp][] = [
    [
      "labels of another length",
      () => fit(classifier(), [x, tf.zeros([7])]),
      /`x` and `y` must have the same number of samples\. Received: 8 and 7/,
    ],
    [
      "images of the wrong rank",
      () => fit(convnet(), [tf.zeros([4, 8, 8]), labels]),
      /`x` must be of shape \[batch, 8, 8, 1\].*Received: x=Tensor\(float32, \[4, 8, 8\]\)/,
    ],
    [
      "images of the wrong size",
      () => fit(convnet(), [tf.zeros([4, 9, 8, 1]), labels]),
      /`x` must be of shape \[batch, 8, 8, 1\]/,
    ],
    [
      "a model that is not compiled",
      () =>
        fit(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }), [x, y]),
      /The model "sequential_\d+" must be compiled before fit/,
    ],
    [
      "class numbers beyond the output",
      () => fit(convnet(), [images, tf.tensor1d([0, 1, 2, 3], "int32")]),
      /`y` must be class numbers from 0 to 2, because the output has 3 units\. Received: y=3/,
    ],
    [
      "class numbers with a fraction",
      () => fit(convnet(), [images, tf.tensor1d([0, 1, 1.5, 2])]),
      /Received: y=1\.5/,
    ],
    [
      "one-hot labels for the sparse loss",
      () => fit(convnet(), [images, tf.oneHot(labels, 3)]),
      /`y` must be class numbers of shape \[batch\]/,
    ],
    [
      "binary labels that are none",
      () => fit(classifier(), [x, tf.fill([8], 2)]),
      /`y` must be numbers from 0 to 1 for binaryCrossentropy\. Received: y=2/,
    ],
    [
      "no samples",
      () => fit(classifier(), [tf.zeros([0, 2]), tf.zeros([0])]),
      /at least one sample/,
    ],
    [
      "an empty dataset",
      () => fit(classifier(), tf.data.array([] as { xs: never; ys: never }[])),
      /`data` must have at least one batch\. Received: an empty dataset/,
    ],
    [
      "a dataset of something else",
      () => fit(classifier(), tf.data.array([1, 2, 3])),
      /`data` must be a dataset of batches `\{ xs, ys \}`\. Received: data=1/,
    ],
    ["data that is none", () => fit(classifier(), x as never), /`data` must be \[x, y\]/],
    [
      "too many samples for validation",
      () => fit(classifier(), [x, y], { validationSplit: 0.99 }),
      /`validationSplit` must be such that both parts of the 8 samples have at least one/,
    ],
    [
      "bad validation data",
      () => fit(classifier(), [x, y], { validationData: [x, tf.zeros([3])] }),
      /must have the same number of samples/,
    ],
    [
      "class weights and sample weights together",
      () => fit(classifier(), [x, y], { classWeight: { 0: 1 }, sampleWeight: tf.ones([8]) }),
      /must not be given together/,
    ],
    [
      "class weights that are none",
      () => fit(classifier(), [x, y], { classWeight: { 0: -1 } }),
      /`classWeight` must be an object of class numbers and weights of at least 0/,
    ],
    [
      "sample weights of another length",
      () => fit(classifier(), [x, y, tf.ones([7])]),
      /`x` and `sampleWeight` must have the same number of samples\. Received: 8 and 7/,
    ],
    [
      "a batch size for a dataset",
      () => fit(classifier(), pointBatches(), { batchSize: 4 }),
      /`batchSize` must not be given with a dataset/,
    ],
    [
      "an endless dataset without stepsPerEpoch",
      () => fit(classifier(), pointBatches().repeat()),
      /`stepsPerEpoch` must be given/,
    ],
    [
      "an unknown option",
      () => fit(classifier(), [x, y], { epoch: 3 } as FitOptions),
      /fit has no option `epoch`\. Allowed: epochs, .*Received: epoch=3/,
    ],
  ];
  const badOptions: [FitOptions, RegExp][] = [
    [{ epochs: Number.NaN }, /`epochs` must be a positive whole number\. Received: epochs=NaN/],
    [{ epochs: 0 }, /`epochs` must be a positive whole number/],
    [{ batchSize: 2.5 }, /`batchSize` must be a positive whole number\. Received: batchSize=2\.5/],
    [{ batchSize: 0 }, /`batchSize` must be a positive whole number/],
    [{ stepsPerEpoch: -1 }, /`stepsPerEpoch` must be a positive whole number/],
    [{ validationSplit: Number.NaN }, /`validationSplit` must be a number in \[0, 1\]/],
    [{ validationFreq: [0] }, /`validationFreq` must be a positive whole number/],
    [{ engine: "fast" as never }, /`engine` must be one of "auto", "graph", "eager"/],
    [{ verbose: 3 as never }, /`verbose` must be one of "auto", 0, 1, 2/],
    [{ callbacks: ["x" as never] }, /`callbacks` must be a callback/],
  ];
  for (const [options, message] of badOptions) {
    const what = JSON.stringify(options).replace(/:null/, ":NaN");
    refusals.push([what, () => fit(classifier(), [x, y], options), message]);
  }
  let before = 0;
  beforeEach(() => {
    before = process.listenerCount("SIGINT");
  });
  afterEach(() => assert.equal(process.listenerCount("SIGINT"), before));
  for (const [what, run, message] of refusals) {
    it(what, async () => {
      await assert.rejects(run(), (error: Error) => {
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("and leaves the model as it was, without new tensors", async () => {
    const model = classifier();
    const wrong = tf.zeros([7]);
    const weights = numbersOf(model);
    const count = tensorCount();
    await assert.rejects(fit(model, [x, wrong], quiet));
    await assert.rejects(fit(model, [x, y], { epochs: -1 }));
    assert.equal(tensorCount(), count);
    assert.deepEqual(numbersOf(model), weights);
  });
});

describe("evaluate and predict", () => {
  it("return the loss and the metrics as a list with names, or as an object", async () => {
    const [x, y] = points();
    const plain = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    plain.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const alone = await evaluate(plain, [x, y], quiet);
    assert.deepEqual([alone.length, alone[0]], [1, alone.loss]);
    const model = classifier();
    const measured = await evaluate(model, [x, y], quiet);
    const [loss, accuracy, ...others] = measured;
    assert.deepEqual([measured.loss, measured.accuracy, others], [loss, accuracy, []]);
    assert.deepEqual(measured, [loss, accuracy], "it compares as the list alone");
    const named = await evaluate(model, [x, y], { returnDict: true, ...quiet });
    assert.deepEqual(named, { accuracy, loss });
  });

  it("a metric that is named like a method of a list leaves the method alone", async () => {
    const [x, y] = points();
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    const map = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.mean(tf.abs(tf.sub(yTrue, yPred)));
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: [map] });
    const measured = await evaluate(model, [x, y], quiet);
    assert.deepEqual(measured.map(Number), [...measured]);
    const named = await evaluate(model, [x, y], { returnDict: true, ...quiet });
    assert.deepEqual([named.loss, named.map], [...measured]);
  });

  it("take as many steps as asked", async () => {
    const [x, y] = points();
    const options: EvaluateOptions = { steps: 1, batchSize: 8, ...quiet };
    const some = await evaluate(classifier(), [x, y], options);
    const first = await evaluate(classifier(), [x.slice(0, 8), y.slice(0, 8)], quiet);
    assert.deepEqual(some, first);
    const values = await predict(classifier(), x, options);
    assert.deepEqual((values as ReturnType<typeof tf.tensor>).shape, [8, 1]);
  });

  it("predict gives one tensor for each output, whatever the batches", async () => {
    const input = tf.input({ shape: [2] });
    const outputs = [1, 3].map((units) => tf.layers.dense({ units }).apply(input));
    const model = tf.model({ inputs: input, outputs });
    const [x] = points(10);
    const whole = await predict<tf.Tensor[]>(model, x, quiet);
    const parts = await predict<tf.Tensor[]>(model, x, { batchSize: 4, ...quiet });
    assert.deepEqual(
      whole.map((output) => output.shape),
      [
        [10, 1],
        [10, 3],
      ],
    );
    for (const [i, output] of whole.entries()) {
      const difference = output.sub(parts[i]!).abs().max().dataSync()[0]!;
      assert.ok(difference < 1e-6);
    }
  });
});
