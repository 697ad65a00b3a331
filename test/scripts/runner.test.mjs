// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { StepError } from "../../scripts/setup/errors.mjs";
import { explainFailure, runSteps } from "../../scripts/setup/runner.mjs";
import { recorder } from "./support.mjs";

test("runSteps() runs what is not current, in order, and tells name, time and what was made", async () => {
  const output = recorder();
  /** @type {string[]} */
  const ran = [];
  const ranCount = await runSteps(
    [
      { name: "first", check: () => "not there yet", run: async () => void ran.push("first") },
      { name: "second", check: () => undefined, run: async () => void ran.push("second") },
      {
        name: "third",
        check: async () => "stale",
        run: async (tell) => {
          tell("half way");
          ran.push("third");
          return "42 things";
        },
      },
    ],
    { output },
  );
  assert.deepEqual(ran, ["first", "third"]);
  assert.equal(ranCount, 2);
  assert.match(output.text, /^✔ first +\d+\.\d+ s$/m);
  assert.match(output.text, /^✔ third +\d+\.\d+ s {3}42 things$/m);
  assert.doesNotMatch(output.text, /second/);
});

test("runSteps() lists what is current when it is asked to", async () => {
  const output = recorder();
  await runSteps([{ name: "nothing to do", check: () => undefined, run: () => {} }], {
    output,
    listCurrent: true,
  });
  assert.match(output.text, /^✔ nothing to do +current \(\d+\.\d+ s\)$/m);
});

test("runSteps() rewrites one line on a terminal, within its width", async () => {
  const output = { ...recorder(), isTTY: true, columns: 40 };
  const step = {
    name: "download",
    check: () => "nothing there yet",
    run: (/** @type {(progress: string) => void} */ tell) => tell("x".repeat(100)),
  };
  await runSteps([step], { output });
  const shown = output.text.split("\r\x1b[2K").slice(1);
  assert.equal(shown.length, 3);
  assert.ok(shown.slice(0, 2).every((text) => text.length < 40 && !text.includes("\n")));
  assert.match(shown[2] ?? "", /^✔ download .*\n$/);
});

test("runSteps() stops at a step that fails and says which one it was", async () => {
  const output = recorder();
  const failure = new StepError("Compiling failed.", { todo: "install a compiler." });
  let reached = false;
  const steps = [
    { name: "compile", check: () => "stale", run: () => Promise.reject(failure) },
    {
      name: "afterwards",
      check: () => "stale",
      run: async () => {
        reached = true;
      },
    },
  ];
  await assert.rejects(runSteps(steps, { output }), failure);
  assert.equal(reached, false);
  assert.match(output.text, /^✖ compile +failed after \d/m);
});

test("explainFailure() ends with what to do, after the details and the log file", () => {
  const text = explainFailure(
    new StepError("Compiling failed.", {
      todo: "install a compiler.",
      details: "x.cc:1: error\nx.cc:2: error",
      log: "/tmp/x.log",
    }),
  );
  assert.equal(
    text.trim(),
    [
      "Compiling failed.",
      "    x.cc:1: error",
      "    x.cc:2: error",
      "All of its output: /tmp/x.log",
      "What to do: install a compiler.",
    ].join("\n"),
  );
});
