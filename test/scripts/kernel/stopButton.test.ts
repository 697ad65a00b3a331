/**
 * The stop button at any moment: while a cell is compiled, before and after its first `await`, in training.
 *
 * `CONVNETS_STOPS=500` presses it so often.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { startKernel } from "../../support/kernel";
import { repositoryRoot } from "../../support/python";

const python = path.join(repositoryRoot, ".venv/bin/python");
const stops = Number(process.env.CONVNETS_STOPS ?? 10);

test(`${stops} presses stop ${stops} cells, and nothing else`, () => {
  const task = {
    stops,
    latest: 0.6,
    before: `
import { fit, tf } from "convnets";
let turn = 0;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
model.compile({ optimizer: "rmsprop", loss: "meanSquaredError" });
const x = tf.ones([64, 8]);
const y = tf.ones([64, 1]);`,
    cells: [
      "for (;;) {}",
      "{ const mine = ++turn; while (mine === turn) await sleep(1); }",
      "await new Promise(() => {});",
      'import { plot, show } from "convnets"; const figure = plot.line([1, 2]); for (;;) {}',
      "await fit(model, [x, y], { epochs: 1_000_000, verbose: 0 });",
    ],
  };
  const script = path.join(repositoryRoot, "test/scripts/kernel/stops.py");
  const { status, stdout, stderr } = spawnSync(python, [script, repositoryRoot], {
    input: JSON.stringify(task),
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  const { slowest, ...seen } = JSON.parse(stdout) as { slowest: number };
  assert.deepEqual(seen, { stopped: stops, lost: [], wrong: [], deaths: 0 });
  assert.ok(slowest < 20, `the slowest took ${slowest} s`);
});

test("an interrupted run leaves its history with the model", async () => {
  const kernel = await startKernel();
  try {
    await kernel.run(`
import { fit, tf } from "convnets";
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
model.compile({ optimizer: "rmsprop", loss: "meanSquaredError" });
const callbacks = { onEpochEnd(epoch: number) { if (epoch === 4) console.log("five epochs"); } };`);
    const stopped = await kernel.run(
      `
const data: [tf.Tensor, tf.Tensor] = [tf.ones([64, 8]), tf.ones([64, 1])];
await fit(model, data, { epochs: 1_000_000, verbose: 0, callbacks });`,
      { interruptOn: "five epochs" },
    );
    assert.equal(stopped.reply.ename, "Interrupted");
    assert.equal(stopped.stderr, "Interrupted: the cell was stopped.\n");
    const { stdout } = await kernel.run("console.log(model.history.history.loss.length >= 5);");
    assert.equal(stdout, "true\n");
  } finally {
    await kernel.stop();
  }
});

test("a loop that awaits ends when its cell is stopped, and its `finally` runs", async () => {
  const kernel = await startKernel();
  try {
    for (const loop of [
      "for (;;) { turns++; await sleep(5); if (turns === 9) console.log('nine'); }",
      "for await (const turn of count()) { turns = turn; if (turns === 9) console.log('nine'); }",
    ]) {
      await kernel.run(`
let turns = 0, ended = 0;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function* count() {
  try { for (let i = 1; ; i++) { await new Promise((r) => setTimeout(r, 5)); yield i; } } finally { ended++; }
}`);
      const cell = `try { ${loop} } finally { ended++; }`;
      const stopped = await kernel.run(cell, { interruptOn: "nine" });
      assert.equal(stopped.reply.ename, "Interrupted");
      const { stdout } = await kernel.run(
        "await sleep(30); const seen = turns; await sleep(100); console.log(turns - seen, ended > 0);",
      );
      assert.equal(stdout, "0 true\n");
    }
  } finally {
    await kernel.stop();
  }
});
