/** Losses and metrics of a user's own classes, between Keras 3.15.1 and here. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  compiled,
  evaluate,
  fit,
  loadModel,
  losses,
  metrics,
  registerKerasLoss,
  registerKerasMetric,
  saveModel,
  tf,
} from "../../lib/index";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { loadWithWarnings } from "./kerasFacts";

const classes = `
import json, sys, numpy as np, keras
from keras import ops
folder = sys.argv[1]
registered = keras.saving.register_keras_serializable(package="mine")

@registered
class Powered(keras.losses.Loss):
    def __init__(self, exponent=2.0, **kwargs):
        super().__init__(**kwargs)
        self.exponent = exponent
    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_true - y_pred) ** self.exponent, axis=-1)
    def get_config(self):
        return {**super().get_config(), "exponent": self.exponent}

@registered
class Confusion(keras.metrics.Metric):
    def __init__(self, above=0.5, name=None, **kwargs):
        super().__init__(name=name, **kwargs)
        self.above = above
        self.table = self.add_weight(shape=(2, 2), initializer="zeros", name="table")
        self.off = self.add_weight(shape=(), initializer="zeros", name="off")
    def update_state(self, y_true, y_pred, sample_weight=None):
        weights = 1.0 if sample_weight is None else ops.reshape(sample_weight, (-1, 1))
        is_so = ops.cast(y_true > self.above, "float32")
        found = ops.cast(y_pred > self.above, "float32")
        def count(a, b): return ops.sum(a * b * weights)
        self.table.assign_add(ops.stack([ops.stack([count(1 - is_so, 1 - found), count(1 - is_so, found)]), ops.stack([count(is_so, 1 - found), count(is_so, found)])]))
        self.off.assign_add(ops.sum(ops.abs(y_true - y_pred)))
    def result(self):
        return ops.divide_no_nan(self.table[0, 0] + self.table[1, 1], ops.sum(self.table)) + 0.001 * self.off
    def get_config(self):
        return {**super().get_config(), "above": self.above}

x = np.linspace(-1, 1, 30, dtype="float32").reshape(10, 3)
y = np.cos(x[:, :2])
weights = np.linspace(0.5, 1.5, 10, dtype="float32")
options = dict(batch_size=4, epochs=2, shuffle=False, verbose=0, sample_weight=weights, validation_data=(x[:3], y[:3], weights[:3]))
`;

const write = `${classes}
histories = {}
for reduction in ["sum_over_batch_size", "sum", "mean_with_sample_weight"]:
    model = keras.Sequential([keras.Input([3]), keras.layers.Dense(4, "tanh"), keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(0.05), Powered(exponent=3.0, reduction=reduction, name="cubed"), metrics=[Confusion(above=0.8)], weighted_metrics=[Confusion(name="by_weight")])
    model.save(f"{folder}/{reduction}.keras")
    model.save(f"{folder}/{reduction}.h5")
    histories[reduction] = model.fit(x, y, **options).history
print(json.dumps(histories))
`;

const again = `${classes}
model = keras.models.load_model(f"{folder}/ours.keras")
assert type(model.loss) is Powered and model.loss.exponent == 3 and model.loss.reduction == "sum", vars(model.loss)
metric = model._compile_metrics._user_metrics[0]
assert type(metric) is Confusion and metric.above == 0.8, metric
print(json.dumps(model.fit(x, y, **options).history))
`;

/** Python's class, here. */
class Powered extends losses.Loss {
  static override className = "Powered";
  readonly exponent: number;

  constructor({ exponent = 2, ...options }: { exponent?: number } & losses.LossOptions = {}) {
    super(options);
    this.exponent = exponent;
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return tf.mean(tf.pow(tf.abs(tf.sub(yTrue, yPred)), this.exponent), -1);
  }

  override getConfig() {
    return { ...super.getConfig(), exponent: this.exponent };
  }
}

/** Likewise. */
class Confusion extends metrics.Metric {
  static override className = "Confusion";
  readonly above: number;
  private readonly table = this.addWeight({ name: "table", shape: [2, 2] });
  private readonly off = this.addWeight({ name: "off" });

  constructor({ above = 0.5, ...options }: { above?: number } & metrics.MetricOptions = {}) {
    super(options);
    this.above = above;
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const weights = sampleWeight ? tf.reshape(sampleWeight, [-1, 1]) : tf.scalar(1);
    const isSo = tf.cast(tf.greater(yTrue, this.above), "float32");
    const found = tf.cast(tf.greater(yPred, this.above), "float32");
    const count = (a: Tensor, b: Tensor) => tf.sum(tf.mul(tf.mul(a, b), weights));
    const [isNot, notFound] = [tf.sub(1, isSo), tf.sub(1, found)];
    const rows = [count(isNot, notFound), count(isNot, found), count(isSo, notFound)];
    this.table.assignAdd(tf.reshape(tf.stack([...rows, count(isSo, found)]), [2, 2]));
    tf.tidy(() => this.off.assignAdd(tf.sum(tf.abs(tf.sub(yTrue, yPred)))));
  }

