import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { tf } from "../../lib/index";

const program = `
  const { fit, tf } = require(${JSON.stringify(path.resolve(__dirname, "../../lib/index.js"))});
  const { parentPort } = require("node:worker_threads");
  (async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: "rmsprop", loss: "meanSquaredError" });
    const x = tf.ones([8, 2]);
    const { history } = await fit(model, [x, tf.ones([8, 1])], { epochs: 2, verbose: 0 });
    parentPort.postMessage(history.loss.length);
  })();`;

/** It goes on until it is ended. */
const endless = program
  .replace("epochs: 2", "epochs: 1e9")
  .replace("const x =", "parentPort.postMessage(0); const x =");

/** What a thread of its own says, once it has ended. */
function epochsInThread(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let said: unknown;
    const worker = new Worker(program, { eval: true });
    worker.on("message", (message) => {
      said = message;
    });
    worker.on("error", reject).on("exit", () => resolve(said));
  });
}

test("worker threads train together and one after another, beside the main thread", async () => {
  const one = tf.scalar(1);
  const before = tf.memory().numTensors;
  assert.deepEqual(await Promise.all([epochsInThread(), epochsInThread()]), [2, 2]);
  assert.equal(await epochsInThread(), 2);
  assert.equal(
    tf.tidy(() => one.add(one).dataSync()[0]),
    2,
  );
  assert.equal(tf.memory().numTensors, before); // each thread has its own
  one.dispose();
});

test("a worker thread may be ended while it trains", async () => {
  const worker = new Worker(endless, { eval: true });
  await new Promise((resolve) => worker.once("message", resolve));
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(await worker.terminate(), 1);
  assert.equal(await epochsInThread(), 2);
});
