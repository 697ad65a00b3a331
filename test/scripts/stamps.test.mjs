// @ts-check
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import {
  filesBelow,
  fingerprintContents,
  fingerprintTimes,
  isCurrent,
  writeStamp,
} from "../../scripts/setup/stamps.mjs";
import { temporaryFolder, writeFiles } from "./support.mjs";

test("isCurrent() needs the file, its stamp and the same fingerprint", (t) => {
  const made = path.join(temporaryFolder(t), "made.node");
  assert.equal(isCurrent(made, "a"), false);
  fs.writeFileSync(made, "…");
  assert.equal(isCurrent(made, "a"), false);
  writeStamp(made, "a");
  assert.equal(isCurrent(made, "a"), true);
  assert.equal(isCurrent(made, "b"), false);
  fs.rmSync(made);
  assert.equal(isCurrent(made, "a"), false);
});

test("fingerprintContents() changes with a fact or a content, and with nothing else", (t) => {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "a.cc": "int a;" });
  const files = [path.join(folder, "a.cc")];
  const before = fingerprintContents({ facts: { node: "115" }, files });
  fs.utimesSync(path.join(folder, "a.cc"), 1, 1);
  assert.equal(fingerprintContents({ facts: { node: "115" }, files }), before);
  assert.notEqual(fingerprintContents({ facts: { node: "137" }, files }), before);
  writeFiles(folder, { "a.cc": "int b;" });
  assert.notEqual(fingerprintContents({ facts: { node: "115" }, files }), before);
});

test("fingerprintTimes() changes when a file is saved, added or removed", (t) => {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "a.ts": "1", "room/b.ts": "2" });
  const fingerprint = () =>
    fingerprintTimes({ facts: [], files: filesBelow(folder, (name) => name.endsWith(".ts")) });
  const first = fingerprint();
  assert.equal(fingerprint(), first);
  fs.utimesSync(path.join(folder, "a.ts"), 1, 1);
  const saved = fingerprint();
  assert.notEqual(saved, first);
  fs.rmSync(path.join(folder, "room/b.ts"));
  assert.notEqual(fingerprint(), saved);
});

test("filesBelow() finds nothing in a folder that isn't there", () => {
  assert.deepEqual(
    filesBelow("/nowhere/at/all", () => true),
    [],
  );
});
