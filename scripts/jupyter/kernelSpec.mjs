// @ts-check
/** The specification by which Jupyter knows the kernel: the repository's own, and that of the package `convnets`. */
import fs from "node:fs";
import path from "node:path";

/** The kernel's name among Jupyter's, which notebooks keep. */
export const kernelName = "tslab";

/**
 * What the specification says.
 * @param {object} options
 * @param {string} options.kernel The file that starts the kernel.
 * @param {Record<string, string>} [options.env] Set for the kernel besides. Nothing by default.
 */
export function kernelSpec({ kernel, env = {} }) {
  return {
    argv: [process.execPath, "--no-deprecation", kernel, "--config-path", "{connection_file}"],
    display_name: "TypeScript (tslab)",
    language: "typescript",
    // The stop button sends a message: a signal would be lost, or end the kernel, at some moments of a cell.
    interrupt_mode: "message",
    env: { TF_CPP_MIN_LOG_LEVEL: "3", ...env },
  };
}

/**
 * Where a specification lies.
 * @param {string} folder One of Jupyter's data folders: `share/jupyter` of a Python environment, or the user's own.
 */
export function specFile(folder) {
  return path.join(folder, "kernels", kernelName, "kernel.json");
}

/**
 * The specification as a file has it.
 * @param {ReturnType<typeof kernelSpec>} spec
 */
export function specText(spec) {
  return `${JSON.stringify(spec, null, 2)}\n`;
}

/**
 * The file that a specification names and that is gone, such as a Node that was updated; `undefined` if none is.
 * @param {string} text
 * @returns {string | undefined}
 */
export function goneFile(text) {
  /** @type {string[]} */
  const argv = JSON.parse(text).argv;
  return argv.find((part) => path.isAbsolute(part) && !fs.existsSync(part));
}
