// @ts-check
/** Executes the notebooks and compares their outputs with the committed ones. */
import { spawn } from "node:child_process";
import path from "node:path";
import { fromClosingLine, nothing } from "./tally.mjs";

/**
 * @param {import("../setup/paths.mjs").Paths} paths
 * @returns {Promise<import("./tally.mjs").Tally>}
 */
export async function runFixtures({ root, build }) {
  const script = path.join(build, "scripts/notebooks/fixtures.js");
  const child = spawn(process.execPath, [script], {
    cwd: root,
    stdio: ["inherit", "pipe", "inherit"],
  });
  const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  process.on("SIGTERM", pass).on("SIGHUP", pass);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    process.stdout.write(text);
    output = (output + text).slice(-10_000);
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  process.off("SIGTERM", pass).off("SIGHUP", pass);
  const tally = fromClosingLine(output) ?? nothing;
  return code === 0 || tally.failed > 0 ? tally : { ...tally, failed: 1 };
}
