import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { getRandomState } from "../../../lib/engine";
import { newMark } from "../../../lib/files";
import { Callback, callbacks, type FitOptions, fit, optimizers, tf } from "../../../lib/index";
import { normaliseText } from "../../../scripts/notebooks/compare/normalise";
import { markOfTheDead } from "../../support/marks";
import { writtenBy } from "../../support/printed";
import { temporaryFolder } from "../../support/temporaryFolder";
import { classifier, numbersOf, pointBatches, points, tensorCount } from "../models";

/** Replaces `val_loss`, and ends training with an error like a kill would, when asked to. */
class Play extends Callback {
  steps = 0;
  constructor(
    private readonly values: number[] = [],
    private readonly failInEpoch?: number,
  ) {
    super();
  }
  override onTrainBatchEnd(): void {
    this.steps++;
  }
  override onEpochBegin(epoch: number): void {
    if (epoch === this.failInEpoch) throw new Error("killed");
  }
  override onEpochEnd(epoch: number, logs: Record<string, number> = {}): void {
    if (this.values[epoch] !== undefined) logs.val_loss = this.values[epoch];
  }
}

interface Run extends FitOptions {
  model?: LayersModel;
  data?: Parameters<typeof fit>[1];
  play?: Play;
  more?: Callback[];
}

/** Runs a fit whose backup stays. */
async function run(backupDir: string, { model, data, play, more = [], ...options }: Run = {}) {
  const used = model ?? classifier({ seed: 5, dropout: 0.3 });
  const counter = play ?? new Play();
  const backup = callbacks.backupAndRestore({ backupDir, deleteCheckpoint: false });
  let history: Awaited<ReturnType<typeof fit>> | undefined;
  const text = await writtenBy(async () => {
    history = await fit(used, data ?? points(32), {
      epochs: 4,
      batchSize: 8,
      verbose: 2,
      engine: "eager",
      callbacks: [backup, counter, ...more],
      ...options,
    }).catch((error: Error) => {
      if (error.message !== "killed") throw error;
      return undefined;
    });
  });
  return { history, text, steps: counter.steps, weights: numbersOf(used), model: used };
}

