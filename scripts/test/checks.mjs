// @ts-check
/** Formatting, lint rules, types and comments. (The library's own types are checked where set-up compiles it.) */
import path from "node:path";
import { checkReference } from "../docs/reference.mjs";
import { attend } from "../setup/handOver.mjs";
import { ofExitCode } from "./tally.mjs";

/** @typedef {import("../setup/paths.mjs").Paths} Paths */

/** @param {Paths} paths */
export async function lint({ root, nodeModules }) {
  console.log("\nFormat and lint rules");
  const biome = path.join(nodeModules, "@biomejs/biome/bin/biome");
  return ofExitCode(await attend([process.execPath, biome, "check"], { cwd: root }));
}

/** @param {Paths} paths */
export async function typeCheck({ root, typescript }) {
  console.log("\nTypes of the scripts");
  const project = path.join(root, "scripts");
  return ofExitCode(
    await attend([process.execPath, typescript, "--project", project], { cwd: root }),
  );
}

/** @param {Paths} paths */
export async function documentation(paths) {
  console.log("\nComments of the public surface");
  return ofExitCode(await checkReference(paths));
}
