// @ts-check
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../scripts/setup/paths.mjs";
import { runWorkers } from "../../scripts/workers/crew.mjs";
import { recorder, temporaryFolder, writeFiles } from "./support.mjs";

/**
 * Runs a script in some workers.
 * @param {import("node:test").TestContext} t
 * @param {{ count: number, text: string, args?: string[] }} what
 */
async function run(t, { count, text, args = [] }) {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "script.ts": text });
  const [out, err] = [recorder(), recorder()];
  const streams = { out: /** @type {any} */ (out), err: /** @type {any} */ (err) };
  const code = await runWorkers(count, [path.join(folder, "script.ts"), ...args], streams);
  return { code, out: out.text.split("\n").sort().slice(1), err: err.text };
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("each worker has its place in one cluster, its arguments, and its number before its lines", async (t) => {
  const text = `const { cluster, task }: { cluster: any; task: any } = JSON.parse(process.env.TF_CONFIG ?? "");
    console.log(JSON.stringify({ cluster, task, args: process.argv.slice(2) }));
    process.stdout.write("no end of line");`;
  const { code, out, err } = await run(t, { count: 3, text, args: ["--help", "a b"] });
  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(
    out.filter((line) => line.endsWith("no end of line")),
    [0, 1, 2].map((i) => `[${i}] no end of line`),
  );
  const told = out
    .filter((line) => line.endsWith("}"))
    .map((line, i) => {
      assert.ok(line.startsWith(`[${i}] `), line);
      return JSON.parse(line.slice(4));
    });
  const { worker } = told[0].cluster;
  assert.equal(new Set(worker).size, 3);
  for (const address of worker) assert.match(address, /^127\.0\.0\.1:\d+$/);
  const args = ["--help", "a b"];
  assert.deepEqual(
    told,
    [0, 1, 2].map((index) => ({ cluster: { worker }, task: { type: "worker", index }, args })),
  );
});

test("when a worker fails, the others are ended, and its code is the launcher's", async (t) => {
  const text = `const { task } = JSON.parse(process.env.TF_CONFIG ?? "");
    console.log(process.pid);
    if (task.index === 1) process.exitCode = 3;
    else setInterval(() => {}, 1000);`;
  const { code, out, err } = await run(t, { count: 3, text });
  assert.equal(code, 3);
  assert.equal(err, "Worker 1 has ended with 3: the others are ended, too.\n");
  // Those that were ended before they came to say a word are as good.
  const pids = out.map((line) => Number(line.slice(4)));
  assert.ok(pids.length >= 1);
  assert.deepEqual(pids.filter(isAlive), []);
});

test("a worker that a signal ends has failed, and an error shows the script's line", async (t) => {
  const killed = await run(t, { count: 2, text: 'process.kill(process.pid, "SIGKILL");' });
  assert.equal(killed.code, 137);
  assert.match(killed.err, /^Worker \d has ended with SIGKILL: the others are ended, too\.\n$/);
  const thrown = await run(t, {
    count: 1,
    text: "const x: number = 1;\nthrow new Error(String(x));",
  });
  assert.equal(thrown.code, 1);
  assert.match(thrown.err, /^\[0\] .*script\.ts:2\n[\s\S]*^\[0\] Error: 1$/m);
});

test("what interrupts the launcher ends the workers, those too that don't listen", async (t) => {
  const folder = temporaryFolder(t);
  writeFiles(folder, {
    "script.ts": `const { task } = JSON.parse(process.env.TF_CONFIG ?? "");
      if (task.index === 1) process.on("SIGINT", () => {});
      setInterval(() => {}, 1000);
      console.log(process.pid);`,
  });
  const crew = path.join(root, "scripts/workers/crew.mjs");
  const text = `import { runWorkers } from ${JSON.stringify(crew)};
    process.exitCode = await runWorkers(2, [${JSON.stringify(path.join(folder, "script.ts"))}]);`;
  const launcher = spawn(process.execPath, ["--input-type=module", "-e", text], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  /** @type {number[]} */
  const pids = [];
  launcher.stdout.setEncoding("utf8").on("data", (/** @type {string} */ lines) => {
    pids.push(
      ...lines
        .trim()
        .split("\n")
        .map((line) => Number(line.slice(4))),
    );
  });
  while (pids.length < 2) await sleep(20);
  assert.deepEqual(pids.filter(isAlive), pids);
  launcher.kill("SIGINT");
  const [code] = await once(launcher, "close");
  assert.equal(code, 130);
  assert.deepEqual(pids.filter(isAlive), []);
});
