/** Where notebooks, their executed copies and the tools for them are. */

import { readdirSync } from "node:fs";
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
