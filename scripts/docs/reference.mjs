// @ts-check
/** Runs typedoc, which reads `docs/typedoc.json`. */
import fs from "node:fs";
import path from "node:path";
import { attend } from "../setup/handOver.mjs";
import { complaints } from "./rules.mjs";

/** @typedef {import("../setup/paths.mjs").Paths} Paths */

/**
 * Writes the reference of the library as a page, to be opened in a browser.
 *
 * @param {Paths} paths
 * @returns The exit status.
 */
export function writeReference({ root, docs, reference, typedoc }) {
  const options = ["--options", path.join(docs, "typedoc.json"), "--out", reference];
  return attend([process.execPath, typedoc, ...options], { cwd: root });
}

/**
 * Prints what the comments of the library's public surface lack.
 *
 * @param {Paths} paths
 * @returns The exit status: 0 when nothing is missing.
 */
export async function checkReference({ root, docs, build, typedoc }) {
  const description = path.join(build, "reference.json");
  const options = ["--options", path.join(docs, "typedoc.json"), "--json", description];
  const quiet = ["--logLevel", "Warn", "--treatWarningsAsErrors"];
  const code = await attend([process.execPath, typedoc, ...options, ...quiet], { cwd: root });
  if (code !== 0) return code;
  const missing = complaints(JSON.parse(fs.readFileSync(description, "utf8")));
  for (const line of missing) console.error(line);
  return missing.length === 0 ? 0 : 1;
}
