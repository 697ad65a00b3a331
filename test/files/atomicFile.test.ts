/** A file appears whole or not at all. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { writeFileAtomically } from "../../lib/files";
import { loadModel } from "../../lib/saving";

let folder: string;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "atomic-"));
});

after(() => fs.rm(folder, { recursive: true, force: true }));

/** Saves one model after another to the same name until it is killed. */
const savingForEver = `
  const { saveModel, tf } = require(${JSON.stringify(path.resolve(__dirname, "../../lib/index"))});
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 300, inputShape: [300] })] });
  model.compile({ optimizer: "adam", loss: "meanSquaredError" });
  (async () => {
    for (let n = 0; ; n++) {
      await saveModel(model, process.argv[1]);
      if (n === 0) process.stdout.write("saved");
    }
  })();
`;

test("a process that is killed while it saves leaves a model that loads, and one that saves next tidies up", async () => {
  const file = path.join(folder, "model.keras");
  for (let kill = 0; kill < 6; kill++) {
    const child = spawn(process.execPath, ["-e", savingForEver, file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "exit").then(() => "ended");
    const saved = once(child.stdout, "data").then(() => "saved");
    assert.equal(await Promise.race([saved, ended]), "saved");
    await delay(7 * kill + Math.random() * 20);
    child.kill("SIGKILL");
    await ended;
    const model = await loadModel(file);
    model.dispose();
    assert.ok((await fs.readdir(folder)).length <= 2, "the model and at most one unfinished file");
  }
});

test("writeFileAtomically() keeps the old file when writing fails", async () => {
  const file = path.join(folder, "note.txt");
  await writeFileAtomically(file, (temporary) => fs.writeFile(temporary, "old"));
  const failing = writeFileAtomically(file, async (temporary) => {
    await fs.writeFile(temporary, "ne");
    throw new Error("disk full");
  });
  await assert.rejects(failing, /disk full/);
  assert.equal(await fs.readFile(file, "utf8"), "old");
  assert.deepEqual(
    (await fs.readdir(folder)).filter((name) => name.includes("note")),
    ["note.txt"],
  );
});

test("writeFileAtomically() leaves the unfinished files of living processes alone", async () => {
  const file = path.join(folder, "shared.txt");
  const mine = path.join(folder, `.shared.txt.${process.pid}-0123abcd.part`);
  await fs.writeFile(mine, "in the making");
  await writeFileAtomically(file, (temporary) => fs.writeFile(temporary, "done"));
  assert.equal(await fs.readFile(mine, "utf8"), "in the making");
});
