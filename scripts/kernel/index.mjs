// @ts-check
/**
 * Starts the Jupyter kernel: tslab, with what is put right in it.
 *
 * One binding for each variable (`bindings.mjs`), imports that appear later (`typescript.mjs`), a stop button that
 * always works (`stopButton.mjs`), and Jupyter's messages as other kernels send them (`server.mjs`).
 */
import { createRequire } from "node:module";
import { exitCellsOnly, keepCellsInErrors } from "./errors.mjs";
import { StopButton } from "./stopButton.mjs";
import { mendTypeScript } from "./typescript.mjs";

mendTypeScript();
// Loaded after TypeScript is mended.
const { Executor } = await import("./executor.mjs");
const { mendServer, tellOfFailures } = await import("./server.mjs");
const require = createRequire(import.meta.url);

const button = new StopButton();
require("tslab/dist/executor.js").createExecutor = (
  /** @type {string} */ folder,
  /** @type {unknown} */ converters,
) => new Executor(folder, converters, button);

const configPath = process.argv[process.argv.indexOf("--config-path") + 1] ?? "";
mendServer(button, configPath);
// Not the command of tslab: that would start the tslab of the notebook's project, if there is one, which isn't mended.
require("tslab/dist/main.js").startKernel({ configPath, enableFindLocal: false });
tellOfFailures();
exitCellsOnly();
keepCellsInErrors();
