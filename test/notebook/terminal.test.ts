import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { test } from "node:test";

const room = JSON.stringify(path.resolve(__dirname, "../../lib/notebook"));
const stepLoop = `
  const { openLiveLine, onInterrupt, isNotebook } = require(${room});
  const line = openLiveLine();
  line.keep("title");
  line.update("x".repeat(200));
  line.update("hidden");
  line.finish("done");
  process.stdout.write(String(isNotebook()));`;

/** Runs a script in its own Node process; with `terminal` its stdout is a pseudo-terminal. */
function runScript(script: string, options: { terminal?: boolean; sigintOn?: string } = {}) {
  const node = [process.execPath, "-e", script];
  const child = options.terminal
    ? spawn("script", ["-qec", 'stty cols 60; "$NODE" -e "$SCRIPT"', "/dev/null"], {
        env: { ...process.env, NODE: process.execPath, SCRIPT: script },
      })
    : spawn(node[0]!, node.slice(1));
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
    if (options.sigintOn !== undefined && String(chunk).includes(options.sigintOn)) {
      child.kill("SIGINT");
    }
  });
  return new Promise<{ output: string; code: number | null; signal: string | null }>((resolve) => {
    child.on("close", (code, signal) => resolve({ output, code, signal }));
  });
}

test("in a pipe a live line leaves the final text only", async () => {
  assert.equal((await runScript(stepLoop)).output, "title\ndone\nfalse");
});

test("in a terminal a live line rewrites itself and never wraps", async () => {
  const { output } = await runScript(stepLoop, { terminal: true });
  assert.equal(output, `\r\x1b[2Ktitle\r\n\r\x1b[2K${"x".repeat(59)}\r\x1b[2Kdone\r\nfalse`);
});

test("a text that nobody gets to see is not asked for", async () => {
  const { output } = await runScript(`
    const { openLiveLine } = require(${room});
    const line = openLiveLine();
    let asked = 0;
    for (let i = 0; i < 1000; i++) line.update(() => "step " + i + ", asked " + ++asked);
    line.finish();`);
  assert.equal(output, "step 999, asked 2\n"); // the first, and the last
});

const listenOnce = `
  const { onInterrupt } = require(${room});
  const stop = onInterrupt(() => console.log("stopping"));
  setTimeout(() => {}, 20000);`;

test("the first Ctrl-C reaches the listener, the second ends the process", async () => {
  const { output, signal } = await runScript(
    `${listenOnce} setImmediate(() => console.log("stopping"))`,
    {
      sigintOn: "stopping",
    },
  );
  assert.equal(output, "stopping\nstopping\n");
  assert.equal(signal, "SIGINT");
});

test("Ctrl-C ends the process as usual once nothing listens", async () => {
  const { output, signal } = await runScript(
    `${listenOnce} stop(); setImmediate(() => console.log("idle"))`,
    {
      sigintOn: "idle",
    },
  );
  assert.equal(output, "idle\n");
  assert.equal(signal, "SIGINT");
});
