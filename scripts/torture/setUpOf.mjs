// @ts-check
/**
 * Set-up of a small project: `setUpOf.mjs ROOT [--thorough]`, with its lock, as `npm run setup` runs it.
 *
 * Its Python packages come from the wheels in `ROOT/wheels`; npm's from `ROOT/package-lock.json`, if there is one; its
 * library is compiled by this project's compiler.
 */
import fs from "node:fs";
import path from "node:path";
import { withLock } from "../setup/lock.mjs";
import { paths, projectPaths } from "../setup/paths.mjs";
import { endOrphans } from "../setup/processes.mjs";
import { explainFailure, runSteps } from "../setup/runner.mjs";
import { kernelStep } from "../setup/steps/kernel.mjs";
import { libraryStep } from "../setup/steps/library.mjs";
import { npmStep } from "../setup/steps/npm.mjs";
import { venvStep } from "../setup/steps/venv.mjs";

const [root = "", ...options] = process.argv.slice(2);
const own = { ...projectPaths(root), typescript: paths.typescript, tslab: paths.tslab };
process.env.PIP_NO_INDEX = "1";
process.env.PIP_FIND_LINKS = path.join(root, "wheels");
process.env.PIP_NO_COMPILE = "1";

const isWhole = fs.existsSync(path.join(root, "package-lock.json"));
const thorough = options.includes("--thorough");
try {
  const ran = await withLock(own.lock, async () => {
    await endOrphans(own.logs);
    const python = venvStep(own, { thorough });
    const steps = isWhole ? [npmStep(own), python, kernelStep(own), libraryStep(own)] : [python];
    return await runSteps(steps);
  });
  console.log(`ran ${ran}`);
} catch (error) {
  process.stderr.write(explainFailure(error));
  process.exitCode = 1;
}
