// @ts-check
/** Refuses a machine that the engine can't run on, before anything is installed. */
import { StepError } from "./errors.mjs";

const tested =
  "Tested: Linux x86-64 with glibc (Debian 12), Node 20, 22 and 24, Python 3.11. Other glibc Linux x86-64 " +
  "systems and Python 3.10, 3.12 and 3.13 should work.";
const oldestNode = 20;

/**
 * @typedef {object} Machine
 * @property {string} platform As `process.platform`.
 * @property {string} arch As `process.arch`.
 * @property {string | undefined} glibc Its version; `undefined` where the C library is another one.
 * @property {string} node Node's version.
 */

/** @returns {Machine} */
export function thisMachine() {
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (
    /** @type {unknown} */ (process.report.getReport())
  );
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: report.header.glibcVersionRuntime,
    node: process.versions.node,
  };
}

/**
 * @param {Machine} [machine] This one by default.
 * @throws {StepError} When it can't run TensorFlow's Linux build, or Node is too old.
 */
export function requirePlatform(machine = thisMachine()) {
  const system = `${machine.platform} ${machine.arch}`;
  if (machine.platform !== "linux" || machine.arch !== "x64") {
    throw new StepError(
      `convnets can't run on ${system}: it is built on TensorFlow's package for Linux x86-64. ${tested}`,
      {
        todo:
          machine.platform === "win32"
            ? "use WSL 2 with Ubuntu or Debian, and run the same commands there."
            : "run it in a Linux x86-64 machine or container.",
      },
    );
  }
  if (machine.glibc === undefined) {
    throw new StepError(
      "convnets can't run on this Linux: its C library is not glibc (Alpine's musl, perhaps), " +
        `and TensorFlow's package needs glibc. ${tested}`,
      {
        todo: "use a glibc system or image, for example Debian (node:20-bookworm) instead of Alpine.",
      },
    );
  }
  if (Number.parseInt(machine.node, 10) < oldestNode) {
    throw new StepError(
      `convnets needs Node ${oldestNode} or newer; this is Node ${machine.node}.`,
      {
        todo: "install a current Node (20, 22 and 24 are tested) and run the command again.",
      },
    );
  }
}
