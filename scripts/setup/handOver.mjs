// @ts-check
/** Runs a program in this one's place: same terminal, same signals, same exit code. */
import { spawn } from "node:child_process";

/**
 * Runs a program on this terminal and waits for its end.
 * @param {string[]} command
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options] `env` is added to this process' environment.
 * @returns {Promise<number>} Its exit code; 1 when it could not be started or a signal ended it.
 */
export async function attend([program = "", ...args], { cwd, env } = {}) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: "inherit" });
  const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  const ignore = () => {}; // a terminal sends Ctrl-C to the program too, which may want to ask
  process.on("SIGTERM", pass).on("SIGHUP", pass).on("SIGINT", ignore);
  try {
    return await new Promise((resolve) => {
      child.once("error", (error) => {
        console.error(`${program}: ${error.message}`);
        resolve(1);
      });
      child.once("close", (code) => resolve(code ?? 1));
    });
  } finally {
    process.off("SIGTERM", pass).off("SIGHUP", pass).off("SIGINT", ignore);
  }
}

/**
 * Runs a program and ends this one with its exit code.
 * @param {string[]} command
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export async function handOver(command, options) {
  process.exitCode = await attend(command, options);
}
