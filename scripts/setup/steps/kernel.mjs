// @ts-check
/**
 * The Jupyter kernel `tslab` of .venv: this project's tslab on this Node.
 *
 * tslab looks modules up from the notebook's folder upwards, as Node does, so `import … from "convnets"`
 * finds the workspace package from any folder of the repository.
 */
import fs from "node:fs";
import path from "node:path";
import { kernelSpec, specText } from "../../jupyter/kernelSpec.mjs";
import { StepError } from "../errors.mjs";
import { readIfThere } from "../stamps.mjs";
import { isLinked } from "./venv.mjs";

/**
 * @param {import("../paths.mjs").Paths} paths
 * @returns {import("../runner.mjs").Step}
 */
export function kernelStep(paths) {
  const text = specText(kernelSpec(paths));
  return {
    name: "Jupyter kernel",
    check() {
      if (isLinked(paths.venv) || readIfThere(paths.kernelSpec) === text) return undefined;
      return "writing its specification";
    },
    run() {
      if (!fs.existsSync(paths.tslab)) {
        throw new StepError("tslab is not among the npm packages.", {
          todo: "remove the folder node_modules and run `npm run setup`.",
        });
      }
      fs.mkdirSync(path.dirname(paths.kernelSpec), { recursive: true });
      fs.writeFileSync(paths.kernelSpec, text);
      return "TypeScript (tslab)";
    },
  };
}
