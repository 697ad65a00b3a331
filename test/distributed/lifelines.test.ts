import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openLifelines } from "../../lib/distributed/lifelines";
import { fit, multiWorkerMirrored, tf, WorkerLostError } from "../../lib/index";

let addresses: [string, string, string];
let others: ChildProcess[];

/** Processes that have servers and nothing else: workers that come no further. */
before(async () => {
  const sockets = [0, 1, 2].map(() => createServer().listen(0, "127.0.0.1"));
  await Promise.all(sockets.map((socket) => once(socket, "listening")));
  const ports = sockets.map((socket) => (socket.address() as AddressInfo).port);
  await Promise.all(sockets.map((socket) => once(socket.close(), "close")));
  addresses = ports.map((port) => `127.0.0.1:${port}`) as typeof addresses;
  const server = JSON.stringify(path.join(__dirname, "../../lib/distributed/server"));
  others = [1, 2].map((rank) => {
    const seat = JSON.stringify({ addresses, rank });
    const text = `require(${server}).startServer(${seat}, "127.0.0.1"); setInterval(() => {}, 1000);
      console.log("ready");`;
    return spawn(process.execPath, ["-e", text], { stdio: ["ignore", "pipe", "inherit"] });
  });
  await Promise.all(others.map((other) => once(other.stdout!, "data")));
});

after(() => {
  for (const other of others) other.kill("SIGKILL");
});

test("a process that dies ends its lifeline, and others stay", async () => {
  const ended: number[] = [];
  openLifelines({ addresses, index: 0 }, (rank) => ended.push(rank));
  await delay(200);
  assert.deepEqual(ended, []);
  others[1]!.kill("SIGKILL");
  while (ended.length === 0) await delay(20);
  await delay(200);
  assert.deepEqual(ended, [2]);
});

// TensorFlow itself doesn't look after a process that hasn't begun to compute: it would wait for ten minutes.
test("a worker that dies before its first step is told of, and the process trains again", async () => {
  const cluster = { worker: addresses.slice(0, 2) };
  const strategy = multiWorkerMirrored({ cluster, task: { type: "worker", index: 0 } });
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const data: [tf.Tensor, tf.Tensor] = [tf.ones([8, 2]), tf.ones([8, 1])];
  const tensors = tf.memory().numTensors;
  const training = fit(model, data, { verbose: 0, strategy });
  setTimeout(() => others[0]!.kill("SIGKILL"), 500);
  await assert.rejects(training, (error) => {
    assert.ok(error instanceof WorkerLostError);
    assert.equal(error.message, `The workers have parted: worker 1 (${addresses[1]}) is gone.`);
    return true;
  });
  assert.equal(tf.memory().numTensors, tensors);
  const { history } = await fit(model, data, { verbose: 0 });
  assert.equal(history.loss!.length, 1);
  tf.dispose(data);
  model.dispose();
});
