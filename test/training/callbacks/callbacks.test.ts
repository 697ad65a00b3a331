import assert from "node:assert/strict";
import fs from "node:fs";
import { describe, it } from "node:test";
import { Callback, callbacks, fit, getLearningRate, setLearningRate, tf } from "../../../lib/index";
import { reprOf } from "../../../lib/pythonNumbers";
import { temporaryFolder } from "../../support/temporaryFolder";
import { classifier, numbersOf, points, tensorCount } from "../models";

/** Plays given values of `val_loss` instead of measuring: sits before the callback under test. */
class Play extends Callback {
  constructor(private readonly values: number[]) {
    super();
  }
  override onEpochEnd(epoch: number, logs: Record<string, number> = {}): void {
    logs.val_loss = this.values[epoch]!;
  }
}

async function play(values: number[], callback: Callback, model = classifier()) {
  const data = points(8);
  const options = { epochs: values.length, verbose: 0, engine: "eager" } as const;
  return await fit(model, data, { ...options, callbacks: [new Play(values), callback] });
}

/** What a function prints. */
async function printed(run: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const { log, warn } = console;
  console.log = console.warn = (text: string) => void lines.push(text);
  try {
    await run();
  } finally {
    Object.assign(console, { log, warn });
  }
  return lines;
}

describe("callbacks.earlyStopping", () => {
  it("waits for `patience` epochs without improvement", async () => {
    const { epoch } = await play(
      [3, 2, 2.5, 2.4, 2.3, 1],
      callbacks.earlyStopping({ patience: 2 }),
    );
    assert.deepEqual(epoch, [0, 1, 2, 3]);
  });

  it("counts only improvements of more than minDelta, and none before startFromEpoch", async () => {
    const small = callbacks.earlyStopping({ patience: 1, minDelta: 0.5 });
    assert.deepEqual((await play([3, 2.8, 1], small)).epoch, [0, 1]);
    const late = callbacks.earlyStopping({ patience: 1, startFromEpoch: 3 });
    assert.deepEqual((await play([1, 2, 3, 4, 5, 6], late)).epoch, [0, 1, 2, 3, 4]);
  });

  it("goes on waiting until the baseline is beaten", async () => {
    const callback = callbacks.earlyStopping({ patience: 3, baseline: 1 });
    assert.deepEqual((await play([5, 4, 3, 3, 0.5], callback)).epoch, [0, 1, 2, 3]);
  });

  it("restores the best weights, keeps no copies, and says so", async () => {
    const model = classifier();
    const kept: number[][] = [];
    const watch = { onEpochEnd: () => void kept.push(numbersOf(model)) };
    const before = tensorCount() + 2 * model.trainableWeights.length + 2;
    const callback = callbacks.earlyStopping({ patience: 2, restoreBestWeights: true, verbose: 1 });
    const data = points(8);
    const lines = await printed(() =>
      fit(model, data, {
        epochs: 6,
        verbose: 0,
        callbacks: [new Play([3, 1, 2, 2, 2, 2]), watch, callback],
      }),
    );
    assert.equal(kept.length, 4);
    assert.deepEqual(numbersOf(model), kept[1]);
    assert.deepEqual(lines, [
      "Epoch 4: early stopping",
      "Restoring model weights from the end of the best epoch: 2.",
    ]);
    assert.equal(tensorCount(), before);
  });

  it("restores a model whose first part is frozen", async () => {
    const base = classifier();
    base.trainable = false;
    const model = tf.sequential({ layers: [base, tf.layers.dense({ units: 1 })] });
    model.compile({ optimizer: "adam", loss: "meanSquaredError" });
    const kernel = () => Array.from(model.layers[1]!.getWeights()[0]!.dataSync());
    const seen: number[][] = [];
    const watch = { onEpochEnd: () => void seen.push(kernel()) };
    const callback = callbacks.earlyStopping({ patience: 1, restoreBestWeights: true });
    const options = { epochs: 3, verbose: 0, callbacks: [new Play([1, 2, 3]), watch, callback] };
    await fit(model, points(8), options as object);
    assert.deepEqual(kernel(), seen[0]);
    assert.notDeepEqual(seen[1], seen[0]);
  });

  it("restores the best weights when epochs run out, too", async () => {
    const model = classifier();
    const first: number[][] = [];
    const watch = { onEpochEnd: () => void first.push(numbersOf(model)) };
    const callback = callbacks.earlyStopping({ patience: 9, restoreBestWeights: true });
    const options = { epochs: 3, verbose: 0, callbacks: [new Play([1, 2, 3]), watch, callback] };
    await fit(model, points(8), options as object);
    assert.deepEqual(numbersOf(model), first[0]);
  });

  it("warns once when there is nothing to watch", async () => {
    const callback = callbacks.earlyStopping();
    const options = { epochs: 3, verbose: 0, callbacks: callback } as const;
    const lines = await printed(() => fit(classifier(), points(8), options));
    assert.deepEqual(lines, [
      "earlyStopping watches `val_loss`, which is not available. Available: accuracy, loss",
    ]);
  });
});

