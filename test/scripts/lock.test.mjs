// @ts-check
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { withLock } from "../../scripts/setup/lock.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { endOrphans, programMark } from "../../scripts/setup/processes.mjs";
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

test("withLock() doesn't wait for a process that has ended and that nobody has taken notice of", async (t) => {
  const lock = path.join(temporaryFolder(t), "lock");
  const script = `
    import { withLock } from ${JSON.stringify(lockModule)};
    await withLock(${JSON.stringify(lock)}, async () => process.kill(process.pid, "SIGKILL"));`;
  // The shell becomes a program that waits for no child: its child stays a zombie.
  const keeper = spawn("sh", [
    "-c",
    '"$0" --input-type=module -e "$1" & exec sleep 60',
    process.execPath,
    script,
  ]);
  t.after(() => keeper.kill("SIGKILL"));
  const deadline = Date.now() + 30_000;
  const holder = () => (fs.existsSync(lock) ? fs.readFileSync(lock, "utf8").split(" ")[0] : "none");
  const isZombie = () => {
    try {
      return /^State:\s+Z/m.test(fs.readFileSync(`/proc/${holder()}/status`, "utf8"));
    } catch {
      return false;
    }
  };
  while (!isZombie() && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(isZombie());
  assert.equal(await withLock(lock, async () => "mine now"), "mine now");
});

test("endOrphans() ends what a killed set-up has left running, and nothing else", async (t) => {
  const folder = temporaryFolder(t);
  const other = temporaryFolder(t);
  const start = (/** @type {string} */ logs) => {
    const env = { ...process.env, [programMark]: path.join(logs, "pip.log") };
    const child = spawn("sleep", ["60"], { env, stdio: "ignore" });
    t.after(() => child.kill("SIGKILL"));
    return child;
  };
  const [orphan, stranger] = [start(folder), start(other)];
  await new Promise((resolve) => setTimeout(resolve, 100)); // they have begun
  const ended = new Promise((resolve) => orphan.once("exit", (_code, signal) => resolve(signal)));
  await endOrphans(folder);
  assert.equal(await ended, "SIGTERM");
  assert.equal(stranger.exitCode ?? stranger.signalCode, null);
});