  override result(): Tensor {
    const table = this.table.value;
    const right = tf.sum(tf.mul(table, tf.eye(2)));
    return tf.add(tf.divNoNan(right, tf.sum(table)), tf.mul(0.001, this.off.value));
  }

  override getConfig() {
    return { ...super.getConfig(), above: this.above };
  }
}

type History = Record<string, number[]>;

const folder = temporaryFolder();
after(() => folder[Symbol.dispose]());
let keras: Record<string, History>;
before(async () => {
  keras = JSON.parse((await runPython(write, [folder.path])).trim().split("\n").at(-1)!);
});

const file = (name: string, extension = "keras") => `${folder.path}/${name}.${extension}`;
const xs = Array.from({ length: 30 }, (_, i) => -1 + (2 * i) / 29);

function data() {
  const x = tf.tensor2d(xs, [10, 3]);
  const y = tf.tidy(() => tf.cos(tf.slice(x, [0, 0], [10, 2])));
  const weights = tf.linspace(0.5, 1.5, 10);
  return { x, y, weights };
}

async function history(model: tf.LayersModel, engine: "graph" | "eager"): Promise<History> {
  const { x, y, weights } = data();
  const validationData = tf.tidy(() => [x.slice(0, 3), y.slice(0, 3), weights.slice(0, 3)]);
  const trained = await fit(model, [x, y], {
    ...{ batchSize: 4, epochs: 2, shuffle: false, verbose: 0, engine, sampleWeight: weights },
    validationData: validationData as [Tensor, Tensor, Tensor],
  });
  tf.dispose([x, y, weights, validationData]);
  return trained.history;
}

function assertClose(ours: History, theirs: History, what: string): void {
  assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
  for (const [name, values] of Object.entries(theirs)) {
    for (const [epoch, value] of values.entries()) {
      const own = ours[name]![epoch]!;
      assert.ok(Math.abs(own - value) < 1e-5, `${what}: ${name} ${own}, Keras ${value}`);
    }
  }
}

