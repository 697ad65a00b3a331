// @ts-check
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../../scripts/setup/paths.mjs";

/**
 * A temporary folder that is removed after the test.
 * @param {import("node:test").TestContext} t
 * @param {string} [where] The system's folder for temporary files by default.
 */
export function temporaryFolder(t, where = os.tmpdir()) {
  const folder = fs.mkdtempSync(path.join(where, "convnets-scripts-"));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Writes files, by name and text; folders are made.
 * @param {string} folder
 * @param {Record<string, string>} files
 */
export function writeFiles(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
}

/** An output that keeps what is written to it. */
export function recorder() {
  return {
    text: "",
    isTTY: false,
    /** @param {string} text */
    write(text) {
      this.text += text;
    },
  };
}

/**
 * Runs a program to its end.
 * @param {string[]} command
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ code: number | null, output: string }>}
 */
export async function runProgram([program = "", ...args], options = {}) {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output += text;
    });
  }
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}

/**
 * A checkout with nothing installed.
 * @param {import("node:test").TestContext} t
 */
export function bareCheckout(t) {
  const folder = temporaryFolder(t);
  fs.cpSync(path.join(root, "scripts"), path.join(folder, "scripts"), { recursive: true });
  const weights = "lib/applications/packagedWeights.json";
  for (const file of ["package.json", "package-lock.json", "tsconfig.json", weights]) {
    fs.cpSync(path.join(root, file), path.join(folder, file));
  }
  writeFiles(folder, { "lib/index.ts": "export {};" });
  return folder;
}
