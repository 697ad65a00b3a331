// @ts-check
/** The commands that run notebooks. */
import fs from "node:fs";
import path from "node:path";
import { paths } from "../setup/paths.mjs";
import { placesMeant, selectNotebooks } from "./notebooks.mjs";
import { wrong } from "./usage.mjs";

/** @typedef {import("./command.mjs").Command} Command */
/** @typedef {import("./command.mjs").Option} Option */
/** @typedef {import("./command.mjs").Given} Given */

const named = "a notebook by its number (01 or 1), its name or its file's path; all by default";

/** @satisfies {Record<string, Option>} */
const places = {
  only: { takes: ["NOTEBOOK"], many: true, does: "the same as NOTEBOOK" },
  folder: { takes: ["PATH"], does: "where the notebooks are; notebooks/ by default" },
};
/** @type {Option} */
const out = { takes: ["PATH"], does: "where executed copies and pages go; out/ by default" };

/** What a seed must be. */
export const seedForm = { form: /^\d{1,9}$/, expected: "a whole number of at most 9 digits" };

/** @type {Command} */
export const start = {
  does:
    "Sets everything up, executes the notebooks into out/, as .ipynb and as HTML, and closes with a table. " +
    "What an earlier run has trained is not trained again.",
  script: "notebooks/start",
  positionals: { shown: "[NOTEBOOK…]", does: `${named}; a template by its name or path` },
  options: {
    ...places,
    out,
    all: { does: "runs the templates of notebooks/templates/, too" },
    fresh: { does: "trains again what an earlier run has kept in data/runs/" },
    full: { does: "the chapter's own sizes, which take hours on a processor" },
    seed: {
      takes: ["N"],
      does: "another seed",
      check: seedForm,
    },
    pictures: {
      takes: ["SOURCE"],
      does: "where cats and dogs come from: drawn (by default), drive, kaggle, or auto (what there is)",
      check: { what: "source", names: ["drawn", "drive", "kaggle", "auto"] },
    },
    parameters: {
      short: "p",
      takes: ["NAME", "VALUE"],
      many: true,
      does: "sets a variable of the cell that is tagged `parameters`",
    },
  },
  finish: (given) => ({
    ...ofPlaces(given, given.names, { templates: true, all: given.values.all === true }),
    full: given.values.full === true,
    fresh: given.values.fresh === true,
    seed: given.values.seed,
    pictures: given.values.pictures,
    parameters: parametersOf(given.values.parameters),
  }),
};

/** @type {Command} */
export const fixtures = {
  does: "Runs notebooks from nothing, and compares their outputs with the committed ones.",
  script: "notebooks/fixtures",
  positionals: { shown: "[NOTEBOOK…]", does: named },
  options: {
    update: { does: "accepts the outputs of the notebooks that are named, instead of comparing" },
    ...places,
    out,
  },
  finish: (given) => {
    const { update = false, only = [] } = given.values;
    if (update && given.names.length + only.length === 0) {
      wrong(
        "--update must be followed by the notebooks whose outputs are accepted. Received: nothing",
      );
    }
    return { ...ofPlaces(given, given.names), update };
  },
};

const languages = ["ko"];

/** @type {Command} */
export const notebooks = {
  does: "Writes an edition of the notebooks in another language, from the same outputs, to notebooks/LANGUAGE/.",
  script: "notebooks/notebooks",
  positionals: {
    shown: "LANGUAGE [NOTEBOOK…]",
    does: `the language, ${languages.join(" or ")}; then ${named}`,
  },
  options: places,
  finish: (given) => {
    const [language, ...names] = given.names;
    const wanted = { given: language ?? "", known: languages };
    if (language === undefined) wrong("Say which language.", wanted);
    if (!languages.includes(language)) wrong(`There is no edition "${language}".`, wanted);
    return { ...ofPlaces(given, names), language };
  },
};

/** @type {Command} */
export const tidy = {
  does:
    "Brings notebooks into the form that JupyterLab saves them in, and gives back committed outputs that a run has " +
    "only made anew.",
  script: "notebooks/tidy",
  options: {
    check: { does: "writes nothing, and fails where there is something to do" },
    filter: {
      takes: ["FILE"],
      does: "standard input to standard output, as git's clean filters do; FILE is its path in the repository",
    },
    folder: places.folder,
  },
  finish: ({ values: { check = false, filter, folder } }) => ({
    check,
    filter: filter === undefined ? undefined : path.resolve(filter),
    folder: folder === undefined ? paths.notebooks : path.resolve(folder),
  }),
};

/** @type {Command} */
export const script = {
  does:
    "Runs a script in TypeScript, such as `jupyter nbconvert --to script` makes of a notebook, in the script's own " +
    "folder.",
  positionals: { shown: "FILE.ts [ARGUMENT…]", does: "the script, and what it is given" },
  passesOn: true,
  options: {},
  finish: ({ names: [file, ...args] }) => {
    if (file === undefined || file.startsWith("-")) {
      wrong(`npm run script must be followed by FILE.ts. Received: ${file ?? "nothing"}`);
    }
    return { file: scriptFile(file), args };
  },
};

/** @type {Command} */
export const workers = {
  does:
    "Runs a script in N processes of this machine that train one model together (docs/distributed.md), each in the " +
    "script's own folder and with its TF_CONFIG; when one fails, all are ended.",
  positionals: {
    shown: "N FILE.ts [ARGUMENT…]",
    does: "how many processes; the script, and what it is given",
  },
  passesOn: true,
  options: {},
  finish: ({ names: [count, file, ...args] }) => {
    if (count === undefined || !/^[1-9]\d?$/.test(count)) {
      wrong(`N must be a whole number from 1 to 99. Received: ${count ?? "nothing"}`);
    }
    if (file === undefined || file.startsWith("-")) {
      wrong(
        `npm run workers must be followed by N FILE.ts. Received: ${count} ${file ?? ""}`.trim(),
      );
    }
    return { count: Number(count), file: scriptFile(file), args };
  },
};

/**
 * A script's path.
 * @param {string} named As it was named where npm was typed, or from the repository's root.
 */
function scriptFile(named) {
  return placesMeant(named).find(isFile) ?? wrong(`There is no file ${named}.`);
}

/** @param {string} file */
function isFile(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * @param {Given} given
 * @param {string[]} names
 * @param {{ templates?: boolean, all?: boolean }} [kinds] As `selectNotebooks` has them.
 */
function ofPlaces({ values }, names, kinds) {
  const { folder, out: outFolder, only = [] } = values;
  const place = folder === undefined ? paths.notebooks : path.resolve(folder);
  const wanted = [...names, ...only];
  return {
    folder: place,
    out: outFolder === undefined ? path.join(paths.root, "out") : path.resolve(outFolder),
    notebooks: selectNotebooks(place, wanted, kinds),
    isAll: wanted.length === 0,
  };
}

/**
 * Values by name; numbers and truth values are what they look like, all else is text.
 * @param {[name: string, value: string][]} [pairs]
 */
function parametersOf(pairs) {
  if (pairs === undefined) return undefined;
  /** @type {Record<string, unknown>} */
  const parameters = {};
  for (const [name, text] of pairs) {
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) {
      wrong(`-p must be followed by a variable's name and a value. Received: ${name} ${text}`);
    }
    const number = Number(text);
    if (/^(true|false)$/i.test(text)) parameters[name] = text.toLowerCase() === "true";
    else parameters[name] = text.trim() !== "" && Number.isFinite(number) ? number : text;
  }
  return parameters;
}