describe("callbacks that change the learning rate", () => {
  // The rates that Python Keras 3.15 gives for the same values.
  const plateaus: [object, number[], number[]][] = [
    [
      { factor: 0.1, patience: 1, cooldown: 1, minLR: 0.05 },
      [1, 1, 1, 1, 1],
      [1, 1, 0.1, 0.05, 0.05],
    ],
    [
      { factor: 0.5, patience: 2, cooldown: 2 },
      [3, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1],
      [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125],
    ],
    [
      { factor: 0.5, patience: 1 },
      [1, 1.00005, 0.99995, 0.9998, 0.99975, 0.5],
      [1, 1, 0.5, 0.25, 0.25, 0.125],
    ],
  ];
  for (const [options, values, expected] of plateaus) {
    it(`reduceLROnPlateau ${JSON.stringify(options)} gives Keras' rates`, async () => {
      const model = classifier({ optimizer: tf.train.sgd(1) });
      const { history } = await play(values, callbacks.reduceLROnPlateau(options), model);
      const rates = history.learning_rate!.map((rate) => Number(rate.toPrecision(6)));
      assert.deepEqual(rates, expected);
    });
  }

  it("learningRateScheduler sets it before every epoch, for every optimizer of tfjs", async () => {
    const optimizers = [
      tf.train.sgd(1),
      tf.train.momentum(1, 0.9),
      tf.train.adagrad(1),
      tf.train.adadelta(1),
      tf.train.adam(1),
      tf.train.adamax(1),
      tf.train.rmsprop(1),
    ];
    for (const optimizer of optimizers) {
      const model = classifier({ optimizer });
      const halve = callbacks.learningRateScheduler((epoch, rate) =>
        epoch === 0 ? rate : rate / 2,
      );
      const { history } = await play([1, 1, 1], halve, model);
      assert.deepEqual(history.learning_rate, [1, 0.5, 0.25]);
      assert.equal(getLearningRate(model), 0.25);
    }
  });

  it("the new rate is the one that trains, on both engines", async () => {
    for (const engine of ["eager", "graph"] as const) {
      const model = classifier({ optimizer: tf.train.momentum(0.5, 0.9) });
      const before = numbersOf(model);
      const still = callbacks.learningRateScheduler(() => 0);
      await fit(model, points(8), { epochs: 2, verbose: 0, engine, callbacks: still });
      assert.deepEqual(numbersOf(model), before);
    }
  });

  it("setLearningRate refuses what is no rate", () => {
    assert.throws(
      () => setLearningRate(classifier(), Number.NaN),
      /`learningRate` must be a number/,
    );
  });
});

