/** Files built to take long: what is done grows as the file does. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { describe, it } from "node:test";
import { loadWeights, saveWeights } from "../../lib/saving";
import { Graph, type GraphCall } from "../../lib/saving/modelGraph";
import { tf } from "../../lib/tfjs";
import { temporaryFolder } from "../support/temporaryFolder";

const { layers } = tf;

function small() {
  return tf.sequential({
    layers: [layers.dense({ units: 2, inputShape: [3], name: "head", useBias: false })],
  });
}

/** Counts how often HDF5 is asked for the names in a group. */
async function counting(run: () => Promise<void>): Promise<number> {
  const { Group } = await import("h5wasm");
  const { keys } = Group.prototype;
  let count = 0;
  Group.prototype.keys = function () {
    count++;
    return keys.call(this);
  };
  try {
    await run();
  } finally {
    Group.prototype.keys = keys;
  }
  return count;
}

/** An HDF5 file with a model's weights and whatever `add` puts beside them. */
async function fileWith(
  file: string,
  add: (h5: { group(path: string): void; link(from: string, to: string): void }) => void,
) {
  await saveWeights(small(), file);
  const { File, FS, Module } = await import("h5wasm");
  FS!.writeFile("/made.h5", await fs.readFile(file));
  const made = new File("/made.h5", "a");
  add({
    group: (path) => made.create_group(path),
    link: (from, to) => Module.create_hard_link(made.file_id, to, from),
  });
  made.close();
  await fs.writeFile(file, FS!.readFile("/made.h5") as Uint8Array);
  FS!.unlink("/made.h5");
}

describe("weights by name", () => {
  it("are found in a file whose groups hold one another", async () => {
    using folder = temporaryFolder();
    const file = folder.join("circle.weights.h5");
    await fileWith(file, ({ group, link }) => {
      for (let i = 0; i < 12; i++) group(`g${i}`);
      // Each holds every other one: a path may go on for ever, 12 ways at each step.
      for (let i = 0; i < 12; i++) {
        for (let j = 0; j < 12; j++) link(`/g${i}/to${j}`, `/g${j}`);
        link(`/g${i}/root`, "/");
      }
    });
    const model = small();
    const count = await counting(() => loadWeights(model, file, { byName: true }));
    assert.ok(count < 40, `${count} groups were looked into`);
    model.dispose();
  });

  it("take one look into each of 3,000 groups", async () => {
    using folder = temporaryFolder();
    const file = folder.join("many.weights.h5");
    await fileWith(file, ({ group }) => {
      for (let i = 0; i < 3000; i++) group(`layers/extra_${i}`);
    });
    const model = small();
    const count = await counting(() => loadWeights(model, file, { byName: true }));
    assert.ok(count < 3100, `${count} groups were looked into`);
    model.dispose();
  });
});

it("layers in reverse order are connected in so many looks as there are", () => {
  const count = 2000;
  let looks = 0;
  const graph = new Graph("the model");
  graph.addInput("layer0", tf.input({ shape: [2] }));
  const calls = Array.from({ length: count }, (_, i): GraphCall => {
    const name = `layer${i + 1}`;
    graph.addLayer(name, layers.activation({ activation: "linear", name }));
    return {
      layer: name,
      get inputs(): GraphCall["inputs"] {
        looks++;
        return [[`layer${i}`, 0, 0]];
      },
      asList: false,
      training: undefined,
      mask: undefined,
    };
  });
  graph.run(calls.reverse(), [[`layer${count}`, 0, 0]]);
  assert.deepEqual(graph.tensor([`layer${count}`, 0, 0]).shape, [null, 2]);
  assert.ok(looks <= 6 * count, `${looks} looks`);
});
