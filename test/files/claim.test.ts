/** One process at a time works on a place. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { claim } from "../../lib/files";
import { markOfAnotherContainer, markOfTheDead } from "../support/marks";
import { temporaryFolder } from "../support/temporaryFolder";

const files = JSON.stringify(path.resolve(__dirname, "../../lib/files"));

/** Appends `in ` and `out ` to a file, and waits between. */
const working = `
  const { claim } = require(${files});
  const fs = require("node:fs");
  const [folder] = process.argv.slice(1);
  (async () => {
    const release = await claim(folder + "/place");
    fs.appendFileSync(folder + "/trace", "in ");
    await new Promise((resolve) => setTimeout(resolve, 50));
    fs.appendFileSync(folder + "/trace", "out ");
    await release();
  })();
`;

test("of three processes one works at a time, and nothing is left of their claims", async () => {
  using folder = temporaryFolder();
  const children = [1, 2, 3].map(() =>
    spawn(process.execPath, ["-e", working, folder.path], { stdio: "inherit" }),
  );
  for (const [code] of await Promise.all(children.map((child) => once(child, "exit")))) {
    assert.equal(code, 0);
  }
  assert.equal(fs.readFileSync(folder.join("trace"), "utf8"), "in out ".repeat(3));
  assert.deepEqual(fs.readdirSync(folder.path), ["trace"]);
});

test("a claim of a process that is gone counts for nothing, nor one that nobody has touched for long", async () => {
  using folder = temporaryFolder();
  const claimed = folder.join(".place.claim");
  for (const mark of [markOfTheDead(), markOfAnotherContainer()]) {
    fs.writeFileSync(claimed, mark);
    fs.utimesSync(claimed, 0, 0);
    const told: string[] = [];
    const release = await claim(folder.join("place"), { onWait: (pid) => told.push(pid) });
    assert.notEqual(fs.readFileSync(claimed, "utf8"), mark);
    await release();
    assert.deepEqual(told, []);
  }
  assert.deepEqual(fs.readdirSync(folder.path), []);
});

test("who waits is told for whom, and may stop waiting", async () => {
  using folder = temporaryFolder();
  fs.writeFileSync(folder.join(".place.claim"), markOfAnotherContainer());
  const stop = new AbortController();
  const told: string[] = [];
  const waiting = claim(folder.join("place"), {
    signal: stop.signal,
    onWait: (pid) => {
      told.push(pid);
      stop.abort(new Error("enough"));
    },
  });
  await assert.rejects(waiting, /enough/);
  assert.deepEqual(told, ["1"]);
  assert.deepEqual(fs.readdirSync(folder.path), [".place.claim"]);
});

test("folders that were made for a claim go with it, unless something is in them", async () => {
  using folder = temporaryFolder();
  await (await claim(folder.join("a/b/place")))();
  assert.deepEqual(fs.readdirSync(folder.path), []);
  const release = await claim(folder.join("a/b/place"));
  fs.writeFileSync(folder.join("a/kept"), "");
  await release();
  assert.deepEqual(fs.readdirSync(folder.join("a")), ["kept"]);
});
