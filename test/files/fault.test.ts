import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { ConvnetsError } from "../../lib/errors";
import { fileFault, makeFolder, readFullySync, writeFullySync } from "../../lib/files";
import { temporaryFolder } from "../support/temporaryFolder";

test("what a disk refuses becomes an error that names the file and says what to do", () => {
  for (const [code, said, reason] of [
    [
      "ENOSPC",
      "no space left on device",
      /^\/data\/f could not be written: the disk is full \(ENOSPC\)$/,
    ],
    [
      "EROFS",
      "read-only file system",
      /^\/data\/f could not be written: read-only file system \(EROFS\)$/,
    ],
    ["EIO", "i/o error", /^\/data\/f could not be written: i\/o error \(EIO\)$/],
  ] as const) {
    const cause = Object.assign(new Error(`${code}: ${said}, write`), { code });
    const fault = fileFault("/data/f", { cause, doing: "written" });
    assert.ok(fault instanceof ConvnetsError);
    assert.match(fault.message, reason);
    assert.match(fault.hint!, /another/);
    assert.equal(fault.cause, cause);
    assert.equal(fileFault("/other", { cause: fault, doing: "written" }), fault, "said once");
  }
  const other = new Error("something else");
  assert.equal(fileFault("/data/f", { cause: other, doing: "written" }), other);
  assert.equal(fileFault("/data/f", { cause: undefined, doing: "written" }), undefined);
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
