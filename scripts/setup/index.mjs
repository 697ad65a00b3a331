// @ts-check
/** Set-up: everything that a command needs, made when it is not there or no longer current. */
import { keepDeviceChoice } from "./device.mjs";
import { withLock } from "./lock.mjs";
import { keepInside } from "./ownFolders.mjs";
import { paths } from "./paths.mjs";
import { requirePlatform } from "./platform.mjs";
import { endOrphans } from "./processes.mjs";
import { explainFailure, runSteps, seconds } from "./runner.mjs";
import { jupyterStep } from "./steps/jupyter.mjs";
import { kernelStep } from "./steps/kernel.mjs";
import { libraryStep } from "./steps/library.mjs";
import { nativeStep } from "./steps/native.mjs";
import { npmStep } from "./steps/npm.mjs";
import { papermillStep } from "./steps/papermill.mjs";
import { venvStep } from "./steps/venv.mjs";
import { weightsStep } from "./steps/weights.mjs";

/**
 * Sets the project up, and keeps what this process starts inside the project. When a step fails, says what to do and ends the process with 1.
 *
 * @param {{ device?: import("./device.mjs").DeviceChoice, listCurrent?: boolean, thorough?: boolean }} [options]
 *   `device`: which TensorFlow to install, from now on; as chosen before by default. `listCurrent`: list
 *   the steps with nothing to do too; not by default. `thorough`: look at the files of what is installed, too, as
 *   after a set-up that was cut off; not by default.
 */
export async function setUp({ device, listCurrent = false, thorough = false } = {}) {
  const started = performance.now();
  try {
    keepInside(paths.cache);
    requirePlatform();
    const ran = await withLock(
      paths.lock,
      async () => {
        await endOrphans(paths.logs);
        if (device !== undefined) keepDeviceChoice(paths.deviceChoice, device);
        return await runSteps(steps({ thorough }), { listCurrent });
      },
      {
        onWait: (pid) =>
          console.log(`… another set-up is running (process ${pid}): waiting for it`),
      },
    );
    if (ran > 0 || listCurrent) console.log(`Set-up is ready (${seconds(started)}).`);
  } catch (error) {
    process.stderr.write(explainFailure(error));
    process.exit(1);
  }
}

/**
 * What set-up sees to, in this order.
 * @param {{ thorough: boolean }} options
 */
function steps(options) {
  const makers = [
    npmStep,
    venvStep,
    nativeStep,
    kernelStep,
    jupyterStep,
    papermillStep,
    libraryStep,
    weightsStep,
  ];
  return makers.map((make) => make(paths, options));
}
