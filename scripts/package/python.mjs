// @ts-check
/** The user's Python, which has Jupyter and pip. */
import { outputOf, which } from "../setup/command.mjs";
import { StepError } from "../setup/errors.mjs";
import { tensorflowVersion } from "./library.mjs";

/**
 * The first Python that has a module.
 * @param {string} module
 */
export function pythonWith(module) {
  const program = `import importlib.util as u, sys; sys.exit(u.find_spec("${module}") is None)`;
  return pythons().find((python) => outputOf([python, "-c", program]) !== undefined);
}

/**
 * What gets packages from PyPI and runs Python: the user's own, or uv's.
 * @throws {StepError} Where neither is there.
 */
export function installer() {
  const python = pythonWith("pip");
  if (python !== undefined) return { python: [python], pip: [python, "-m", "pip"] };
  const uv = which("uv");
  if (uv !== undefined) {
    return { python: [uv, "run", "--no-project", "python"], pip: [uv, "tool", "run", "pip"] };
  }
  throw new StepError("Neither Python's pip nor uv was found, one of which gets what is on PyPI.", {
    todo:
      "install one (Debian, Ubuntu: `sudo apt install python3-pip`) and run the command again; or activate a Python " +
      `environment that has tensorflow-cpu ${tensorflowVersion}, and TensorFlow doesn't have to be set up.`,
  });
}

/** The folder of the active Python environment, or of the system's Python; `undefined` without any. */
export function pythonPrefix() {
  for (const python of pythons()) {
    const prefix = outputOf([python, "-c", "import sys; print(sys.prefix)"]);
    if (prefix) return prefix;
  }
  return undefined;
}

function pythons() {
  return [process.env.PYTHON, "python3", "python"].filter((name) => name !== undefined);
}
