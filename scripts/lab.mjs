// @ts-check
/** `npm run lab [-- NOTEBOOK, or JupyterLab's options]`: set-up, then JupyterLab on the notebooks. */
import { readCommand } from "./commands/index.mjs";
import { labOptions } from "./jupyter/lab.mjs";
import { handOver } from "./setup/handOver.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";

const { line } = readCommand("lab");
await setUp();
await handOver(
  [
    paths.python,
    "-m",
    "jupyterlab",
    `--ServerApp.root_dir=${paths.root}`,
    `--FileContentsManager.preferred_dir=${paths.notebooks}`,
    ...labOptions(line),
  ],
  { cwd: paths.root },
);
