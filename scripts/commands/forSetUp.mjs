// @ts-check
/** The commands that set up, and those that need little more. */
import { paths } from "../setup/paths.mjs";
import { notebookFile } from "./notebooks.mjs";
import { wrong } from "./usage.mjs";

/** @typedef {import("./command.mjs").Command} Command */

const devices = {
  gpu: { does: "TensorFlow for an NVIDIA GPU, from now on" },
  cpu: { does: "TensorFlow for the CPU, from now on" },
  auto: { does: "as the machine is, from now on: for a GPU when an NVIDIA driver is there" },
};

/** @type {Command} */
export const setup = {
  does:
    "Sets everything up, step by step: npm's and Python's packages, native files, the kernel, the library. " +
    "What is current is not done again.",
  options: devices,
  finish: ({ values }) => {
    const [device, other] = Object.keys(values);
    if (other !== undefined)
      wrong(`Choose one of --gpu, --cpu, --auto. Received: --${device} --${other}`);
    return { device };
  },
};

/** @type {Command} */
export const build = {
  does: "Compiles what has changed, native files too: set-up that doesn't look at the Python packages' files.",
  options: {},
};

/** @type {Command} */
export const pack = {
  does:
    "Sets everything up, then makes .build/convnets-VERSION.tgz, the package that other projects install, and " +
    ".build/convnets-drawings-VERSION.tgz, which draws its cats and dogs.",
  positionals: {
    shown: "[WORD…]",
    does: "of --matrix: the rows whose names have one of these words",
  },
  options: {
    matrix: { does: "then tries it with everything that docs/works-with.md names" },
  },
  finish: ({ values: { matrix = false }, names }) => {
    if (names.length > 0 && !matrix)
      wrong(`npm run pack takes words after --matrix. Received: ${names[0]}`);
    return { matrix, words: names };
  },
};

/** @type {Command} */
export const typecheck = {
  does: "Checks the types of library, tests and scripts; nothing is written.",
  options: {},
};

/** @type {Command} */
export const lab = {
  does:
    "Sets everything up, then opens JupyterLab on the notebooks, with the kernel “TypeScript (tslab)”. " +
    "A notebook's number or name opens that notebook; all other options are JupyterLab's own.",
  positionals: {
    shown: "[NOTEBOOK]",
    does: "a notebook by its number (01 or 1), its name or its file's path",
  },
  options: {},
  passesOn: true,
  finish: ({ names }) => ({
    // Behind an option, a number or a name is its value.
    line: names.map((text, i) => (i === 0 && notebookFile(paths.notebooks, text)) || text),
  }),
  more: "JupyterLab's options, such as --no-browser or --port=8890: npm run lab -- --help-all",
};

/** @type {Command} */
export const doctor = {
  does:
    "Says on one screen what is there, which GPU is used or why none, what is broken and what to do. " +
    "Changes nothing; ends with 1 if something is broken.",
  options: {},
};

/** @type {Command} */
export const docs = {
  does: "Sets everything up, then writes the library's reference into docs/api/.",
  options: {},
};