describe("a loss or metric of a class of one's own", () => {
  it("that isn't registered leaves the model uncompiled, and a warning says how to register it", async () => {
    const { model, warnings } = await loadWithWarnings(file("sum"));
    assert.match(warnings.join(), /the loss "mine>Powered".*registerKerasLoss.*uncompiled/);
    assert.equal(model.optimizer, undefined);
    model.dispose();
  });

  it("trains and is measured as in Keras on both engines, by each reduction, and leaves no tensors", async () => {
    registerKerasLoss("mine>Powered", Powered);
    const { model, warnings } = await loadWithWarnings(file("sum"));
    assert.match(warnings.join(), /the metric "mine>Confusion".*registerKerasMetric.*left out/);
    model.dispose();
    registerKerasMetric("mine>Confusion", Confusion);
    const tensors = tf.memory().numTensors;
    for (const [reduction, theirs] of Object.entries(keras)) {
      for (const engine of ["graph", "eager"] as const) {
        for (const extension of ["keras", "h5"]) {
          const read = await loadWithWarnings(file(reduction, extension));
          assert.deepEqual(read.warnings, []);
          assertClose(await history(read.model, engine), theirs, `${reduction} ${engine}`);
          read.model.dispose();
        }
      }
    }
    assert.equal(tf.memory().numTensors, tensors);
  });

  it("is saved with its options under its registered name, and trains on in Keras as here", async () => {
    const read = await loadModel(file("sum"));
    const made = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, activation: "tanh", inputShape: [3] }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    made.setWeights(read.getWeights());
    made.compile({
      optimizer: tf.train.sgd(0.05),
      loss: new Powered({ exponent: 3, reduction: "sum" }),
      metrics: [new Confusion({ above: 0.8 })],
      weightedMetrics: [new Confusion({ name: "byWeight" })],
    });
    for (const model of [read, made]) {
      await saveModel(model, file("ours"));
      const printed = await runPython(again, [folder.path]);
      const theirs = JSON.parse(printed.trim().split("\n").at(-1)!);
      assertClose(await history(model, "graph"), theirs, "saved");
      model.dispose();
    }
  });

  it("is a function of labels and outputs, in a compiled step too, where a changed setting counts", async () => {
    const loss = new Powered({ exponent: 2 });
    const metric = new Confusion();
    const step = compiled((x: Tensor, y: Tensor) => [tf.mean(loss(x, y)), metric(x, y)]);
    const [x, y] = [tf.tensor2d([[1, 0]]), tf.tensor2d([[0.25, 0.75]])];
    const { numTensors } = tf.memory();
    const numbers = async () => {
      const results = await step(x, y);
      const values = results.map((each) => each.dataSync()[0]!);
      tf.dispose(results);
      return values;
    };
    for (let i = 0; i < 3; i++)
      assert.deepEqual(await numbers(), [0.5625, 0.001 * 1.5].map(Math.fround));
    Object.assign(loss, { exponent: 1 });
    assert.equal((await numbers())[0], 0.75);
    step.dispose();
    assert.equal(tf.memory().numTensors, numTensors);
    tf.dispose([x, y]);
  });

  it("is compiled anew where a setting changes between two runs of fit", async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    const loss = new Powered({ exponent: 2 });
    model.compile({ optimizer: "sgd", loss });
    const { x, y, weights } = data();
    const options = { engine: "graph", verbose: 0, returnDict: true } as const;
    const squares = await evaluate(model, [x, y], options);
    Object.assign(loss, { exponent: 1 });
    const lengths = await evaluate(model, [x, y], options);
    const [expected] = tf.tidy(() =>
      tf.mean(tf.abs(tf.sub(y, model.predict(x) as Tensor))).dataSync(),
    );
    assert.ok(Math.abs(lengths.loss! - expected!) < 1e-6, `${lengths.loss}, not ${expected}`);
    assert.notEqual(squares.loss, lengths.loss);
    tf.dispose([x, y, weights]);
    model.dispose();
  });

  it("gives several numbers, which logs number", async () => {
    class Extremes extends metrics.Metric {
      static override className = "Extremes";
      private readonly sums = this.addWeight({ shape: [2] });
      override updateState(yTrue: Tensor, yPred: Tensor): void {
        this.sums.assignAdd(tf.sum(tf.sub(yPred, yTrue), 0));
      }
      override result(): Tensor {
        return this.sums.value;
      }
    }
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: [new Extremes()] });
    const { x, y, weights } = data();
    const measured = await evaluate(model, [x, y], { verbose: 0, returnDict: true });
    assert.deepEqual(Object.keys(measured), ["extremes[0]", "extremes[1]", "loss"]);
    await assert.rejects(saveModel(model, file("never")), /registerKerasMetric/);
    tf.dispose([x, y, weights]);
    model.dispose();
  });

  it("says what is wrong with it", () => {
    assert.throws(() => registerKerasLoss("mine>Other", Powered), /className` must be "Other"/);
    assert.throws(() => registerKerasLoss("yours>Powered", Powered), /as "mine>Powered" already/);
    assert.throws(() => registerKerasLoss("mine>Confusion", Confusion as never), /losses\.Loss/);
    assert.throws(() => registerKerasMetric("mine>Powered", Powered as never), /metrics\.Metric/);
    assert.throws(() => new Powered({ reduction: "none" as never }), /`reduction` must be/);
    assert.throws(() => new Confusion({ abov: 1 } as never), /abov/);
    class Reads extends Confusion {
      static override className = "Reads";
      private readonly most = this.addWeight({ name: "most" });
      override updateState(_: Tensor, yPred: Tensor): void {
        this.most.assignAdd(tf.maximum(this.most.value, tf.max(yPred)));
      }
    }
    const two = tf.tensor2d([[1, 2]]);
    const before = tf.memory().numTensors;
    assert.throws(() => new Reads()(two, two), /"most" is read outside of `result`/);
    class Grows extends Reads {
      override updateState(_: Tensor, yPred: Tensor): void {
        this.addWeight({ name: "late" }).assignAdd(yPred);
      }
    }
    assert.throws(() => new Grows()(two, two), /"late" is added to outside of `updateState`/);
    assert.equal(tf.memory().numTensors, before);
    two.dispose();
  });

  it("says which part of its class is missing", () => {
    class Nameless extends losses.Loss {
      call(yTrue: Tensor): Tensor {
        return yTrue;
      }
    }
    assert.throws(() => new Nameless(), /The class Nameless must have a `static className`/);
    class Idle extends (losses.Loss as unknown as new () => object) {
      static className = "Idle";
    }
    assert.throws(() => new Idle(), /The class Idle must have a method `call`\./);
    class Endless extends (metrics.Metric as unknown as new () => object) {
      static className = "Endless";
      updateState(): void {}
    }
    assert.throws(() => new Endless(), /The class Endless must have a method `result`\./);
  });
});
