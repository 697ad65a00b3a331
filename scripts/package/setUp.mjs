// @ts-check
/** Set-up of the package: what npm doesn't have. */
import path from "node:path";
import { withLock } from "../setup/lock.mjs";
import { requirePlatform } from "../setup/platform.mjs";
import { explainFailure, runSteps } from "../setup/runner.mjs";
import { weightsStepAt } from "../setup/steps/weights.mjs";
import { askEngine } from "./engine.mjs";
import { findLibraries, sharedFolder, weightsList } from "./library.mjs";
import { installer } from "./python.mjs";
import { tensorflowStep } from "./tensorflow.mjs";

/**
 * Gets what is missing, and says what the engine runs on. When a step fails, says what to do and ends the process with 1.
 * @param {{ weights: boolean }} options `weights`: the small trained weights, too.
 */
export async function setUp({ weights }) {
  try {
    requirePlatform();
    const steps = [
      ...(findLibraries() === undefined ? [tensorflowStep()] : []),
      ...(weights ? [sharedWeights()] : []),
    ];
    if (steps.length > 0) {
      const lock = path.join(sharedFolder(), "setup.lock");
      await withLock(lock, () => runSteps(steps), {
        onWait: (pid) =>
          console.log(`… another set-up is running (process ${pid}): waiting for it`),
      });
    }
    console.log(`✔ ${askEngine()}\n  (${findLibraries()?.folder})`);
  } catch (error) {
    process.stderr.write(explainFailure(error));
    process.exitCode = 1;
  }
}

/** The repository's step, for all projects of the user. */
function sharedWeights() {
  const shared = sharedFolder();
  return weightsStepAt({
    weights: path.join(shared, "weights"),
    work: path.join(shared, "unfinished-weights"),
    logs: path.join(shared, "logs"),
    list: weightsList,
    ...installer(),
  });
}
