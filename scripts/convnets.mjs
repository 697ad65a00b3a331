#!/usr/bin/env node
// @ts-check
/** `npx convnets COMMAND`: the package's own commands. */
import { readLine } from "./commands/command.mjs";
import { helpOf } from "./commands/help.mjs";
import { UsageError, wrong } from "./commands/usage.mjs";
import { commands } from "./package/commands.mjs";

const [name = "--help", ...line] = process.argv.slice(2);
try {
  await run(name, line);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message} (npx convnets --help)`);
  process.exitCode = 2;
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
  const command = commands[/** @type {keyof typeof commands} */ (name)];
  const title = `npx convnets ${name}`;
  if (line.includes("--help") || line.includes("-h")) {
    console.log(helpOf(title, command));
    return;
  }
  readLine(title, command, line);
  if (name === "setup") await (await import("./package/setUp.mjs")).setUp();
  else (await import("./package/doctor.mjs")).doctor();
}
