// @ts-check
/** The virtual environment: JupyterLab, and TensorFlow with its libraries and headers. */
import fs from "node:fs";
import path from "node:path";
import { run } from "../command.mjs";
import { chosenDevice } from "../device.mjs";
import { StepError } from "../errors.mjs";
import { findPython, versionOf } from "../python.mjs";
import {
  installedPackages,
  installedTensorFlow,
  missingPins,
  parseRequirements,
  pinsFor,
  sitePackages,
} from "../requirements.mjs";

/**
 * @param {import("../paths.mjs").Paths} paths
 * @returns {import("../runner.mjs").Step}
 */
export function venvStep(paths) {
  const { venv, python, requirements, logs, cache } = paths;
  const device = chosenDevice(paths.deviceChoice);
  const allPins = () => parseRequirements(fs.readFileSync(requirements, "utf8"));

  return {
    name: "Python and TensorFlow",
    check() {
      if (isLinked(venv)) return checkLinked(venv);
      const version = versionOf(sitePackages(venv));
      if (version === undefined || !fs.existsSync(python)) return "no .venv yet";
      const missing = missingPins(
        pinsFor(allPins(), { device, python: version }),
        installedPackages(venv),
      );
      if (missing.length === 0) return undefined;
      return `${missing.length} packages to install`;
    },
    async run(tell) {
      if (!fs.existsSync(python)) await makeEnvironment(paths, tell);
      const other = installedTensorFlow(venv);
      if (other !== undefined && other.device !== device) {
        tell(`removing TensorFlow for ${other.device.toUpperCase()}`);
        await run([python, "-m", "pip", "uninstall", "--yes", "tensorflow", "tensorflow-cpu"], {
          log: path.join(logs, "pip-uninstall.log"),
          doing: "Removing the other TensorFlow",
          todo: "remove the folder .venv and run the command again.",
        });
      }
      const version = versionOf(sitePackages(venv)) ?? [0, 0];
      const pins = pinsFor(allPins(), { device, python: version });
      const chosen = path.join(cache, "requirements.txt");
      fs.writeFileSync(chosen, `${pins.map(({ spec }) => spec).join("\n")}\n`);
      await run(pipInstall(python, ["--requirement", chosen]), {
        log: path.join(logs, "pip.log"),
        doing: "Installing the Python packages",
        todo:
          "check the network, the free space (2.5 GB; 8 GB with --gpu) and pip's index " +
          "(`.venv/bin/python -m pip config list`), then run the command again.",
        onLine: pipProgress(pins.length, tell),
      });
      const { version: tensorflow } = installedTensorFlow(venv) ?? {};
      return `TensorFlow ${tensorflow} for ${device.toUpperCase()}, Python ${version.join(".")}`;
    },
  };
}

/**
 * @param {string} python
 * @param {string[]} what
 */
export function pipInstall(python, what) {
  const quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar=off"];
  return [python, "-m", "pip", "install", ...quiet, ...what];
}

/**
 * A .venv that is a link belongs to somebody else (another checkout, perhaps): it is used as it is.
 * @param {string} venv
 */
export function isLinked(venv) {
  return fs.lstatSync(venv, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/**
 * @param {string} venv
 * @returns {undefined}
 */
function checkLinked(venv) {
  if (installedTensorFlow(venv) !== undefined) return undefined;
  throw new StepError(
    `.venv is a link to ${fs.readlinkSync(venv)}, and there is no TensorFlow in it.`,
    {
      todo: "remove the link (set-up then makes a .venv of its own), or install the packages there.",
    },
  );
}

/**
 * @param {import("../paths.mjs").Paths} paths
 * @param {(progress: string) => void} tell
 */
async function makeEnvironment({ venv, logs }, tell) {
  const { path: base, maker } = findPython();
  tell(`${path.basename(base)} -m ${maker} .venv`);
  await run([base, "-m", maker, ...(maker === "venv" ? ["--clear"] : []), venv], {
    log: path.join(logs, "venv.log"),
    doing: "Making the virtual environment",
    todo:
      "remove the folder .venv, if there is one; " +
      "on Debian and Ubuntu `sudo apt install python3-venv`; then run the command again.",
  });
}

/**
 * Turns pip's lines into a few words.
 * @param {number} count
 * @param {(progress: string) => void} tell
 */
function pipProgress(count, tell) {
  let collected = 0;
  return (/** @type {string} */ line) => {
    const collecting = /^Collecting (\S+?)[=<>[ ]/.exec(`${line} `);
    if (collecting) tell(`${Math.min(++collected, count)} of ${count}: ${collecting[1]}`);
    const downloading = /Downloading (\S+?)-.*\((\d.*)\)/.exec(line);
    if (downloading) tell(`downloading ${path.basename(downloading[1] ?? "")} (${downloading[2]})`);
    if (line.startsWith("Installing collected")) tell(`unpacking ${count} packages`);
  };
}
