// @ts-check
/** Steps that write a few small files into the environment. */
import fs from "node:fs";
import path from "node:path";
import { readIfThere } from "../stamps.mjs";
import { isLinked } from "./venv.mjs";

/**
 * @param {object} step
 * @param {string} step.name
 * @param {string} step.venv An environment that is a link is somebody else's: nothing is written there.
 * @param {() => (readonly [file: string, text: string])[]} step.files What is written; none before there is an environment.
 * @param {string} step.reason Why it runs.
 * @param {string} step.result What it has done.
 * @returns {import("../runner.mjs").Step}
 */
export function writtenStep({ name, venv, files, reason, result }) {
  return {
    name,
    check() {
      if (isLinked(venv)) return undefined;
      const wanted = files();
      const isThere = wanted.every(([file, text]) => readIfThere(file) === text);
      return isThere && wanted.length > 0 ? undefined : reason;
    },
    run() {
      for (const [file, text] of files()) {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, text);
      }
      return result;
    },
  };
}
