/** Compiled commands, on the command line that `index.mjs` reads. */
import path from "node:path";
import { pathToFileURL } from "node:url";

/** This file runs as .build/scripts/commands/main.js. */
const declared = path.resolve(__dirname, "../../../scripts/commands/index.mjs");

/**
 * Runs a command with what it was given; a line that can't be understood ends the process with 2.
 *
 * @param main Returns whether all was well: the process ends with 1 otherwise, and after an error.
 */
export function runCommand<T>(name: string, main: (given: T) => Promise<boolean>): void {
  run(name, main).then(
    (good) => {
      if (!good) process.exitCode = 1;
    },
    (error: Error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}

async function run<T>(name: string, main: (given: T) => Promise<boolean>): Promise<boolean> {
  const { readCommand } = (await import(pathToFileURL(declared).href)) as {
    readCommand(name: string): T;
  };
  return await main(readCommand(name));
}
