/**
 * The stop button, with a real kernel.
 *
 * A press is a message (`scripts/kernel/stopButton.mjs`). The part of a cell up to its first `await` ends with an
 * exception, and no listener of SIGINT is called. Later the cell ends at once, but its code runs on, and writes into the
 * cells that follow: stopping it is up to the code, by `onInterrupt`. A loop that computes without ever awaiting, after a
 * first await, can't be interrupted. What an interrupted cell declares is not known to later cells.
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
  it("ends the cell, and the loop at its next await", () => {
    const { interrupted, after } = interruptCell({
      before: `
const progress = { steps: 0 };
const step = async () => {
  progress.steps += 1;
  if (progress.steps === 5) console.log("step 5");
  await new Promise((resolve) => setTimeout(resolve, 20));
};`,
      cell: "for (;;) await step();",
      ready: "step 5",
      after: ["await step();", COUNT_STEPS],
    });
    assert.equal(interrupted.status, "error");
    assert.equal(after[1].stdout, "0\n");
  });
});
