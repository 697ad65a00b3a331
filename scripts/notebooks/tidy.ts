/**
 * `npm run tidy` brings the notebooks of notebooks/ into the form that JupyterLab saves them in, and gives back the
 * committed outputs that a run has only made anew: durations, times and dates are no change.
 *
 * `--check` writes nothing and fails where there is something to do. `--filter FILE` reads a notebook from standard input
 * and writes it to standard output, as git's clean filters do; FILE is its path in the repository.
 */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../commands/main";
import {
  formatNotebook,
  keepUnchanged,
  type Notebook,
  parseNotebook,
  writeNotebook,
} from "./compare";
import { CHANGED, repository } from "./paths";

/** What the command line says. */
interface Wanted {
  check: boolean;
  filter: string | undefined;
  folder: string;
}

async function main({ check, filter, folder }: Wanted): Promise<boolean> {
  if (filter !== undefined) {
    process.stdout.write(await filtered(readFileSync(0, "utf8"), filter));
    return true;
  }
  let untidy = 0;
  for (const file of notebooksUnder(folder)) {
    const text = readFileSync(file, "utf8");
    const notebook = await tidied(text, file);
    if (formatNotebook(notebook) === text) continue;
    untidy += 1;
    console.log(path.relative(repository, file));
    if (!check) writeNotebook(file, notebook);
  }
  console.log(
    check ? `${untidy} to be tidied: npm run tidy` : `${untidy} brought into JupyterLab's form`,
  );
  return untidy === 0 || !check;
}

/** All notebooks of a folder and the folders in it; not what JupyterLab keeps of them, nor runs that did not match. */
function notebooksUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ipynb") && !file.endsWith(`${CHANGED}.ipynb`))
    .filter((file) => !file.split(path.sep).includes(".ipynb_checkpoints"))
    .sort()
    .map((file) => path.join(folder, file));
}

/** What isn't a notebook goes through as it is: a filter must not stand in the way of a commit. */
async function filtered(text: string, file: string): Promise<string> {
  try {
    return formatNotebook(await tidied(text, file));
  } catch {
    return text;
  }
}

async function tidied(text: string, file: string): Promise<Notebook> {
  const notebook = parseNotebook(text, file);
  const committed = committedText(file);
  return committed === undefined
    ? notebook
    : await keepUnchanged(parseNotebook(committed, file), notebook);
}

/** The file as the last commit has it, if it has one. */
function committedText(file: string): string | undefined {
  try {
    const command = ["show", `HEAD:./${path.basename(file)}`];
    return execFileSync("git", command, {
      cwd: path.dirname(file),
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return undefined;
  }
}

runCommand("tidy", main);
