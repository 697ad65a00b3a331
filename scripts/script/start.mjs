// @ts-check
/** Runs a script in TypeScript in this process, once everything is set up. */
import { register } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Runs a script in its own folder, as a notebook runs.
 * @param {string} file
 * @param {readonly string[]} args What it is given.
 */
export async function startScript(file, args) {
  process.argv.splice(1, Number.POSITIVE_INFINITY, file, ...args); // as if the script had been started by itself
  process.setSourceMapsEnabled(true); // errors name the script's lines
  register("./hooks.mjs", import.meta.url);
  process.chdir(path.dirname(file)); // `../data/…` is what it was in the notebook
  await import(pathToFileURL(file).href);
}
