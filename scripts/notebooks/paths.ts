/** Where notebooks, their executed copies and the tools for them are. */

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

/** This file runs as .build/scripts/notebooks/paths.js. */
export const repository = path.resolve(__dirname, "../../..");

export const notebooksFolder = path.join(repository, "notebooks");

/** Executed copies and their HTML pages; not under version control. */
export const outFolder = path.join(repository, "out");

export const python = path.join(repository, ".venv/bin/python");

/** Ends the name of a run that did not match, written beside the committed notebook for a look. */
export const CHANGED = "-changed";

/** The notebooks of a folder by name, in their order. */
export function listNotebooks(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ipynb"))
    .map((file) => path.basename(file, ".ipynb"))
    .filter((name) => !name.endsWith(CHANGED))
    .sort();
}

/** The templates beside a folder's notebooks, named from that folder. */
export function listTemplates(folder: string): string[] {
  const templates = path.join(folder, "templates");
  return existsSync(templates) ? listNotebooks(templates).map((name) => `templates/${name}`) : [];
}

/**
 * The notebooks that a command is about: those named, or all.
 *
 * A name may be given with its folder or extension, or by its leading number.
 *
 * @throws Error naming the notebooks there are, when one does not exist.
 */
export function selectNotebooks(folder: string, wanted: readonly string[]): string[] {
  const names = listNotebooks(folder);
  if (names.length === 0) throw new Error(`There are no notebooks in ${folder}`);
  if (wanted.length === 0) return names;
  return wanted.map((text) => selectNotebook(folder, text));
}

/** The one notebook of a folder that a text names, as `selectNotebooks` takes it. */
export function selectNotebook(folder: string, text: string): string {
  const names = listNotebooks(folder);
  const name = path.basename(text, ".ipynb");
  const [found, ...others] = names.filter((it) => it === name || it.startsWith(`${name}-`));
  if (found !== undefined && others.length === 0) return found;
  throw new Error(`There is no notebook "${text}". There are: ${names.join(", ")}`);
}
