#!/usr/bin/env node
// @ts-check
/** `npx convnets COMMAND`: the package's own commands. */
import { readLine } from "./commands/command.mjs";
import { helpOf } from "./commands/help.mjs";
import { UsageError, wrong } from "./commands/usage.mjs";
import { commands } from "./package/commands.mjs";
import { StepError } from "./setup/errors.mjs";

/**
 * What does them; loaded when it is asked for.
 * @type {Record<keyof typeof commands, (given: any) => Promise<void>>}
 */
const actions = {
  setup: async (given) => (await import("./package/setUp.mjs")).setUp(given),
  doctor: async () => (await import("./package/doctor.mjs")).doctor(),
  kernel: async (given) => (await import("./package/kernel.mjs")).installOrUninstall(given),
  new: async ({ file }) => (await import("./package/newNotebook.mjs")).newNotebook(file),
  lab: async ({ line }) => (await import("./package/lab.mjs")).lab(line),
};

const [name = "--help", ...line] = process.argv.slice(2);
try {
  await run(name, line);
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message} (npx convnets --help)`);
    process.exitCode = 2;
  } else if (error instanceof StepError) {
    console.error(`${error.message} → ${error.todo}`);
    process.exitCode = 1;
  } else throw error;
}

/**
 * @param {string} name
 * @param {string[]} line What follows it.
 */
async function run(name, line) {
  if (name === "--help" || name === "-h") {
    const lines = Object.entries(commands).map(
      ([each, { does }]) => `npx convnets ${each}\n${does}`,
    );
    console.log(lines.join("\n\n"));
    return;
  }
  if (!Object.hasOwn(commands, name)) {
    wrong(`There is no command ${name}.`, { given: name, known: Object.keys(commands) });
  }
  const known = /** @type {keyof typeof commands} */ (name);
  /** @type {import("./commands/command.mjs").Command} */
  const command = commands[known];
  const title = `npx convnets ${name}`;
  if (line.includes("--help") || line.includes("-h")) {
    console.log(helpOf(title, command));
    return;
  }
  const given = readLine(title, command, line);
  await actions[known](command.finish ? command.finish(given) : given);
}
