// @ts-check
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { withLock } from "../../scripts/setup/lock.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { runProgram, temporaryFolder } from "./support.mjs";

const lockModule = path.join(root, "scripts/setup/lock.mjs");

test("withLock() lets one process work at a time", async (t) => {
  const folder = temporaryFolder(t);
  const script = `
    import { appendFileSync } from "node:fs";
    import { setTimeout } from "node:timers/promises";
    import { withLock } from ${JSON.stringify(lockModule)};
    await withLock(${JSON.stringify(path.join(folder, "lock"))}, async () => {
      appendFileSync(${JSON.stringify(path.join(folder, "trace"))}, "in ");
      await setTimeout(60);
      appendFileSync(${JSON.stringify(path.join(folder, "trace"))}, "out ");
    });`;
  const worker = () => runProgram([process.execPath, "--input-type=module", "-e", script]);
  const results = await Promise.all([worker(), worker(), worker()]);
  for (const { code, output } of results) assert.equal(code, 0, output);
  assert.equal(fs.readFileSync(path.join(folder, "trace"), "utf8"), "in out ".repeat(3));
  assert.deepEqual(fs.readdirSync(folder), ["trace"]);
});

test("withLock() tells which process it waits for", async (t) => {
  const lock = path.join(temporaryFolder(t), "lock");
  /** @type {string[]} */
  const waitedFor = [];
  await withLock(lock, async () => {
    const second = withLock(lock, async () => {}, { onWait: (pid) => waitedFor.push(pid) });
    await new Promise((resolve) => setTimeout(resolve, 250));
    fs.rmSync(lock);
    await second;
  });
  assert.deepEqual(waitedFor, [String(process.pid)]);
});

test("withLock() takes over from a process that died", async (t) => {
  const lock = path.join(temporaryFolder(t), "lock");
  const script = `
    import { withLock } from ${JSON.stringify(lockModule)};
    await withLock(${JSON.stringify(lock)}, async () => process.kill(process.pid, "SIGKILL"));`;
  await runProgram([process.execPath, "--input-type=module", "-e", script]);
  assert.ok(fs.existsSync(lock), "the dead process left its lock");
  assert.equal(await withLock(lock, async () => "mine now"), "mine now");
  assert.ok(!fs.existsSync(lock));
});

test("withLock() gives the lock back when the work fails", async (t) => {
  const lock = path.join(temporaryFolder(t), "lock");
  await assert.rejects(
    withLock(lock, async () => {
      throw new Error("no luck");
    }),
    /no luck/,
  );
  assert.ok(!fs.existsSync(lock));
});
