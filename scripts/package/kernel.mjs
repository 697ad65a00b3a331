// @ts-check
/** The kernel for the user's own JupyterLab. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { goneFile, kernelSpec, specFile, specText } from "../jupyter/kernelSpec.mjs";
import { StepError } from "../setup/errors.mjs";
import { readIfThere } from "../setup/stamps.mjs";
import { findLibraries, manifestOf } from "./library.mjs";
import { pythonPrefix } from "./python.mjs";

const kernel = fileURLToPath(new URL("../kernel/index.mjs", import.meta.url));

/**
 * Where it is installed: as Jupyter's own `kernelspec install` has it, for the user by default.
 * @typedef {{ user?: boolean, prefix?: string, "sys-prefix"?: boolean }} Place
 */

/** @param {{ action: string, place: Place }} given */
export function installOrUninstall({ action, place }) {
  const file = specFile(jupyterFolder(place));
  console.log(action === "install" ? install(file) : uninstall(file));
}

/** @param {string} file */
function install(file) {
  const text = specOfPackage();
  const there = readIfThere(file);
  if (there !== undefined && !isOurs(there)) {
    throw new StepError(`${path.dirname(file)} has another program's kernel.`, {
      todo: "`jupyter kernelspec remove tslab` removes it; then run the command again",
    });
  }
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  } catch (error) {
    throw unwritable(file, error);
  }
  const missing =
    findLibraries() === undefined ? "\n  TensorFlow is not here yet → npx convnets setup" : "";
  return `✔ TypeScript (tslab)\n  (${file})${missing}`;
}

/** @param {string} file */
function uninstall(file) {
  const there = readIfThere(file);
  if (there === undefined || !isOurs(there)) {
    throw new StepError(`There is no kernel of convnets in ${path.dirname(file)}.`, {
      todo: "name the place that it was installed in: --user, --sys-prefix or --prefix DIR",
    });
  }
  try {
    fs.rmSync(path.dirname(file), { recursive: true });
  } catch (error) {
    throw unwritable(file, error);
  }
  return `✔ removed\n  (${file})`;
}

/**
 * The specification's text, if the kernel can be started.
 * @throws {StepError} Without the tslab that it is made of.
 */
export function specOfPackage() {
  requireTslab();
  return specText(kernelSpec({ kernel, env: environment() }));
}

function requireTslab() {
  const wanted = manifestOf("convnets")?.peerDependencies.tslab;
  const found = manifestOf("tslab")?.version;
  if (found === wanted) return;
  const what = found === undefined ? "is not installed beside convnets" : `is needed, not ${found}`;
  throw new StepError(`tslab ${wanted}, which the kernel is made of, ${what}.`, {
    todo: `npm install tslab@${wanted}`,
  });
}

/** What the kernel needs to find the TensorFlow that this command finds, wherever Jupyter is started. */
function environment() {
  const { CONVNETS_HOME, VIRTUAL_ENV } = process.env;
  /** @type {Record<string, string>} */
  const env = {};
  if (CONVNETS_HOME) env.CONVNETS_HOME = path.resolve(CONVNETS_HOME);
  if (VIRTUAL_ENV && findLibraries()?.owner === "environment") env.VIRTUAL_ENV = VIRTUAL_ENV;
  return env;
}

/**
 * Jupyter's data folder of a place.
 * @param {Place} place
 */
function jupyterFolder({ prefix, "sys-prefix": ofPython }) {
  if (prefix !== undefined) return path.resolve(prefix, "share/jupyter");
  if (ofPython) {
    const found = pythonPrefix();
    if (found !== undefined) return path.join(found, "share/jupyter");
    throw new StepError("No Python was found, whose environment --sys-prefix means.", {
      todo: "name its folder: --prefix DIR",
    });
  }
  return userFolder();
}

/**
 * What there is of the kernel for this user.
 * @throws {StepError} When it can't start.
 */
export function usersKernel() {
  const file = specFile(userFolder());
  const text = readIfThere(file);
  if (text === undefined || !isOurs(text)) {
    return "not installed for this user (npx convnets kernel install)";
  }
  const gone = goneFile(text);
  if (gone === undefined) return file;
  throw new StepError(`${file} names ${gone}, which is gone`, {
    todo: "npx convnets kernel install",
  });
}

/** The user's own, as jupyter_core has it. */
function userFolder() {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME } = process.env;
  if (JUPYTER_DATA_DIR) return path.resolve(JUPYTER_DATA_DIR);
  return path.join(XDG_DATA_HOME || path.join(os.homedir(), ".local/share"), "jupyter");
}

/**
 * Whether a specification is one of a convnets' kernel, be it of another project.
 * @param {string} text
 */
function isOurs(text) {
  try {
    const file = path.join("scripts", "kernel", path.basename(kernel));
    return JSON.parse(text).argv.some((/** @type {unknown} */ each) => String(each).endsWith(file));
  } catch {
    return false;
  }
}

/**
 * @param {string} file
 * @param {unknown} error
 */
function unwritable(file, error) {
  const { code } = /** @type {NodeJS.ErrnoException} */ (error);
  return new StepError(`${path.dirname(file)} can't be written (${code}).`, {
    todo: "choose another place: --user, --sys-prefix or --prefix DIR",
  });
}
