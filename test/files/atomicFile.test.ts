/** A file appears whole or not at all. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { ConvnetsError } from "../../lib/errors";
import { newMark, writeFileAtomically } from "../../lib/files";
import { loadModel } from "../../lib/saving";
import { markOfAnotherContainer, markOfMyPredecessor, markOfTheDead } from "../support/marks";

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
  const mine = path.join(folder, `.shared.txt.${newMark()}.part`);
  const ofAnotherContainer = path.join(folder, `.shared.txt.${markOfAnotherContainer()}.part`);
  for (const part of [mine, ofAnotherContainer]) await fs.writeFile(part, "in the making");
  await writeFileAtomically(file, (temporary) => fs.writeFile(temporary, "done"));
  for (const part of [mine, ofAnotherContainer]) {
    assert.equal(await fs.readFile(part, "utf8"), "in the making");
    await fs.rm(part);
  }
});

test("writeFileAtomically() removes what is abandoned, also by a process that had this one's number", async () => {
  const file = path.join(folder, "lost.txt");
  const old = path.join(folder, `.lost.txt.${markOfAnotherContainer()}.part`);
  const abandoned = [markOfTheDead(), markOfMyPredecessor()].map((mark) =>
    path.join(folder, `.lost.txt.${mark}.part`),
  );
  for (const part of [old, ...abandoned]) await fs.writeFile(part, "half");
  await fs.utimes(old, 0, 0);
  await writeFileAtomically(file, (temporary) => fs.writeFile(temporary, "done"));
  const names = (await fs.readdir(folder)).filter((name) => name.includes("lost"));
  assert.deepEqual(names, ["lost.txt"]);
});

test("writeFileAtomically() follows a link, also one to a file that isn't there yet", async () => {
  const elsewhere = path.join(folder, "elsewhere");
  await fs.mkdir(elsewhere);
  const link = path.join(folder, "link.txt");
  await fs.symlink("elsewhere/real.txt", link);
  for (const text of ["first", "second"]) {
    await writeFileAtomically(link, (temporary) => fs.writeFile(temporary, text));
    assert.equal(await fs.readlink(link), "elsewhere/real.txt");
    assert.deepEqual(await fs.readdir(elsewhere), ["real.txt"]);
    assert.equal(await fs.readFile(link, "utf8"), text);
  }
  await fs.symlink("circle.txt", path.join(folder, "circle.txt"));
  await assert.rejects(
    writeFileAtomically(path.join(folder, "circle.txt"), async () => {}),
    /circle\.txt is a link that leads to itself/,
  );
});

test("writeFileAtomically() keeps the permissions of the file that it replaces", async () => {
  const file = path.join(folder, "private.txt");
  await fs.writeFile(file, "old", { mode: 0o600 });
  await writeFileAtomically(file, (temporary) => fs.writeFile(temporary, "new"));
  assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
});

test("writeFileAtomically() takes the longest name that a file may have", async () => {
  const file = path.join(folder, "é".repeat(127));
  await writeFileAtomically(file, (temporary) => fs.writeFile(temporary, "done"));
  assert.equal(await fs.readFile(file, "utf8"), "done");
});

test("writeFileAtomically() names the file, not a temporary one, when the system refuses", async () => {
  const file = path.join(folder, "note.txt", "inside.txt");
  await assert.rejects(
    writeFileAtomically(file, async () => {}),
    (error: ConvnetsError) => {
      assert.ok(error instanceof ConvnetsError);
      assert.match(error.message, /inside\.txt could not be written: .* \((ENOTDIR|EEXIST)\)$/);
      return !error.message.includes(".part");
    },
  );
});

test("what is unfinished when a process ends goes with it", async () => {
  const files = JSON.stringify(path.resolve(__dirname, "../../lib/files"));
  const code = `
    const { unfinishedPath, settle } = require(${files});
    const fs = require("node:fs");
    const marks = { prefix: "cache.unfinished-" };
    for (const stays of [false, true, false]) {
      const place = unfinishedPath(process.argv[1], { ...marks, stays });
      fs.mkdirSync(place);
      if (stays) settle(unfinishedPath(process.argv[1], marks));
    }`;
  const own = path.join(folder, "ended");
  await fs.mkdir(own);
  const child = spawn(process.execPath, ["-e", code, own], { stdio: "inherit" });
  assert.deepEqual(await once(child, "exit"), [0, null]);
  assert.equal((await fs.readdir(own)).length, 1);
});
