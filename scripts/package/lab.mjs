// @ts-check
/** The user's JupyterLab, with the kernel, installed or not. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { specFile } from "../jupyter/kernelSpec.mjs";
import { labOptions } from "../jupyter/lab.mjs";
import { which } from "../setup/command.mjs";
import { StepError } from "../setup/errors.mjs";
import { handOver } from "../setup/handOver.mjs";
import { specOfPackage } from "./kernel.mjs";
import { sharedFolder } from "./library.mjs";
import { pythonWith } from "./python.mjs";

/** @param {readonly string[]} line What JupyterLab is given. */
export async function lab(line) {
  const text = specOfPackage();
  const program = jupyterLab();
  // One for each package that a project has; Jupyter looks there first.
  const name = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const folder = path.join(sharedFolder(), "jupyter", name);
  fs.mkdirSync(path.dirname(specFile(folder)), { recursive: true });
  fs.writeFileSync(specFile(folder), text);
  const places = [folder, process.env.JUPYTER_PATH].filter(Boolean).join(path.delimiter);
  await handOver([...program, ...labOptions(line)], { env: { JUPYTER_PATH: places } });
}

function jupyterLab() {
  if (which("jupyter-lab") !== undefined) return ["jupyter-lab"];
  const python = pythonWith("jupyterlab");
  if (python !== undefined) return [python, "-m", "jupyterlab"];
  throw new StepError("JupyterLab was not found.", {
    todo: "python3 -m pip install jupyterlab (or: uv tool install jupyterlab)",
  });
}
