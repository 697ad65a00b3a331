// @ts-check
/** Runs the unit tests with Node's own test runner. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { attend } from "../setup/handOver.mjs";
import { filesBelow } from "../setup/stamps.mjs";
import { fromTap, nothing } from "./tally.mjs";

/** Longest time of one test. */
const timeoutMs = 10 * 60_000;

/**
 * What a pattern looks for in the path of a test that is run.
 * @param {string} pattern
 */
export const partOf = (pattern) => pattern.replace(/\.ts$/, "").replace(/^\.\//, "");

/**
 * Compiled tests, and those of the scripts, which need no compiling.
 * @param {import("../setup/paths.mjs").Paths} paths
 * @param {string[]} patterns A file is taken when its path in the repository contains one; all, if none.
 * @returns {string[]} Absolute paths.
 */
export function findTests({ root, build }, patterns) {
  const files = [
    ...filesBelow(path.join(build, "test"), (name) => name.endsWith(".test.js")),
    ...filesBelow(path.join(root, "test"), (name) => name.endsWith(".test.mjs")),
  ];
  if (patterns.length === 0) return files;
  const wanted = patterns.map(partOf);
  return files.filter((file) => wanted.some((part) => path.relative(root, file).includes(part)));
}

/**
 * @param {import("../setup/paths.mjs").Paths} paths
 * @param {string[]} files
 */
export async function runUnitTests({ root }, files) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "convnets-tests-"));
  const tap = path.join(folder, "tests.tap");
  try {
    const code = await attend(
      [
        process.execPath,
        "--test",
        `--test-concurrency=${Math.max(1, Math.min(4, os.availableParallelism()))}`,
        `--test-timeout=${timeoutMs}`,
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
        "--test-reporter=tap",
        `--test-reporter-destination=${tap}`,
        ...files,
      ],
      { cwd: root, env: { NODE_TEST_CONTEXT: undefined } },
    );
    const tally = fs.existsSync(tap) ? fromTap(fs.readFileSync(tap, "utf8")) : undefined;
    if (tally === undefined || (code !== 0 && tally.failed === 0)) {
      console.error(`The test runner ended with ${code}.`);
      return { ...(tally ?? nothing), failed: 1 };
    }
    return tally;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
