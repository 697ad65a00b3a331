import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Callback, callbacks, evaluate, fit, setSeed, tf } from "../../../lib/index";
import { loadModel } from "../../../lib/saving";
import { pathFormat } from "../../../lib/training/callbacks/savePath";
import { temporaryFolder } from "../../support/temporaryFolder";
import { classifier, numbersOf, points, tensorCount } from "../models";

const quiet = { verbose: 0, engine: "eager" } as const;

class Play extends Callback {
  constructor(private readonly values: number[]) {
    super();
  }
  override onEpochEnd(epoch: number, logs: Record<string, number> = {}): void {
    logs.val_loss = this.values[epoch]!;
  }
}

describe("callbacks.modelCheckpoint", () => {
  it("saves every epoch under a name with its number and metrics", async () => {
    using folder = temporaryFolder();
    const filepath = folder.join("{epoch:02d}-{val_loss:.2f}.keras");
    const checkpoint = callbacks.modelCheckpoint({ filepath });
    const options = { epochs: 2, ...quiet, callbacks: [new Play([0.5, 1.25]), checkpoint] };
    await fit(classifier(), points(8), options);
    assert.deepEqual(fs.readdirSync(folder.path).sort(), ["01-0.50.keras", "02-1.25.keras"]);
  });

  it("keeps the best model, which loads with the weights and loss it had, on both engines", async () => {
    for (const engine of ["eager", "graph"] as const) {
      using folder = temporaryFolder();
      const filepath = folder.join("best.keras");
      const model = classifier();
      const seen: number[][] = [];
      const watch = { onEpochEnd: () => void seen.push(numbersOf(model)) };
      const checkpoint = callbacks.modelCheckpoint({ filepath, saveBestOnly: true });
      const data = points(8);
      const count = tensorCount() + 2 * model.trainableWeights.length;
      await fit(model, data, {
        epochs: 3,
        verbose: 0,
        engine,
        callbacks: [new Play([2, 1, 3]), watch, checkpoint],
      });
      assert.equal(tensorCount(), count);
      const best = await loadModel(filepath);
      assert.deepEqual(numbersOf(best), seen[1]);
      const { loss } = await evaluate(best, data, { ...quiet, returnDict: true });
      assert.ok(loss! > 0);
    }
  });

  it("beats initialValueThreshold first, and follows mode", async () => {
    using folder = temporaryFolder();
    const filepath = folder.join("{epoch}.keras");
    const settings = { filepath, saveBestOnly: true, mode: "max" } as const;
    const checkpoint = callbacks.modelCheckpoint({ ...settings, initialValueThreshold: 2 });
    const options = { epochs: 4, ...quiet, callbacks: [new Play([1, 3, 2.5, 4]), checkpoint] };
    await fit(classifier(), points(8), options);
    assert.deepEqual(fs.readdirSync(folder.path).sort(), ["2.keras", "4.keras"]);
  });

  it("saves weights only, after every so many steps", async () => {
    using folder = temporaryFolder();
    const filepath = folder.join("{epoch}-{batch}.weights.h5");
    const checkpoint = callbacks.modelCheckpoint({ filepath, saveWeightsOnly: true, saveFreq: 3 });
    const options = { epochs: 2, batchSize: 2, ...quiet, callbacks: checkpoint };
    await fit(classifier(), points(8), options);
    const files = fs.readdirSync(folder.path).sort();
    assert.deepEqual(files, ["1-3.weights.h5", "2-2.weights.h5"]);
  });

  it("names a number that is not there", async () => {
    using folder = temporaryFolder();
    const filepath = folder.join("{val_acc:.2f}.keras");
    const checkpoint = callbacks.modelCheckpoint({ filepath });
    await assert.rejects(
      fit(classifier(), points(8), { ...quiet, callbacks: checkpoint }),
      /`filepath` names \{val_acc\}, which is not available\. Available: epoch, accuracy, loss/,
    );
  });

  it("leaves a model that loads, whenever the process is killed", async () => {
    using folder = temporaryFolder();
    const filepath = folder.join("best.keras");
    const kills = Number(process.env.CONVNETS_KILLS ?? 5);
    for (let i = 0; i < kills; i++) {
      const child = trainer("checkpoint", filepath);
      await once(child, "message"); // the first checkpoint is there, the next is under way
      await wait(Math.random() * 150);
      await killed(child);
      if (!fs.existsSync(filepath)) continue;
      tf.dispose((await loadModel(filepath)).getWeights());
    }
    assert.ok(fs.existsSync(filepath));
  });
});

