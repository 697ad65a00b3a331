// @ts-check
/** Runs the programs that set-up needs, with their output in a log file. */
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { StepError } from "./errors.mjs";
import { programMark } from "./processes.mjs";

const detailLines = 15;

/**
 * Runs a program to its end.
 *
 * @param {string[]} command Program and arguments.
 * @param {object} options
 * @param {string} options.log File for all of its output; a new one each time.
 * @param {string} options.doing What this does, completing "… failed".
 * @param {string} options.todo What to do when it fails.
 * @param {string} [options.cwd] The current folder by default.
 * @param {NodeJS.ProcessEnv} [options.env] Added to this process' environment. Nothing by default.
 * @param {(line: string) => void} [options.onLine] Told of each line of output.
 * @returns {Promise<void>}
 * @throws {StepError} When it can't be started or ends with an error.
 */
export async function run(command, { log, doing, todo, cwd, env, onLine }) {
  fs.mkdirSync(path.dirname(log), { recursive: true });
  const file = fs.createWriteStream(log);
  file.write(`$ ${command.join(" ")}\n`);
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env, [programMark]: path.resolve(log) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  /** @type {string[]} */
  const last = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      file.write(text);
      const lines = (rest + text).split(/[\r\n]+/);
      rest = lines.pop() ?? "";
      for (const line of lines.filter((l) => l.trim() !== "")) {
        last.push(line);
        onLine?.(line);
      }
      last.splice(0, last.length - detailLines);
    });
    stream.on("end", () => rest && last.push(rest));
  }
  const outcome = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : (signal ?? `${code}`)));
  });
  await new Promise((resolve) => file.end(() => resolve(undefined)));
  if (outcome === undefined) return;
  throw new StepError(`${doing} failed (${path.basename(program)}: ${outcome}).`, {
    todo,
    details: last.join("\n"),
    log,
  });
}

/**
 * A program's standard output, or `undefined` when it isn't there or fails.
 * @param {string[]} command
 * @returns {string | undefined}
 */
export function outputOf([program = "", ...args]) {
  try {
    return execFileSync(program, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 20_000,
    }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Where a program is on the PATH.
 * @param {string} program A name, or a path.
 * @param {string} [searchPath] `$PATH` by default.
 * @returns {string | undefined}
 */
export function which(program, searchPath = process.env.PATH ?? "") {
  const candidates = program.includes("/")
    ? [program]
    : searchPath.split(path.delimiter).map((folder) => path.join(folder, program));
  return candidates.find((candidate) => {
    try {
      fs.accessSync(candidate, fs.constants.X_OK);
      return fs.statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}