describe("callbacks.backupAndRestore with deleteCheckpoint false", () => {
  it("gives a finished run back at once: weights, history, lines and the numbers drawn after it", async () => {
    using folder = temporaryFolder();
    const backupDir = folder.join("run");
    const validationData = points(16);
    const first = await run(backupDir, { validationData });
    const drawn = getRandomState();
    const again = await run(backupDir, { validationData });
    assert.equal(first.steps, 16);
    assert.equal(again.steps, 0);
    assert.deepEqual(again.history!.history, first.history!.history);
    assert.deepEqual(again.history!.epoch, [0, 1, 2, 3]);
    assert.deepEqual(again.history!.seconds, first.history!.seconds);
    assert.deepEqual(again.weights, first.weights);
    assert.deepEqual(getRandomState(), drawn);
    const notice = `Restored epochs 1–4 from ${backupDir}; delete that folder to train again.\n`;
    assert.equal(again.text, notice + first.text);
    assert.equal(normaliseText(again.text), normaliseText(first.text));
  });

  it("goes on after the last epoch with the earlier ones in the history, as an unbroken run", async () => {
    for (const engine of ["eager", "graph"] as const) {
      using folder = temporaryFolder();
      const unbroken = await run(folder.join("unbroken"), { engine });
      await run(folder.join("broken"), { engine, play: new Play([], 2) });
      const resumed = await run(folder.join("broken"), { engine });
      assert.equal(resumed.steps, 8);
      assert.match(resumed.text, /^Restored epochs 1–2 from .*\nEpoch 1\/4\n/);
      assertClose(resumed.history!.history.loss!, unbroken.history!.history.loss!);
      assertClose(resumed.weights, unbroken.weights);
    }
  });

  it("goes on when more epochs are asked for, and trains anew for fewer", async () => {
    using folder = temporaryFolder();
    const unbroken = await run(folder.join("unbroken"), { epochs: 6 });
    await run(folder.join("run"), { epochs: 3 });
    const more = await run(folder.join("run"), { epochs: 6 });
    assert.equal(more.steps, 12);
    assertClose(more.history!.history.loss!, unbroken.history!.history.loss!);
    const fewer = await run(folder.join("run"), { epochs: 2 });
    assert.equal(fewer.steps, 8);
    assert.match(
      fewer.text,
      /^Training starts anew: the backup in .* has 6 epochs, more than 2\.\n/,
    );
  });

  const [x, y] = points(32);
  const others: [string, () => Run, RegExp][] = [
    [
      "seed",
      () => ({ model: classifier({ seed: 6, dropout: 0.3 }) }),
      /the model's first weights are/,
    ],
    [
      "architecture",
      () => ({ model: classifier({ seed: 5, dropout: 0.4 }) }),
      /the model's layers are/,
    ],
    [
      "optimizer",
      () => ({
        model: classifier({
          seed: 5,
          dropout: 0.3,
          optimizer: optimizers.adam({ learningRate: 0.01 }) as never,
        }),
      }),
      /the optimizer is/,
    ],
    [
      "loss",
      () => {
        const model = classifier({ seed: 5, dropout: 0.3 });
        model.compile({ optimizer: "adam", loss: "meanSquaredError", metrics: ["accuracy"] });
        return { model };
      },
      /the loss or metrics are/,
    ],
    ["data", () => ({ data: [x.add(1), y] }), /the training data or its batches are/],
    ["labels", () => ({ data: [x, y.reverse()] }), /the training data or its batches are/],
    ["batch size", () => ({ batchSize: 4 }), /the training data or its batches are/],
    ["validation data", () => ({ validationData: points(8) }), /the validation data is/],
    ["steps per epoch", () => ({ stepsPerEpoch: 2 }), /the options of fit are/],
    [
      "early stopping",
      () => ({ more: [callbacks.earlyStopping({ monitor: "loss", patience: 9 })] }),
      /the callbacks are/,
    ],
  ];
  for (const [what, change, reason] of others) {
    it(`trains anew with another ${what}, and says so in one line`, async () => {
      using folder = temporaryFolder();
      const backupDir = folder.join("run");
      await run(backupDir, { epochs: 1 });
      const other = await run(backupDir, { epochs: 1, ...change() });
      assert.ok(other.steps > 0);
      const [line] = other.text.split("\n");
      assert.match(
        line!,
        new RegExp(`^Training starts anew: ${reason.source} not that of the backup in `),
      );
      assert.equal((await run(backupDir, { epochs: 1, ...change() })).steps, 0);
    });
  }

  it("goes on with a model that was stopped in this process, unless it was changed since", async () => {
    using folder = temporaryFolder();
    const unbroken = await run(folder.join("unbroken"));
    const { model } = await run(folder.join("broken"), { play: new Play([], 2) });
    const resumed = await run(folder.join("broken"), { model });
    assert.equal(resumed.steps, 8);
    assertClose(resumed.weights, unbroken.weights);
    const second = await run(folder.join("changed"), { play: new Play([], 2) });
    second.model.setWeights(second.model.getWeights().map((weight) => tf.zerosLike(weight)));
    const anew = await run(folder.join("changed"), { model: second.model });
    assert.equal(anew.steps, 16);
  });

  it("keeps the best value of a checkpoint, and trains anew when its file is gone or another's", async () => {
    using folder = temporaryFolder();
    const filepath = folder.join("best.keras");
    const values = [3, 1, 2, 1.5];
    const checkpoint = () => callbacks.modelCheckpoint({ filepath, saveBestOnly: true });
    const go = (failInEpoch?: number) =>
      run(folder.join("run"), { play: new Play(values, failInEpoch), more: [checkpoint()] });
    await go(2);
    const best = fs.readFileSync(filepath);
    assert.equal((await go()).steps, 8);
    assert.deepEqual(fs.readFileSync(filepath), best); // 2 and 1.5 don't beat 1
    assert.equal((await go()).steps, 0);
    fs.rmSync(filepath);
    const anew = await go();
    assert.match(anew.text, /^Training starts anew: its checkpoint .*best\.keras is gone\.\n/);
    assert.equal(anew.steps, 16);
    assert.ok(fs.existsSync(filepath));
    fs.appendFileSync(filepath, "more");
    assert.match(
      (await go()).text,
      /^Training starts anew: its checkpoint .* was written by another/,
    );
  });

  it("stops where early stopping would have, with the best weights, however often it was cut off", async () => {
    using folder = temporaryFolder();
    const values = [3, 1, 2, 2, 2, 2];
    const go = (name: string, failInEpoch?: number) =>
      run(folder.join(name), {
        epochs: 6,
        play: new Play(values, failInEpoch),
        more: [callbacks.earlyStopping({ patience: 2, restoreBestWeights: true })],
      });
    const unbroken = await go("unbroken");
    assert.equal(unbroken.history!.epoch.length, 4);
    await go("broken", 1);
    await go("broken", 3);
    const count = tensorCount();
    const resumed = await go("broken");
    assert.ok(tensorCount() - count <= 4 + 4 * 2 + 2 + 2); // the model, Adam's slots and powers, the points
    assert.equal(resumed.steps, 4);
    assert.deepEqual(resumed.history!.history.val_loss, [3, 1, 2, 2]);
    assertClose(resumed.weights, unbroken.weights);
    const again = await go("broken");
    assert.equal(again.steps, 0);
    assert.deepEqual(again.weights, resumed.weights);
    assert.deepEqual(again.history!.history, resumed.history!.history);
  });

  it("keeps count for reduceLROnPlateau, and rewrites the lines of csvLogger", async () => {
    using folder = temporaryFolder();
    const go = (name: string, failInEpoch?: number) =>
      run(folder.join(name), {
        play: new Play([1, 2, 2, 2], failInEpoch),
        more: [
          callbacks.reduceLROnPlateau({ patience: 3 }),
          callbacks.csvLogger(folder.join(`${name}.csv`)),
        ],
      });
    const unbroken = await go("unbroken");
    await go("broken", 2);
    const resumed = await go("broken");
    assert.deepEqual(
      resumed.history!.history.learning_rate,
      unbroken.history!.history.learning_rate,
    );
    await go("broken");
    const lines = (name: string) =>
      fs.readFileSync(folder.join(`${name}.csv`), "utf8").split("\r\n");
    assert.equal(lines("broken").length, lines("unbroken").length);
    assert.deepEqual(lines("broken")[0], lines("unbroken")[0]);
  });

  it("uses no weights, arrays or state but those that it wrote", async () => {
    using folder = temporaryFolder();
    const backupDir = folder.join("run");
    const go = () =>
      run(backupDir, {
        play: new Play([1, 2, 2, 2]),
        more: [callbacks.earlyStopping({ patience: 9, restoreBestWeights: true })],
      });
    const first = await go();
    const names = fs.readdirSync(backupDir).sort();
    assert.equal(names.length, 3);
    for (const name of names) {
      const file = path.join(backupDir, name);
      const whole = fs.readFileSync(file);
      const damaged = Buffer.from(whole);
      damaged[Math.floor(whole.length * 0.7)]! ^= 1;
      fs.writeFileSync(file, damaged);
      await assert.rejects(go(), (error: Error & { hint?: string }) => {
        assert.match(error.message, new RegExp(`The backup ${backupDir}/state.json can't be read`));
        assert.match(error.hint!, /Remove the folder/);
        return true;
      });
      fs.writeFileSync(file, whole);
    }
    const again = await go();
    assert.equal(again.steps, 0);
    assert.deepEqual(again.weights, first.weights);
  });

  it("trains anew beside a backup of before there were checksums", async () => {
    using folder = temporaryFolder();
    const backupDir = folder.join("run");
    await run(backupDir);
    const file = path.join(backupDir, "state.json");
    const { check: _, ...state } = JSON.parse(fs.readFileSync(file, "utf8"));
    fs.writeFileSync(file, JSON.stringify(state));
    const anew = await run(backupDir);
    assert.equal(anew.steps, 16);
    assert.match(anew.text, /^Training starts anew: the backup in .* has no checksums\.\n/);
    assert.equal((await run(backupDir)).steps, 0);
  });

  it("keeps losses that are no numbers", async () => {
    using folder = temporaryFolder();
    const play = () => new Play([Number.NaN, Number.POSITIVE_INFINITY]);
    await run(folder.join("run"), { epochs: 2, play: play() });
    const again = await run(folder.join("run"), { epochs: 2, play: play() });
    assert.deepEqual(again.history!.history.val_loss, [Number.NaN, Number.POSITIVE_INFINITY]);
  });

  it("knows a dataset of tf.data by its number of batches, and is silent with verbose 0", async () => {
    using folder = temporaryFolder();
    const go = (samples: number) =>
      run(folder.join("run"), { data: pointBatches(samples), batchSize: undefined, verbose: 0 });
    await go(32);
    const again = await go(32);
    assert.equal(again.steps, 0);
    assert.equal(again.text, "");
    assert.ok((await go(16)).steps > 0);
  });

  it("removes what a process that is gone has not finished, and leaves another's alone", async () => {
    using folder = temporaryFolder();
    const backupDir = folder.join("run");
    await run(backupDir);
    const part = (mark: string) => path.join(backupDir, `.${mark}.weights.h5.${mark}.part`);
    const [gone, alive] = [part(markOfTheDead()), part(newMark())];
    for (const file of [gone, alive]) fs.writeFileSync(file, "half");
    await run(backupDir, { epochs: 5 });
    assert.deepEqual([gone, alive].map(fs.existsSync), [false, true]);
  });

  it("survives kill -9 at random moments, with the losses of an unbroken run", async () => {
    using folder = temporaryFolder();
    const expected = await finished(trainer(folder.join("reference")));
    for (let i = 0; i < 3; i++) {
      const child = trainer(folder.join("run"));
      await once(child, "message");
      await wait(Math.random() * 200);
      await killed(child);
    }
    const resumed = await finished(trainer(folder.join("run")));
    assert.equal(resumed.loss.length, 8);
    assertClose(resumed.loss, expected.loss);
    assertClose(resumed.weights, expected.weights);
  });
});

function assertClose(actual: number[], expected: number[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) <= 1e-6, `${value} is not ${expected[i]}`);
  });
}

function trainer(folder: string): ChildProcess {
  return fork(path.join(__dirname, "trainer.js"), ["kept", folder]);
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

interface Report {
  loss: number[];
  weights: number[];
}

async function finished(child: ChildProcess): Promise<Report> {
  let last: Report | undefined;
  child.on("message", (message) => {
    if (typeof message === "object") last = message as Report;
  });
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
  return last!;
}