describe("callbacks.csvLogger", () => {
  it("writes what Python's csv module reads, and appends when told", async () => {
    using folder = temporaryFolder();
    const file = folder.join("logs", "run.csv");
    const options = { epochs: 2, verbose: 0 } as const;
    const data = points(8);
    const first = await fit(classifier(), data, {
      ...options,
      callbacks: callbacks.csvLogger(file),
    });
    const again = callbacks.csvLogger(file, { append: true });
    await fit(classifier(), data, { ...options, callbacks: again });
    const rows = fs.readFileSync(file, "utf8").split("\r\n");
    assert.equal(rows[0], "epoch,accuracy,loss,val_accuracy,val_loss");
    const { accuracy, loss } = first.history;
    assert.equal(rows[1], `0,${reprOf(accuracy![0]!)},${reprOf(loss![0]!)},NA,NA`);
    assert.deepEqual(
      rows.map((row) => row.split(",")[0]),
      ["epoch", "0", "1", "0", "1", ""],
    );
  });

  it("writes numbers as Python does", async () => {
    using folder = temporaryFolder();
    const file = folder.join("run.csv");
    const numbers: Record<string, number> = {
      a: 1,
      b: 1e-5,
      c: NaN,
      d: -Infinity,
      e: 0.25,
      f: 1e16,
    };
    const own = { onEpochEnd: (_: number, logs?: object) => void Object.assign(logs!, numbers) };
    const csv = callbacks.csvLogger(file, { separator: "." });
    await fit(classifier(), points(8), { verbose: 0, callbacks: [own, csv] });
    const [header, row] = fs.readFileSync(file, "utf8").split("\r\n");
    const found = row!.match(/"[^"]*"|[^.]+/g)!;
    const places = header!.split(".");
    // What Python 3.11's csv module writes of these floats.
    const expected = { a: '"1.0"', b: "1e-05", c: "nan", d: "-inf", e: '"0.25"', f: "1e+16" };
    for (const [name, text] of Object.entries(expected)) {
      assert.equal(found[places.indexOf(name)], text, name);
    }
  });

  it("has the columns that callbacks before it have made, as in Keras", async () => {
    using folder = temporaryFolder();
    const rate = callbacks.learningRateScheduler((epoch) => [1e-5, 1e-6][epoch]!);
    const [before, after] = ["before.csv", "after.csv"].map((name) => folder.join(name));
    const list = [callbacks.csvLogger(before!), rate, callbacks.csvLogger(after!)];
    const { history } = await fit(classifier(), points(8), {
      epochs: 2,
      verbose: 0,
      callbacks: list,
    });
    assert.deepEqual(history.learning_rate, [1e-5, 1e-6].map(Math.fround));
    const rows = (file: string) => fs.readFileSync(file, "utf8").split("\r\n");
    // Keras 3.15.1, both files.
    assert.equal(rows(before!)[0], "epoch,accuracy,loss,val_accuracy,val_loss");
    const columns = ["accuracy", "learning_rate", "loss"];
    const all = ["epoch", ...columns, ...columns.map((name) => `val_${name}`)];
    assert.deepEqual(rows(after!)[0], all.join(","));
    assert.deepEqual(
      rows(after!)
        .slice(1, 3)
        .map((row) => row.split(",")[2]),
      ["9.999999747378752e-06", "9.999999974752427e-07"],
    );
  });
});

describe("callbacks refuse", () => {
  const refusals: [what: string, make: () => unknown, message: RegExp][] = [
    [
      "unknown options",
      () => callbacks.earlyStopping({ patienc: 3 } as object),
      /earlyStopping has no option `patienc`/,
    ],
    [
      "numbers whose direction can't be told",
      () => callbacks.earlyStopping({ monitor: "val_distance" }),
      /can't tell whether `val_distance` should grow or shrink/,
    ],
    [
      "a factor of 1",
      () => callbacks.reduceLROnPlateau({ factor: 1 }),
      /`factor` must be a number in \(0, 1\)/,
    ],
    [
      "a file of another kind",
      () => callbacks.modelCheckpoint({ filepath: "model.h5" }),
      /`filepath` must be a path that ends in \.keras\. Received: filepath="model\.h5"/,
    ],
    [
      "weights without their extension",
      () => callbacks.modelCheckpoint({ filepath: "m.keras", saveWeightsOnly: true }),
      /ends in \.weights\.h5 with `saveWeightsOnly`/,
    ],
    [
      "a frequency of half a step",
      () => callbacks.modelCheckpoint({ filepath: "m.keras", saveFreq: 0.5 }),
      /`saveFreq` must be "epoch" or a positive number of steps/,
    ],
    [
      "no backup folder",
      () => callbacks.backupAndRestore({ backupDir: "" }),
      /`backupDir` must be a folder's path/,
    ],
    ["two separators", () => callbacks.csvLogger("x", { separator: ",," }), /`separator` must be/],
    [
      "a place that Python couldn't fill",
      () => callbacks.modelCheckpoint({ filepath: "{loss:d}.keras" }),
      /`filepath` has the format `d`, which Python doesn't have for a float such as \{loss\}/,
    ],
    ["a step of 0", () => callbacks.tensorBoard({ updateFreq: 0 }), /`updateFreq` must be/],
  ];
  for (const [what, make, message] of refusals) {
    it(what, () => assert.throws(make, message));
  }
});
