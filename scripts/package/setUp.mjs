// @ts-check
/** Set-up of the package: TensorFlow, which npm doesn't have. */
import path from "node:path";
import { withLock } from "../setup/lock.mjs";
import { requirePlatform } from "../setup/platform.mjs";
import { explainFailure, runSteps } from "../setup/runner.mjs";
import { askEngine } from "./engine.mjs";
import { findLibraries, sharedFolder } from "./library.mjs";
import { tensorflowStep } from "./tensorflow.mjs";

/** Gets what is missing, and says what the engine runs on. When a step fails, says what to do and ends the process with 1. */
export async function setUp() {
  try {
    requirePlatform();
    if (findLibraries() === undefined) {
      const lock = path.join(sharedFolder(), "setup.lock");
      await withLock(lock, () => runSteps([tensorflowStep()]), {
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
