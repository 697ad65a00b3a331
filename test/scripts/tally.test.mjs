// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { projectPaths } from "../../scripts/setup/paths.mjs";
import { isAtLeast } from "../../scripts/test/checks.mjs";
import { closingLine, fromClosingLine, fromTap, sumOf } from "../../scripts/test/tally.mjs";
import { findTests } from "../../scripts/test/unit.mjs";
import { runProgram, temporaryFolder, writeFiles } from "./support.mjs";

const sample = `
  const { test } = require("node:test");
  test("passes", () => {});
  test("passes too", async (t) => { await t.test("inner", () => {}); });
  test("fails", () => { throw new Error("# pass 99"); });
  test("is skipped", { skip: true }, () => {});
`;

test("fromTap() counts what Node's test runner ran", async (t) => {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "sample.test.cjs": sample });
  const { code, output } = await runProgram(
    [process.execPath, "--test", "--test-reporter=tap", "sample.test.cjs"],
    { cwd: folder, env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
  );
  assert.equal(code, 1);
  assert.deepEqual(fromTap(output), { passed: 3, failed: 1, skipped: 1 });
});

test("fromTap() gives nothing for a run that did not get to its end", () => {
  assert.equal(fromTap("TAP version 13\nok 1 - passes\n"), undefined);
});

/** @param {import("../../scripts/test/tally.mjs").Tally} tally */
const ending = (tally) => async () => tally;
const passing = ending({ passed: 4, failed: 0, skipped: 2 });
const failing = ending({ passed: 3, failed: 1, skipped: 0 });

/** @param {{ title: string, run: () => Promise<import("../../scripts/test/tally.mjs").Tally> }[]} parts */
async function summedUp(parts) {
  /** @type {string[]} */
  const lines = [];
  const sum = await sumOf(parts, { say: (line) => lines.push(line.trim()) });
  return { sum, lines };
}

test("sumOf() runs all parts, each under its title, and at the end names those that failed", async () => {
  const { sum, lines } = await summedUp([
    { title: "Types", run: failing },
    { title: "Tests", run: passing },
    { title: "Notebooks", run: failing },
  ]);
  assert.deepEqual(sum, { passed: 10, failed: 2, skipped: 2 });
  assert.deepEqual(lines, ["Types", "Tests", "Notebooks", "Failed: Types; Notebooks"]);
});

test("sumOf() says nothing at the end when all has passed", async () => {
  const { sum, lines } = await summedUp([{ title: "Tests", run: passing }]);
  assert.deepEqual([sum.failed, lines], [0, ["Tests"]]);
});

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  test(`${signal} during a part ends the run, and what was left counts as failed`, async () => {
    const { sum, lines } = await summedUp([
      {
        title: "Types",
        run: async () => {
          process.kill(process.pid, signal);
          await new Promise((resolve) => setTimeout(resolve, 50)); // signals come in a turn of their own
          return passing();
        },
      },
      { title: "Tests", run: () => assert.fail("it must not start") },
    ]);
    assert.deepEqual([sum.passed, sum.failed], [4, 1]);
    assert.deepEqual(lines, ["Types", "Failed: Tests (stopped before it)"]);
    assert.equal(process.listenerCount(signal), 0);
  });
}

test("closingLine() says what was skipped only where something was", () => {
  const sum = { passed: 7, failed: 1, skipped: 2 };
  assert.equal(closingLine(sum), "7 passed, 1 failed, 2 skipped");
  assert.equal(closingLine({ ...sum, skipped: 0 }), "7 passed, 1 failed");
  assert.deepEqual(fromClosingLine(`9 passed, 9 failed\n…\n${closingLine(sum)}\n`), sum);
  assert.equal(fromClosingLine("all 3 passed, 0 failed tests"), undefined);
});

test("findTests() takes files whose path contains a pattern, also one given as a source file", (t) => {
  const root = temporaryFolder(t);
  writeFiles(root, {
    ".build/test/data/unzip.test.js": "",
    ".build/test/data/unzip.test.d.ts": "",
    ".build/test/errors.test.js": "",
    "test/scripts/lock.test.mjs": "",
    "test/scripts/support.mjs": "",
  });
  const found = (/** @type {string[]} */ ...patterns) =>
    findTests(projectPaths(root), patterns).map((file) => file.slice(root.length + 1));
  assert.equal(found().length, 3);
  assert.deepEqual(found("unzip"), [".build/test/data/unzip.test.js"]);
  assert.deepEqual(found("test/data/unzip.test.ts"), [".build/test/data/unzip.test.js"]);
  assert.deepEqual(found("errors", "lock").length, 2);
  assert.deepEqual(found("nothing like it"), []);
});

test("isAtLeast() asks for the minor release that a major one needs", () => {
  const needed = { 20: 19, 22: 12 };
  for (const version of ["20.19.0", "20.20.2", "22.12.0", "24.0.0"]) {
    assert.ok(isAtLeast(version, needed), version);
  }
  for (const version of ["20.15.1", "20.9.0", "22.3.0"]) {
    assert.ok(!isAtLeast(version, needed), version);
  }
});
