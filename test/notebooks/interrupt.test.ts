/**
 * The stop button, with a real kernel.
 *
 * What tslab 1.0.22 does: its kernel spec sets no `interrupt_mode`, so Jupyter sends SIGINT to the
 * kernel's process group (child processes get it too). While a cell's synchronous part runs, Node ends
 * it with an exception (`breakOnSigint`) and calls no SIGINT listener. Once the cell has awaited
 * something, tslab rejects its promise ("Interrupted asynchronously"): the reply says "error" at once,
 * but the cell's code runs on, and writes into the cells that follow. Stopping it is up to the code, by
 * `onInterrupt`. A loop that computes without ever awaiting, after a first await, can't be interrupted.
 *
 * Node restores "SIGINT ends the process" when a synchronous part ends, over any handler installed during
 * it: a listener added there (and `fit` called in a cell starts there) lets an interrupt kill the kernel.
 * `onInterrupt` therefore adds its listener a microtask later.
 *
 * What an interrupted cell declares is not known to later cells; and a variable of an earlier cell can't be used as a
 * shorthand property (`{ callbacks }`): tslab's output then names a variable that is not there. For 200 ms after it,
 * tslab answers every request with "abort".
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { before, describe, it } from "node:test";
import { python, repository } from "../../scripts/notebooks/paths";

interface CellReply {
  status: string;
  stdout: string;
  stderr: string;
}

interface Observed {
  interrupted: CellReply;
  /** A reply for each cell that ran afterwards. */
  after: [CellReply, CellReply, ...CellReply[]];
}

/** Runs cells in one kernel and interrupts `cell` when it has written `ready`. */
function interruptCell(task: {
  before: string;
  cell: string;
  ready: string;
  after: string[];
}): Observed {
  const script = path.join(repository, "test/notebooks/interrupt.py");
  const samples = path.join(repository, "test/notebooks/samples");
  const { status, stdout, stderr } = spawnSync(python, [script, samples], {
    input: JSON.stringify(task),
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Observed;
}

/** Lets a while pass and prints how many steps were made in it. */
const COUNT_STEPS = `
const first = progress.steps;
await new Promise((resolve) => setTimeout(resolve, 300));
console.log(progress.steps - first);`;

describe("interrupting the kernel", () => {
  let observed: Observed;

  before(() => {
    observed = interruptCell({
      before: `
import { onInterrupt } from "convnets";
const progress = { steps: 0, stepsWhenHeard: [] as number[] };
const step = async () => {
  progress.steps += 1;
  console.log("step", progress.steps);
  await new Promise((resolve) => setTimeout(resolve, 20));
};`,
      cell: `
let stopped = false;
const stopListening = onInterrupt(() => {
  progress.stepsWhenHeard.push(progress.steps);
  stopped = true;
});
while (!stopped) await step();
stopListening();`,
      ready: "step 5",
      after: [COUNT_STEPS, "console.log(JSON.stringify(progress))", "console.log(6 * 7)"],
    });
  });

  it("ends the cell with an error reply", () => {
    assert.equal(observed.interrupted.status, "error");
    assert.match(observed.interrupted.stderr, /Interrupted/);
  });

  it("stops a loop that listens with onInterrupt within one step", () => {
    assert.equal(observed.after[0].stdout.trim(), "0");
    const progress = JSON.parse(observed.after[1].stdout);
    assert.deepEqual(progress.stepsWhenHeard, [progress.steps]);
  });

  it("leaves the kernel usable", () => {
    assert.deepEqual(observed.after[2], { status: "ok", stdout: "42\n", stderr: "" });
  });
});

describe("interrupting fit", () => {
  let observed: Observed;

  before(() => {
    observed = interruptCell({
      before: `
import { fit, onInterrupt, tf } from "convnets";
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
model.compile({ optimizer: "rmsprop", loss: "meanSquaredError" });
const x = tf.randomNormal([256, 8]);
const y = tf.randomNormal([256, 1]);
const progress = { steps: 0, stepsWhenHeard: [] as number[] };
const callbacks = {
  onTrainBatchEnd() {
    progress.steps += 1;
    if (progress.steps === 5) console.log("step 5");
  },
};
await fit(model, [x, y], { verbose: 0 });
const tensors = tf.memory().numTensors;`,
      cell: `
onInterrupt(() => progress.stepsWhenHeard.push(progress.steps));
await fit(model, [x, y], { epochs: 1_000_000, batchSize: 2, verbose: 0, callbacks: callbacks });`,
      ready: "step 5",
      after: [
        COUNT_STEPS,
        "console.log(JSON.stringify(progress), tf.memory().numTensors - tensors)",
        "console.log((await fit(model, [x, y], { verbose: 0 })).history.loss.length)",
      ],
    });
  });

  it("stops training within one step", () => {
    assert.equal(observed.interrupted.status, "error");
    assert.equal(observed.after[0].stdout, "0\n");
    const progress = JSON.parse(observed.after[1].stdout.replace(/ .*/s, ""));
    const [heard] = progress.stepsWhenHeard;
    assert.ok(heard >= 5 && progress.steps - heard <= 1, observed.after[1].stdout);
  });

  it("leaves no tensors behind", () => {
    assert.match(observed.after[1].stdout, / 0\n$/);
  });

  it("leaves the kernel usable: the model trains on", () => {
    assert.deepEqual(observed.after[2], { status: "ok", stdout: "1\n", stderr: "" });
  });
});

describe("interrupting a loop that does not listen", () => {
  it("ends the cell but not the loop", () => {
    const { interrupted, after } = interruptCell({
      before: `
const progress = { steps: 0, stopped: false };
const step = async () => {
  progress.steps += 1;
  if (progress.steps === 5) console.log("step 5");
  await new Promise((resolve) => setTimeout(resolve, 20));
};`,
      cell: "while (!progress.stopped) await step();",
      ready: "step 5",
      after: [COUNT_STEPS, "progress.stopped = true;"],
    });
    assert.equal(interrupted.status, "error");
    assert.ok(Number(after[0].stdout) > 0, `the loop made ${after[0].stdout} steps more`);
  });
});
