// @ts-check
/** `npm run lab [-- JupyterLab's options]`: set-up, then JupyterLab on the notebooks. */
import { handOver } from "./setup/handOver.mjs";
import { setUp } from "./setup/index.mjs";
import { paths } from "./setup/paths.mjs";

await setUp();
await handOver(
  [
    paths.python,
    "-m",
    "jupyterlab",
    `--ServerApp.root_dir=${paths.root}`,
    `--FileContentsManager.preferred_dir=${paths.notebooks}`,
    "--MultiKernelManager.default_kernel_name=tslab",
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
    ...process.argv.slice(2),
  ],
  { cwd: paths.root },
);
