// @ts-check
/**
 * The commands of package.json: what each takes, and their command lines read.
 *
 * It runs before set-up: a wrong word is one line, and help comes at once.
 */
import { readLine } from "./command.mjs";
import { fixtures, notebooks, script, start, tidy, workers } from "./forNotebooks.mjs";
import { build, docs, doctor, lab, pack, setup, typecheck } from "./forSetUp.mjs";
import { bench, parity, test, testGpu, testNode, torture } from "./forTests.mjs";
import { helpOf } from "./help.mjs";
import { UsageError } from "./usage.mjs";

/** By their names in package.json. */
export const commands = {
  start,
  test,
  fixtures,
  notebooks,
  tidy,
  script,
  workers,
  "test:node": testNode,
  "test:gpu": testGpu,
  setup,
  build,
  pack,
  typecheck,
  lab,
  doctor,
  docs,
  bench,
  torture,
  parity,
};

/** @typedef {keyof typeof commands} CommandName */

/**
 * How a command is typed.
 * @param {CommandName} name
 */
export function titleOf(name) {
  return name === "start" || name === "test" ? `npm ${name}` : `npm run ${name}`;
}

/**
 * Reads a command line; ends the process where it asks for help (0) or can't be understood (2).
 * @param {CommandName} name
 * @param {readonly string[]} [line] This process' by default.
 * @returns {Record<string, any>} What the command needs, as its declaration makes it.
 */
export function readCommand(name, line = process.argv.slice(2)) {
  /** @type {import("./command.mjs").Command} */
  const command = commands[name];
  // What stands behind the name of a script is the script's.
  const first = command.passesOn ? line.findIndex((text) => !text.startsWith("-")) : -1;
  const own = first === -1 ? line : line.slice(0, first);
  if (own.includes("--help") || own.includes("-h")) {
    console.log(helpOf(`${titleOf(name)} --`, command));
    process.exit(0);
  }
  try {
    const given = readLine(titleOf(name), command, line);
    return command.finish ? command.finish(given) : given;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message} (${titleOf(name)} -- --help)`);
    process.exit(2);
  }
}
