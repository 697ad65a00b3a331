// @ts-check
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { run } from "../../scripts/setup/command.mjs";
import { systemCompiler } from "../../scripts/setup/compiler.mjs";
import { StepError } from "../../scripts/setup/errors.mjs";
import { findPython } from "../../scripts/setup/python.mjs";
import { temporaryFolder } from "./support.mjs";

/**
 * A program on a PATH of its own.
 * @param {string} folder
 * @param {string} name
 * @param {string} shell
 */
function program(folder, name, shell) {
  fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${shell}\n`, { mode: 0o755 });
}

test("findPython() finds one that can make an environment", () => {
  const { path: found, version, maker } = findPython();
  assert.ok(fs.existsSync(found));
  assert.ok(version[0] === 3 && version[1] >= 10);
  assert.ok(maker === "venv" || maker === "virtualenv");
});

test("findPython() says what to install when there is none", (t) => {
  assert.throws(
    () => findPython({ PATH: temporaryFolder(t) }),
    (error) => error instanceof StepError && /apt install python3 python3-venv/.test(error.todo),
  );
});

test("findPython() says why each Python that it found won't do", (t) => {
  const folder = temporaryFolder(t);
  program(folder, "python3", "echo 3 8 1 0");
  program(folder, "python3.12", "echo 3 12 0 0");
  assert.throws(
    () => findPython({ PATH: folder }),
    (error) =>
      error instanceof StepError &&
      /python3 is Python 3\.8\n.*python3\.12 .* neither venv with ensurepip nor virtualenv/.test(
        error.details ?? "",
      ),
  );
});

test("findPython() falls back to virtualenv and to a Python with another name", (t) => {
  const folder = temporaryFolder(t);
  program(folder, "python3", "echo 3 14 1 0");
  program(folder, "python3.12", "echo 3 12 0 1");
  const found = findPython({ PATH: folder });
  assert.deepEqual(found, {
    path: path.join(folder, "python3.12"),
    version: [3, 12],
    maker: "virtualenv",
  });
});

test("systemCompiler() goes by CXX, with its arguments, before the PATH", (t) => {
  const folder = temporaryFolder(t);
  program(folder, "g++", "");
  program(folder, "ccache", "");
  assert.deepEqual(systemCompiler({ PATH: folder })?.command, [path.join(folder, "g++")]);
  assert.deepEqual(systemCompiler({ PATH: folder, CXX: "ccache g++" })?.command, [
    path.join(folder, "ccache"),
    "g++",
  ]);
  assert.equal(systemCompiler({ PATH: folder, CXX: "none" }), undefined);
  assert.equal(systemCompiler({ PATH: temporaryFolder(t) }), undefined);
});

test("run() keeps all output in a log, and a failure shows its last lines", async (t) => {
  const log = path.join(temporaryFolder(t), "logs/x.log");
  const script = "for i in $(seq 30); do echo line $i; done; echo oops >&2; exit 3";
  await assert.rejects(
    run(["sh", "-c", script], { log, doing: "Counting", todo: "count less." }),
    (error) => {
      assert.ok(error instanceof StepError);
      assert.equal(error.message, "Counting failed (sh: 3).");
      assert.match(error.details ?? "", /oops/);
      assert.doesNotMatch(error.details ?? "", /line 2\n/);
      assert.equal(error.log, log);
      return true;
    },
  );
  assert.match(fs.readFileSync(log, "utf8"), /line 1\n(.*\n)*line 30\n/);
});

test("run() fails clearly when the program isn't there", async (t) => {
  const log = path.join(temporaryFolder(t), "x.log");
  await assert.rejects(
    run(["/nowhere/npm"], { log, doing: "Installing", todo: "install npm." }),
    /Installing failed \(npm: .*ENOENT/,
  );
});
