/** One call at a time, with workers that are there; and whom a process says that it waits for. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { describe, it, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  classify,
  evaluate,
  extractFeatures,
  fit,
  fromTensorSlices,
  mirrored,
  multiWorkerMirrored,
  predict,
  tf,
  WorkerLostError,
} from "../../lib/index";
import { freePorts } from "../../scripts/workers/freePorts";

const library = JSON.stringify(path.join(__dirname, "../../lib/index"));

const optionsOf = (ports: readonly number[], index: number, startSeconds: number) => ({
  cluster: { worker: ports.map((port) => `127.0.0.1:${port}`) },
  task: { type: "worker" as const, index },
  startSeconds,
});

/** A process that trains once, with the options of `fit`. */
function scriptOf(strategy: object, options: string): string {
  return `const { fit, multiWorkerMirrored, tf } = require(${library});
    const strategy = multiWorkerMirrored(${JSON.stringify(strategy)});
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    fit(model, [tf.ones([8, 2]), tf.ones([8, 1])], { strategy, ${options} }).then(
      () => process.exit(0),
      ({ message }) => { console.log("ERROR " + message); process.exit(0); },
    );`;
}

async function outputOf(child: ChildProcess): Promise<string> {
  let output = "";
  child.stdout!.on("data", (chunk) => {
    output += chunk;
  });
  await once(child, "close");
  return output;
}

test("a strategy is for one call at a time, and no longer than its workers are there", async () => {
  const ports = await freePorts(2);
  const strategy = multiWorkerMirrored(optionsOf(ports, 0, 60));
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const data: [tf.Tensor, tf.Tensor] = [tf.ones([8, 2]), tf.ones([8, 1])];
  const options = { verbose: 0, strategy } as const;
  const tensors = tf.memory().numTensors;
  const first = fit(model, data, options);
  const message = /`strategy` is in use: the workers compute for one call at a time/;
  await assert.rejects(fit(model, data, options), message);
  await assert.rejects(evaluate(model, data, options), message);
  await assert.rejects(predict(model, data[0], options), message);
  const script = scriptOf(optionsOf(ports, 1, 60), "");
  const worker = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [{ history }, output] = await Promise.all([first, outputOf(worker)]);
  assert.equal(history.loss!.length, 1);
  assert.equal(output, "");
  await delay(500); // the end of the connection is on its way
  for (let i = 0; i < 2; i++) {
    await assert.rejects(fit(model, data, options), (error) => {
      assert.ok(error instanceof WorkerLostError);
      assert.equal(
        error.message,
        `The workers have parted: worker 1 (127.0.0.1:${ports[1]}) has ended since the last call with this strategy.`,
      );
      assert.match(error.hint!, /Start all workers again/);
      return true;
    });
  }
  assert.equal(tf.memory().numTensors, tensors);
  await fit(model, data, { verbose: 0 });
  tf.dispose(data);
  model.dispose();
});

describe("a chief that waits for others", () => {
  const waiting = (port: number) =>
    `Waiting for 1 of 2 workers: worker 1 at 127.0.0.1:${port} (nothing listens there)`;
  const erase = "\r\x1b[2K";
  const inTerminal = (script: string) =>
    spawn("script", ["-qec", 'stty cols 200; "$NODE" -e "$SCRIPT"', "/dev/null"], {
      env: { ...process.env, NODE: process.execPath, SCRIPT: script },
    });
  /** What it writes until it gives up. */
  const written = async (options: string, { isTerminal = false } = {}) => {
    const ports = await freePorts(2);
    const script = scriptOf(optionsOf(ports, 0, 4), options);
    const child = isTerminal ? inTerminal(script) : spawn(process.execPath, ["-e", script]);
    return { output: await outputOf(child), text: waiting(ports[1]!) };
  };

  it("says for whom, once, in a pipe", async () => {
    const { output, text } = await written("");
    const lines = output.trim().split("\n");
    assert.equal(lines.length, 2, output);
    assert.equal(lines[0], text);
    assert.match(lines[1]!, /^ERROR 1 of 2 workers don't answer after 4\.0 s/);
  });

  it("takes the line away in a terminal", async () => {
    const { output, text } = await written("verbose: 2", { isTerminal: true });
    assert.ok(output.startsWith(`${erase}${text}${erase}ERROR`), JSON.stringify(output));
  });

  it("takes it away when all are there, and trains", async () => {
    const ports = await freePorts(2);
    const [chief, other] = [0, 1].map((index) => scriptOf(optionsOf(ports, index, 60), ""));
    const child = inTerminal(chief!);
    const [output] = await Promise.all([
      outputOf(child),
      once(child.stdout!, "data").then(() => outputOf(spawn(process.execPath, ["-e", other!]))),
    ]);
    const start = `${erase}${waiting(ports[1]!)}${erase}`;
    assert.ok(output.startsWith(start), JSON.stringify(output));
    const rest = output.slice(start.length);
    assert.ok(rest.startsWith(`${erase}1/1 `), JSON.stringify(output));
    assert.match(rest, /1\/1 .* - loss: /);
  });

  it("says nothing where nothing is to be said", async () => {
    const { output } = await written("verbose: 0");
    assert.match(output, /^ERROR .*\n$/);
  });
});

test("what computes in one process alone refuses a strategy by name, and says who takes one", async () => {
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 1, inputShape: [2], activation: "sigmoid" })],
  });
  const [xs, ys] = [tf.ones([4, 2]), tf.ones([4])];
  const strategy = mirrored({ devices: ["CPU:0", "CPU:1"] });
  const refused = (error: Error & { hint?: string }) => {
    assert.match(error.message, /^(extractFeatures|classify) has no option `strategy`\./);
    assert.match(error.hint!, /^Only `fit`, `evaluate` and `predict` compute on several devices/);
    return true;
  };
  const data = fromTensorSlices({ xs, ys }).batch(2);
  await assert.rejects(extractFeatures(model, data as never, { strategy } as object), refused);
  const options = { classNames: ["no", "yes"], strategy };
  await assert.rejects(classify(model, xs, options as never), refused);
  tf.dispose([xs, ys]);
  model.dispose();
});
