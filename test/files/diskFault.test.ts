import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { EnvironmentError } from "../../lib/errors";
import { diskFault, makeFolder, readFullySync, writeFullySync } from "../../lib/files";
import { temporaryFolder } from "../support/temporaryFolder";

test("what a disk refuses becomes an error that names the file and says what to do", () => {
  for (const [code, reason] of [
    ["ENOSPC", /^\/data\/f can't be written: the disk is full \(ENOSPC\)$/],
    ["EROFS", /^\/data\/f can't be written: the disk is read-only \(EROFS\)$/],
    ["EIO", /^\/data\/f can't be written: the disk fails \(EIO\)$/],
  ] as const) {
    const cause = Object.assign(new Error("as the system says it"), { code });
    const fault = diskFault(cause, "/data/f");
    assert.ok(fault instanceof EnvironmentError);
    assert.match(fault.message, reason);
    assert.match(fault.hint!, /another disk/);
    assert.equal(fault.cause, cause);
    assert.equal(diskFault(fault, "/other"), fault, "said once");
  }
  const other = new Error("something else");
  assert.equal(diskFault(other, "/data/f"), other);
  assert.equal(diskFault(undefined, "/data/f"), undefined);
});

test("a folder that can't be made is an error with its name", () => {
  using folder = temporaryFolder();
  makeFolder(folder.join("a/b/c"));
  makeFolder(folder.join("a/b/c"));
  assert.ok(fs.statSync(folder.join("a/b/c")).isDirectory());
  fs.writeFileSync(folder.join("file"), "");
  assert.throws(() => makeFolder(folder.join("file/b")), /file/);
});

test("bytes are written and read to the last one, at their place", () => {
  using folder = temporaryFolder();
  const descriptor = fs.openSync(folder.join("f"), "w+");
  try {
    const bytes = Buffer.from("some bytes");
    writeFullySync(descriptor, bytes, 5);
    const found = Buffer.alloc(bytes.length);
    assert.equal(readFullySync(descriptor, found, 5), true);
    assert.deepEqual(found, bytes);
    assert.equal(readFullySync(descriptor, found, 6), false);
  } finally {
    fs.closeSync(descriptor);
  }
});
