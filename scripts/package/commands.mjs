// @ts-check
/** What `npx convnets …` takes. */

import path from "node:path";
import { wrong } from "../commands/usage.mjs";

const actions = ["install", "uninstall"];

/** By their names. @satisfies {Record<string, import("../commands/command.mjs").Command>} */
export const commands = {
  setup: {
    does:
      "Gets TensorFlow for the CPU from PyPI, once for all projects of this user. Nothing is done where it is there " +
      "already, or in the active Python environment.",
    options: {
      weights: {
        does: 'also gets the small trained weights (81 MB) that `weights: "dogs"` and `weights: "edges"` name',
      },
    },
    finish: ({ values: { weights = false } }) => ({ weights }),
    more:
      "It is kept in the folder that CONVNETS_HOME names, else in $XDG_CACHE_HOME/convnets or ~/.cache/convnets.\n" +
      "Needs Python's pip, or uv; pip's settings hold (mirrors, proxies).",
  },
  doctor: {
    does: "Says what there is, what TensorFlow runs on, and what to do where something is missing. Changes nothing.",
    options: {},
  },
  kernel: {
    does:
      "Installs the kernel “TypeScript (tslab)” for your own JupyterLab, or removes it. Notebooks in any folder have it; " +
      "`convnets` is the project's that a notebook lies in, or else the one that this command is of.",
    positionals: {
      shown: actions.join("|"),
      does: "what to do",
      most: 1,
      check: { what: "action", names: actions },
    },
    options: {
      user: { does: "for you, in ~/.local/share/jupyter (by default)" },
      "sys-prefix": { does: "for the active Python environment" },
      prefix: { takes: ["DIR"], does: "in DIR/share/jupyter" },
    },
    finish: ({ names: [action], values }) => {
      if (action === undefined) wrong("Say what to do.", { given: "", known: actions });
      const [one, other] = Object.keys(values);
      if (other !== undefined) wrong(`Choose one place. Received: --${one} --${other}`);
      return { action, place: values };
    },
    more: "It needs tslab beside convnets, which servers don't: `npm install tslab@VERSION`, as the command says.",
  },
  new: {
    does: "Writes a small notebook to begin with. What is there is not replaced.",
    positionals: { shown: "NAME", does: "its name, or its path", most: 1 },
    options: {},
    finish: ({ names: [name] }) => {
      if (name === undefined || path.basename(name, ".ipynb") === "" || /[\\/]$/.test(name)) {
        wrong(`npx convnets new must be followed by NAME. Received: ${name ?? "nothing"}`);
      }
      return { file: name.endsWith(".ipynb") ? name : `${name}.ipynb` };
    },
  },
  lab: {
    does: "Starts your JupyterLab with the kernel, installed or not, in the folder where you are.",
    positionals: { shown: "[NOTEBOOK]", does: "a notebook's file" },
    options: {},
    passesOn: true,
    finish: ({ names }) => ({ line: names }),
    more: "JupyterLab's options, such as --no-browser or --port=8890: jupyter lab --help-all",
  },
};