describe("callbacks.backupAndRestore", () => {
  for (const saveFreq of ["epoch", 3] as const) {
    it(`goes on after a kill and ends where an unbroken run ends, with saveFreq ${saveFreq}`, async () => {
      using folder = temporaryFolder();
      const unbroken = await backedUp({ backupDir: folder.join("unbroken"), saveFreq });
      const backupDir = folder.join("broken");
      const stop = Symbol("stop");
      await assert.rejects(
        backedUp({ backupDir, saveFreq, failAtStep: 17, failWith: stop }),
        (error) => error === stop,
      );
      assert.ok(fs.existsSync(path.join(backupDir, "state.json")));
      setSeed(999); // the resumed process has drawn other numbers before
      const resumed = await backedUp({ backupDir, saveFreq, seed: 999 });
      assertClose(resumed.weights, unbroken.weights);
      assertClose([resumed.loss.at(-1)!], [unbroken.loss.at(-1)!]);
      assert.ok(resumed.steps < unbroken.steps);
      assert.ok(!fs.existsSync(backupDir));
    });
  }

  it("goes on with the order of a dataset that counts its own passes", async () => {
    using folder = temporaryFolder();
    const run = async (backupDir: string, failAtStep?: number) => {
      let pass = 0;
      const seen: string[] = [];
      const [x, y] = points(4);
      const dataset = tf.data.generator((() => {
        const number = ++pass; // a generator of its own for each pass
        return (function* () {
          for (let batch = 0; batch < 3; batch++) {
            seen.push(`${number}.${batch}`);
            yield { xs: x.clone(), ys: y.clone() };
          }
        })();
      }) as never);
      let steps = 0;
      const fail = {
        onTrainBatchEnd() {
          if (++steps === failAtStep) throw new Error("killed");
        },
      };
      const backup = callbacks.backupAndRestore({ backupDir, saveFreq: 2 });
      const settings = { epochs: 4, ...quiet, callbacks: [backup, fail] };
      await fit(classifier(), dataset, settings).catch((error: Error) => {
        assert.equal(error.message, "killed");
      });
      return seen;
    };
    await run(folder.join("backup"), 5); // backed up after step 4, the first of the second pass
    const count = tensorCount();
    const seen = await run(folder.join("backup"));
    assert.deepEqual(seen.slice(0, 4), ["1.0", "2.0", "2.1", "2.2"]);
    assert.equal(seen.at(-1), "4.2");
    assert.ok(tensorCount() <= count + 4 + 2 * 4 + 2 + 2); // weights, Adam's slots and powers, x and y
  });

  it("survives kill -9 at random moments", async () => {
    using folder = temporaryFolder();
    const backupDir = folder.join("backup");
    const expected = await finished(trainer("backup", folder.join("reference")));
    assert.ok(expected.length > 0);
    for (let i = 0; i < 3; i++) {
      const child = trainer("backup", backupDir);
      await once(child, "message");
      await wait(Math.random() * 200);
      await killed(child);
    }
    assertClose(await finished(trainer("backup", backupDir)), expected);
  });

  it("refuses a damaged state", async () => {
    using folder = temporaryFolder();
    fs.writeFileSync(folder.join("state.json"), "{ no");
    const backup = callbacks.backupAndRestore({ backupDir: folder.path });
    await assert.rejects(
      fit(classifier(), points(8), { ...quiet, callbacks: backup }),
      /The backup .*state\.json can't be read\./,
    );
  });
});

/** Trains with dropout, shuffling and adam, so that every kind of state matters. */
async function backedUp(options: {
  backupDir: string;
  saveFreq: "epoch" | number;
  seed?: number;
  failAtStep?: number;
  failWith?: unknown;
}) {
  const model = classifier({ seed: options.seed ?? 5, dropout: 0.3 });
  let steps = 0;
  const fail = {
    onTrainBatchEnd() {
      if (++steps === options.failAtStep) throw options.failWith;
    },
  };
  const { backupDir, saveFreq } = options;
  const { history } = await fit(model, points(32), {
    epochs: 5,
    batchSize: 5,
    ...quiet,
    callbacks: [callbacks.backupAndRestore({ backupDir, saveFreq }), fail],
  });
  return { weights: numbersOf(model), loss: history.loss!, steps };
}

function trainer(kind: "checkpoint" | "backup", target: string): ChildProcess {
  return fork(path.join(__dirname, "trainer.js"), [kind, target]);
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

/** Adam's powers of its betas are recomputed when its state is read, so the last bits may differ. */
function assertClose(actual: number[], expected: number[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) < 1e-5, `${value} is not ${expected[i]}`);
  });
}

/** The weights that a trainer reports at its end. */
async function finished(child: ChildProcess): Promise<number[]> {
  let last: number[] = [];
  child.on("message", (message) => {
    if (Array.isArray(message)) last = message;
  });
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
  return last;
}

describe("a path with places for numbers", () => {
  it("is filled as Python's `format` fills it, with `epoch` and `batch` as whole numbers", () => {
    const values = { epoch: 7, batch: 12, loss: 0.625, tiny: 0.000012, down: -0.5, one: 1 };
    const cases: [pattern: string, path: string][] = [
      ["{epoch}/{batch}", "7/12"],
      ["{epoch:d}-{epoch:03d}-{epoch:.1f}", "7-007-7.0"],
      ["{loss}|{one}|{tiny}", "0.625|1.0|1.2e-05"],
      ["{loss:.2f}|{loss:8.3f}|{loss:08.3f}|{loss:>8.3f}", "0.62|   0.625|0000.625|   0.625"],
      ["{down:08.3f}|{loss:+.2f}|{loss:.2%}|{tiny:g}", "-000.500|+0.62|62.50%|1.2e-05"],
      ["{tiny:.1e}", "1.2e-05"],
      ["{{epoch}}", "{epoch}"],
    ];
    for (const [pattern, path] of cases) assert.equal(pathFormat(pattern)(values), path);
  });

  it("is refused before training when Python couldn't fill it", () => {
    const make = (filepath: string) => () => callbacks.modelCheckpoint({ filepath });
    assert.throws(
      make("{loss:d}.keras"),
      /has the format `d`, which Python doesn't have for a float/,
    );
    assert.throws(make("{epoch:.2d}.keras"), /`.2d`, which Python doesn't have for a whole number/);
    for (const path of [
      "{epoch.keras",
      "epoch}.keras",
      "{epoch!r}.keras",
      "{loss:{epoch}}.keras",
    ]) {
      assert.throws(
        make(path),
        /`filepath` must be a path with places such as \{epoch:02d\}/,
        path,
      );
    }
  });
});
