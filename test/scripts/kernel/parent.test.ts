/** A kernel whose client is killed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { repositoryRoot } from "../../support/python";

const client = `
import sys, time
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="tslab", cwd=sys.argv[1])
client.execute(sys.argv[2])
while True:
    message = client.get_iopub_msg(timeout=60)
    if message["msg_type"] == "stream":
        print(message["content"]["text"], flush=True)
        break
time.sleep(1000)`;

/** It listens to the signal that would end it, and computes. */
const cell = `
process.on("SIGTERM", () => {});
console.log(process.pid);
await new Promise((resolve) => setTimeout(resolve, 50));
for (;;) {}`;

test("a kernel ends when the process that has started it is killed, whatever it does", async () => {
  const python = path.join(repositoryRoot, ".venv/bin/python");
  const child = spawn(python, ["-c", client, repositoryRoot, cell], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [first] = await child.stdout.setEncoding("utf8").take(1).toArray();
  const kernel = Number(first);
  assert.ok(kernel > 0 && isRunning(kernel), first);
  child.kill("SIGKILL");
  const end = Date.now() + 60_000;
  while (isRunning(kernel) && Date.now() < end) await new Promise((r) => setTimeout(r, 100));
  const ended = !isRunning(kernel);
  if (!ended) process.kill(kernel, "SIGKILL");
  assert.ok(ended);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
