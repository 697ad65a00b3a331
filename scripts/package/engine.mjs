// @ts-check
/** What the engine runs on, asked in a process of its own: a native file that crashes can't take the command along. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { StepError } from "../setup/errors.mjs";
import { findLibraries } from "./library.mjs";

/**
 * @returns {string} Its description.
 * @throws {StepError} When it can't be loaded.
 */
export function askEngine() {
  const library = createRequire(import.meta.url).resolve("convnets");
  const program = `process.stdout.write(String(require(${JSON.stringify(library)}).engine()))`;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ["-e", program], {
    encoding: "utf8",
    timeout: 120_000,
  });
  if (status === 0) return stdout;
  const line = /^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr.trim().split("\n").at(-1) ?? "";
  const details = signal ? `It was ended by ${signal}.` : line;
  const todo =
    findLibraries() === undefined
      ? "npx convnets setup"
      : "see the README for the systems that are known to work; glibc 2.32 or newer is needed.";
  throw new StepError("The library can't be loaded.", { todo, details });
}
