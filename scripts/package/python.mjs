// @ts-check
/** The user's Python, which has Jupyter and pip. */
import { outputOf } from "../setup/command.mjs";

/**
 * The first Python that has a module.
 * @param {string} module
 */
export function pythonWith(module) {
  const program = `import importlib.util as u, sys; sys.exit(u.find_spec("${module}") is None)`;
  return pythons().find((python) => outputOf([python, "-c", program]) !== undefined);
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
