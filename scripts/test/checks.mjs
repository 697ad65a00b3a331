// @ts-check
/** Formatting, lint rules, dead code, types and comments. (The library's own types are checked where set-up compiles it.) */
import path from "node:path";
import { checkReference } from "../docs/reference.mjs";
import { attend } from "../setup/handOver.mjs";
import { nothing, ofExitCode } from "./tally.mjs";

/** @typedef {import("../setup/paths.mjs").Paths} Paths */

/** @param {Paths} paths */
export async function lint({ root, nodeModules }) {
  const biome = path.join(nodeModules, "@biomejs/biome/bin/biome");
  return ofExitCode(await attend([process.execPath, biome, "check"], { cwd: root }));
}

/**
 * Files, exports and packages that nothing uses. (knip reads TypeScript with its own parser.)
 * @param {Paths} paths
 */
export async function deadCode({ root, nodeModules }) {
  if (!isAtLeast(process.versions.node, { 20: 19, 22: 12 })) {
    console.log("Skipped: knip needs Node 20.19, 22.12 or newer.");
    return { ...nothing, skipped: 1 };
  }
  const knip = path.join(nodeModules, "knip/bin/knip.js");
  return ofExitCode(await attend([process.execPath, knip, "--no-progress"], { cwd: root }));
}

/**
 * Whether a version of Node has the minor release that its major one needs.
 * @param {string} version
 * @param {Record<number, number>} needed
 */
export function isAtLeast(version, needed) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return minor >= (needed[major] ?? 0);
}

/**
 * The programs that check types: of library and tests, and of the scripts.
 * @param {Paths} paths
 * @returns {string[][]}
 */
export function typeChecks({ root, typescript }) {
  const check = [process.execPath, typescript, "--noEmit", "--project"];
  return [root, path.join(root, "scripts")].map((project) => [...check, project]);
}

/** @param {Paths} paths */
export async function typeCheck(paths) {
  const [, scripts = []] = typeChecks(paths);
  return ofExitCode(await attend(scripts, { cwd: paths.root }));
}

/** @param {Paths} paths */
export async function documentation(paths) {
  return ofExitCode(await checkReference(paths));
}
