/** A notebook as the chief, run by the real kernel, with a script as the other worker. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { joinText, type Text } from "../../scripts/notebooks/compare";
import { executeNotebook } from "../../scripts/notebooks/execute";
import { freePorts } from "../../scripts/workers/freePorts";
import { startKernel } from "../support/kernel";
import { temporaryFolder } from "../support/temporaryFolder";

const library = JSON.stringify(path.join(__dirname, "../../lib/index"));

/** What all of them run, in a cell and in a script: the seed is each worker's own, and the chief's counts. */
const training = (seed: number, strategy: string) => `
setSeed(${seed});
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 4, inputShape: [3], activation: "tanh" }),
    tf.layers.dense({ units: 1 }),
  ],
});
model.compile({ optimizer: "adam", loss: "meanSquaredError" });
const x = tf.randomNormal([21, 3], 0, 1, "float32", 3);
const trained = await fit(model, [x, tf.sum(x, 1, true)], { epochs: 3, batchSize: 6, ${strategy} });
const weights = model.getWeights().flatMap((weight) => [...weight.dataSync()]);
console.log("RESULT " + JSON.stringify([trained.history.loss, weights]));`;

const strategyOf = (ports: readonly number[], index: number) => `
const strategy = multiWorkerMirrored({
  cluster: { worker: ${JSON.stringify(ports.map((port) => `127.0.0.1:${port}`))} },
  task: { type: "worker", index: ${index} },
  startSeconds: 60,
});`;

type Result = [losses: number[], weights: number[]];

function resultIn(output: string): Result {
  return JSON.parse(/RESULT (.*)/.exec(output)?.[1] ?? "null") as Result;
}

/** What a process prints that trains by itself, or as a worker. */
async function runScript(body: string): Promise<string> {
  const text = `const { fit, multiWorkerMirrored, setSeed, tf } = require(${library});
    (async () => { ${body} })().then(() => process.exit(0));`;
  const child = spawn(process.execPath, ["-e", text], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, "close");
  assert.equal(code, 0, output);
  return output;
}

function notebookOf(cells: readonly string[]): string {
  return JSON.stringify({
    cells: cells.map((source, i) => ({
      ...{ cell_type: "code", id: `cell-${i}`, source, metadata: {} },
      ...{ execution_count: null, outputs: [] },
    })),
    metadata: {
      kernelspec: { display_name: "TypeScript", language: "typescript", name: "tslab" },
    },
    ...{ nbformat: 4, nbformat_minor: 5 },
  });
}

test("a notebook and a script train together what one process trains alone", async () => {
  using folder = temporaryFolder();
  const ports = await freePorts(2);
  fs.writeFileSync(
    folder.join("chief.ipynb"),
    notebookOf([
      `import { fit, multiWorkerMirrored, setSeed, tf } from "convnets";${strategyOf(ports, 0)}`,
      training(1, "strategy"),
    ]),
  );
  const alone = resultIn(await runScript(training(1, "verbose: 0")));
  const [{ notebook, failure }, worker] = await Promise.all([
    executeNotebook(folder.join("chief.ipynb"), { saveAs: folder.join("out.ipynb") }),
    runScript(`${strategyOf(ports, 1)}${training(2, "strategy")}`),
  ]);
  assert.equal(failure, undefined);
  const outputs = notebook!.cells[1]!.outputs ?? [];
  const printed = outputs.map((output) => ("text" in output ? joinText(output.text) : "")).join("");
  const chief = resultIn(printed);
  assert.deepEqual(resultIn(worker), chief);
  for (const [part, values] of alone.entries()) {
    for (const [i, value] of values.entries()) {
      const actual = chief[part]![i]!;
      assert.ok(Math.abs(actual - value) <= 1e-5, `${actual} and ${value}`);
    }
  }
  // The progress is the notebook's: one output for all epochs. The worker is silent.
  const shown = outputs.flatMap((output) =>
    "data" in output ? joinText(output.data["text/plain"] as Text) : [],
  );
  assert.match(shown.join("\n"), /Epoch 1\/3\n4\/4 .* loss: [\d.]+\n(.*\n)*Epoch 3\/3\n4\/4/);
  assert.doesNotMatch(worker, /Epoch/);
});

test("a cell says whom it waits for, until that is over", async () => {
  const ports = await freePorts(2);
  const kernel = await startKernel();
  try {
    const { status, messages, stderr } = await kernel.run(
      `import { fit, multiWorkerMirrored, setSeed, tf } from "convnets";` +
        strategyOf(ports, 0).replace("startSeconds: 60", "startSeconds: 4") +
        training(1, "strategy"),
    );
    assert.equal(status, "error");
    assert.match(stderr, /1 of 2 workers don't answer after 4.0 s/);
    const shown = messages.flatMap(({ type, content }) =>
      content.data === undefined
        ? []
        : [[type, (content.data as Record<string, string>)["text/plain"]]],
    );
    assert.deepEqual(shown, [
      [
        "display_data",
        `Waiting for 1 of 2 workers: worker 1 at 127.0.0.1:${ports[1]} (nothing listens there)`,
      ],
      ["update_display_data", ""],
    ]);
  } finally {
    await kernel.stop();
  }
});
