// @ts-check
/**
 * What JupyterLab's server and nbconvert do otherwise in .venv, whoever starts them there: `scripts/notebooks/jupyter`
 * on Python's path, and its configuration among the environment's.
 */
import fs from "node:fs";
import path from "node:path";
import { sitePackages } from "../packages.mjs";
import { writtenStep } from "./written.mjs";

/**
 * @param {import("../paths.mjs").Paths} paths
 * @returns {import("../runner.mjs").Step}
 */
export function jupyterStep({ venv, jupyter }) {
  /** What is written, by its path. @returns {[string, string][]} */
  const files = () => {
    const packages = sitePackages(venv);
    if (packages === undefined) return [];
    const settings = path.join(jupyter, "etc");
    return [
      [path.join(packages, "convnets_jupyter.pth"), `${jupyter}\n`],
      ...fs
        .readdirSync(settings)
        .map(
          (name) =>
            /** @type {[string, string]} */ ([
              path.join(venv, "etc/jupyter", name),
              fs.readFileSync(path.join(settings, name), "utf8"),
            ]),
        ),
    ];
  };
  return writtenStep({
    name: "Jupyter's settings",
    venv,
    files,
    reason: "writing them",
    result: "saving and exporting notebooks",
  });
}
