import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { repositoryRoot } from "../support/python";

/** Whether oneDNN is on in a process of its own, which loads the library with this setting. */
function hasOneDnn(setting: string | undefined): boolean {
  const { TF_ENABLE_ONEDNN_OPTS: _, ...rest } = process.env;
  const env = setting === undefined ? rest : { ...rest, TF_ENABLE_ONEDNN_OPTS: setting };
  const library = path.join(repositoryRoot, ".build/lib/engine");
  const program = `console.log(require(${JSON.stringify(library)}).engine().oneDNN)`;
  const output = execFileSync(process.execPath, ["-e", program], { env, encoding: "utf8" });
  return output.trim() === "true";
}

test("oneDNN is on where the processor has AVX2, and the user has the last word", () => {
  const hasAvx2 = /^flags\s*:.*\bavx2\b/m.test(fs.readFileSync("/proc/cpuinfo", "utf8"));
  assert.equal(hasOneDnn(undefined), hasAvx2);
  assert.equal(hasOneDnn("0"), false);
  assert.equal(hasOneDnn("1"), true);
});

test("what tfjs uses that Node has given up makes no warning: a program's output is its own", () => {
  const library = path.join(repositoryRoot, ".build/lib");
  const program = `const { tf } = require(${JSON.stringify(library)});
    tf.tidy(() => tf.oneHot(tf.tensor1d([1], "int32"), 2).mul(2).dataSync());`;
  const run = spawnSync(process.execPath, ["--trace-deprecation", "-e", program]);
  assert.equal(`${run.stdout}${run.stderr}`, "");
});
