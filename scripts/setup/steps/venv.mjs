// @ts-check
/** The virtual environment: JupyterLab, and TensorFlow with its libraries and headers. */
import fs from "node:fs";
import path from "node:path";
import { run } from "../command.mjs";
import { chosenDevice } from "../device.mjs";
import { StepError } from "../errors.mjs";
import {
  damagedPins,
  forgetUnfinished,
  hasPip,
  installedPackages,
  installedTensorFlow,
  missingPins,
  sitePackages,
} from "../packages.mjs";
import { findPython, versionOf } from "../python.mjs";
import { parseRequirements, pinsFor } from "../requirements.mjs";

/**
 * @param {import("../paths.mjs").Paths} paths
 * @param {{ thorough?: boolean }} [options] `thorough`: compare the sizes of all files with what pip has recorded;
 *   else only after a set-up that was cut off.
 * @returns {import("../runner.mjs").Step}
 */
export function venvStep(paths, { thorough = false } = {}) {
  const { venv, python, requirements, logs, cache } = paths;
  const device = chosenDevice(paths.deviceChoice);
  const allPins = () => parseRequirements(fs.readFileSync(requirements, "utf8"));
  /** Is there while packages are installed: who finds it looks at every file. */
  const underWay = path.join(cache, "packages.unfinished");

  return {
    name: "Python and TensorFlow",
    check() {
      if (isLinked(venv)) return checkLinked(venv);
      const version = versionOf(sitePackages(venv));
      if (version === undefined || !fs.existsSync(python)) return "no .venv yet";
      const pins = pinsFor(allPins(), { device, python: version });
      const missing = missingPins(pins, installedPackages(venv));
      if (missing.length > 0) return `${missing.length} packages to install`;
      if (!thorough && !fs.existsSync(underWay)) return undefined;
      const damaged = damagedPins(pins, venv);
      if (damaged.length > 0) return `${damaged.length} packages are damaged: ${listed(damaged)}`;
      if (fs.existsSync(underWay)) return "finishing what was cut off";
      return undefined;
    },
    async run(tell) {
      if (!fs.existsSync(python) || !hasPip(venv)) await makeEnvironment(paths, tell);
      fs.mkdirSync(cache, { recursive: true });
      fs.writeFileSync(underWay, "");
      const version = versionOf(sitePackages(venv)) ?? [0, 0];
      const pins = pinsFor(allPins(), { device, python: version });
      const unfinished = damagedPins(pins, venv);
      forgetUnfinished(pins, venv);
      const other = installedTensorFlow(venv);
      if (other !== undefined && other.device !== device) {
        tell(`removing TensorFlow for ${other.device.toUpperCase()}`);
        await run([python, "-m", "pip", "uninstall", "--yes", "tensorflow", "tensorflow-cpu"], {
          log: path.join(logs, "pip-uninstall.log"),
          doing: "Removing the other TensorFlow",
          todo: "remove the folder .venv and run the command again.",
        });
      }
      const chosen = path.join(cache, "requirements.txt");
      fs.writeFileSync(chosen, `${pins.map(({ spec }) => spec).join("\n")}\n`);
      const install = (/** @type {string[]} */ what, /** @type {string} */ log) =>
        run(pipInstall(python, what), {
          log: path.join(logs, log),
          doing: "Installing the Python packages",
          todo:
            "check the network, the free space (2.5 GB; 8 GB with --gpu) and pip's index " +
            "(`.venv/bin/python -m pip config list`), then run the command again.",
          onLine: pipProgress(pins.length, tell),
        });
      const damaged = new Set([...unfinished, ...damagedPins(pins, venv)]);
      if (damaged.size > 0) {
        const specs = [...damaged].map(({ spec }) => spec);
        await install(["--force-reinstall", "--no-deps", ...specs], "pip-again.log");
      }
      await install(["--requirement", chosen], "pip.log");
      assertWhole(pins, venv);
      fs.rmSync(underWay);
      const { version: tensorflow } = installedTensorFlow(venv) ?? {};
      return `TensorFlow ${tensorflow} for ${device.toUpperCase()}, Python ${version.join(".")}`;
    },
  };
}

/**
 * @param {import("../requirements.mjs").Pin[]} pins
 * @param {string} venv
 */
function assertWhole(pins, venv) {
  const wrong = [...missingPins(pins, installedPackages(venv)), ...damagedPins(pins, venv)];
  if (wrong.length === 0) return;
  throw new StepError(`pip has ended, and packages are not whole: ${listed(wrong)}.`, {
    todo: "check the free space, remove the folder .venv, and run the command again.",
  });
}

/** @param {import("../requirements.mjs").Pin[]} pins */
function listed(pins) {
  const names = [...new Set(pins.map(({ name }) => name))];
  return names.length > 5 ? `${names.slice(0, 5).join(", ")}, …` : names.join(", ");
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
