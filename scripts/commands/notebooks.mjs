// @ts-check
/** How a notebook is named on a command line: by its number, its name or its file's path. */
import fs from "node:fs";
import path from "node:path";
import { wrong } from "./usage.mjs";

/**
 * The notebooks that a command is about: those named, or all; each once, as they were named.
 * @param {string} folder
 * @param {readonly string[]} named
 * @param {{ templates?: boolean, all?: boolean }} [kinds] Whether those of the folder's templates/ can be named, too, and
 *   whether all of them are wanted besides.
 * @returns {string[]} Their names: files without the folder and `.ipynb`.
 * @throws {import("./usage.mjs").UsageError} For a name of none, and for a folder without any.
 */
export function selectNotebooks(folder, named, { templates = false, all = false } = {}) {
  const known = notebooksIn(folder);
  if (known.length === 0) wrong(`There are no notebooks in ${folder}.`);
  const others = templates ? templatesIn(folder) : [];
  const chosen =
    named.length === 0 ? known : named.map((text) => selectNotebook(folder, known, others, text));
  return [...new Set([...chosen, ...(all ? others.map((name) => `templates/${name}`) : [])])];
}

/**
 * The file of a notebook that a text names; `undefined` for any other text.
 * @param {string} folder
 * @param {string} text
 */
export function notebookFile(folder, text) {
  const found = find(folder, notebooksIn(folder), text);
  return found === undefined ? undefined : path.join(folder, `${found}.ipynb`);
}

/** @param {string} folder */
function notebooksIn(folder) {
  if (!fs.existsSync(folder)) wrong(`There is no folder ${folder}.`);
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".ipynb") && !file.endsWith("-changed.ipynb"))
    .map((file) => path.basename(file, ".ipynb"))
    .sort();
}

/** @param {string} folder */
function templatesIn(folder) {
  const templates = path.join(folder, "templates");
  return fs.existsSync(templates) ? notebooksIn(templates) : [];
}

/**
 * @param {string} folder
 * @param {string[]} known
 * @param {string[]} templates
 * @param {string} text
 * @returns {string} A template's is named from the folder: `templates/…`.
 */
function selectNotebook(folder, known, templates, text) {
  const found = find(folder, known, text);
  if (found !== undefined) return found;
  const fromFolder = path.dirname(path.normalize(text)) === "templates";
  const named = fromFolder ? path.basename(text) : text;
  const template = find(path.join(folder, "templates"), templates, named);
  if (template !== undefined) return `templates/${template}`;
  const given = path.basename(text, ".ipynb");
  return wrong(`There is no notebook ${text} in ${folder}.`, {
    given,
    known: [...known, ...templates],
  });
}

/**
 * @param {string} folder
 * @param {string[]} known
 * @param {string} text
 */
function find(folder, known, text) {
  // A path must be one of this folder: another one may hold a notebook of the same name.
  if (text.includes("/") && !placesMeant(path.dirname(text)).includes(folder)) return undefined;
  const name = path.basename(text, ".ipynb");
  const isNumber = /^\d+$/.test(name);
  const [found, ...others] = known.filter(
    (each) => each === name || (isNumber && Number.parseInt(each, 10) === Number(name)),
  );
  return others.length === 0 ? found : undefined;
}

/**
 * What a path may mean: npm runs commands in the project's folder, wherever they are typed.
 * @param {string} text
 */
export function placesMeant(text) {
  const { INIT_CWD = "." } = process.env;
  return [path.resolve(text), path.resolve(INIT_CWD, text)];
}
