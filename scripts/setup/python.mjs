// @ts-check
/** Finds a Python that can make the virtual environment. */
import { outputOf, which } from "./command.mjs";
import { StepError } from "./errors.mjs";

const oldest = 10;
const newest = 13;
const candidates = ["python3", "python3.13", "python3.12", "python3.11", "python3.10"];

/**
 * @typedef {object} Python
 * @property {string} path
 * @property {readonly [number, number]} version
 * @property {"venv" | "virtualenv"} maker The module that makes an environment.
 */

/**
 * @param {NodeJS.ProcessEnv} [environment] `PYTHON` names the one to use; else the PATH is searched.
 * @returns {Python}
 * @throws {StepError} Saying what to install.
 */
export function findPython(environment = process.env) {
  const names = environment.PYTHON ? [environment.PYTHON] : candidates;
  /** @type {string[]} */
  const refused = [];
  for (const name of names) {
    const path = which(name, environment.PATH);
    const facts = path && outputOf([path, "-c", question]);
    if (!path || !facts) continue;
    const [major = 0, minor = 0, canVenv, canVirtualenv] = facts.split(" ").map(Number);
    if (major !== 3 || minor < oldest || minor > newest) {
      refused.push(`${path} is Python ${major}.${minor}`);
    } else if (canVenv || canVirtualenv) {
      return { path, version: [major, minor], maker: canVenv ? "venv" : "virtualenv" };
    } else {
      refused.push(
        `${path} (Python ${major}.${minor}) has neither venv with ensurepip nor virtualenv`,
      );
    }
  }
  throw new StepError(
    `No Python that can make a virtual environment was found (Python 3.${oldest} to 3.${newest} with venv).`,
    {
      details: refused.join("\n") || `looked for ${names.join(", ")} on the PATH`,
      todo:
        "install it (Debian, Ubuntu: `sudo apt install python3 python3-venv`; Fedora: `sudo dnf install python3`), " +
        "or name another one: `PYTHON=/path/to/python3.12 npm run setup`.",
    },
  );
}

const question = `
import sys
from importlib.util import find_spec as has
print(*sys.version_info[:2], int(bool(has("venv") and has("ensurepip"))), int(bool(has("virtualenv"))))
`;

/**
 * The Python of an environment, read from its folders.
 * @param {string | undefined} sitePackages
 * @returns {readonly [number, number] | undefined}
 */
export function versionOf(sitePackages) {
  const match = /python(\d+)\.(\d+)[/\\]site-packages$/.exec(sitePackages ?? "");
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}
