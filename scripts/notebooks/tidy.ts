/**
 * `npm run tidy` brings the notebooks of notebooks/ into the form that JupyterLab saves them in, and gives back the
 * committed outputs that a run has only made anew: durations, times and dates are no change.
 *
 * `--check` writes nothing and fails where there is something to do. `--filter FILE` reads a notebook from standard input
 * and writes it to standard output, as git's clean filters do; FILE is its path in the repository.
 *
 * Notebooks of other kernels stay as they are.
 */

import { isUtf8 } from "node:buffer";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../commands/main";
import {
  formatNotebook,
  isForeign,
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
    process.stdout.write(await filtered(readFileSync(0), filter));
    return true;
  }
  let untidy = 0;
  let broken = 0;
  for (const file of notebooksUnder(folder)) {
    const name = path.relative(repository, file);
    const notebook = await tidied(readFileSync(file), name, () => committedText(file)).catch(
      (error: Error) => {
        console.error(error.message);
        broken += 1;
      },
    );
    if (!notebook) continue;
    untidy += 1;
    console.log(name);
    if (!check) writeNotebook(file, notebook);
  }
  console.log(
    check ? `${untidy} to be tidied: npm run tidy` : `${untidy} brought into JupyterLab's form`,
  );
  return broken === 0 && (untidy === 0 || !check);
}

/** All notebooks of a folder and the folders in it; not what JupyterLab keeps of them, nor runs that did not match. */
function notebooksUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ipynb") && !file.endsWith(`${CHANGED}.ipynb`))
    .filter((file) => !file.split(path.sep).includes(".ipynb_checkpoints"))
    .sort()
    .map((file) => path.join(folder, file));
}

/** What isn't a notebook goes through as it is, byte for byte: a filter must not stand in the way of a commit. */
async function filtered(bytes: Buffer, file: string): Promise<string | Buffer> {
  try {
    // git runs a filter in the folder that FILE is named from, and has told its processes which repository it is.
    const fromTop = path.relative(process.cwd(), file);
    const notebook = await tidied(bytes, file, () => shown(`HEAD:${fromTop}`));
    return notebook ? formatNotebook(notebook) : bytes;
  } catch {
    return bytes;
  }
}

/** The notebook as it should be; nothing where it is so, or is another kernel's. `file` is what errors call it. */
async function tidied(
  bytes: Buffer,
  file: string,
  committed: () => string | undefined,
): Promise<Notebook | undefined> {
  if (!isUtf8(bytes)) throw new Error(`${file} is not a notebook: it is not in UTF-8`);
  const text = bytes.toString("utf8");
  const notebook = parseNotebook(text, file);
  if (isForeign(notebook)) return undefined;
  try {
    const before = parsed(committed(), file);
    const kept = before ? await keepUnchanged(before, notebook) : notebook;
    return formatNotebook(kept) === text ? undefined : kept;
  } catch (error) {
    throw new Error(`${file} is not a notebook: ${(error as Error).message}`); // a cell that is none
  }
}

/** A committed notebook, unless it was broken. */
function parsed(text: string | undefined, file: string): Notebook | undefined {
  try {
    return text === undefined ? undefined : parseNotebook(text, file);
  } catch {
    return undefined;
  }
}

/** The file as the last commit has it, if it has one. */
function committedText(file: string): string | undefined {
  // In a hook of git's these name the repository, and would make the file's folder its top.
  const { GIT_DIR, GIT_WORK_TREE, GIT_COMMON_DIR, GIT_PREFIX, ...env } = process.env;
  return shown(`HEAD:./${path.basename(file)}`, { cwd: path.dirname(file), env });
}

function shown(object: string, place: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  try {
    return execFileSync("git", ["show", object], {
      ...place,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return undefined;
  }
}

runCommand("tidy", main);
