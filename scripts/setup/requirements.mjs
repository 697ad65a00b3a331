// @ts-check
/** Reads the pinned Python packages and says which of them are installed. */
import fs from "node:fs";
import path from "node:path";

/**
 * @typedef {object} Pin
 * @property {string} name The distribution's name, normalised.
 * @property {string} version
 * @property {string} spec As pip wants it, with extras.
 * @property {"gpu" | "cpu" | "compiler" | undefined} only When it is wanted; always, if undefined.
 * @property {[number, number] | undefined} pythonFrom The first Python it is pinned for.
 */

/** @param {string} name */
const normalise = (name) => name.toLowerCase().replace(/[-_.]+/g, "-");

const pinLine = /^([\w.-]+)(\[[\w,-]+\])?==([\w.]+)(?:\s*;\s*(.+?))?\s*$/;

/**
 * Reads a requirements file in which each line pins one package.
 * @param {string} text
 * @returns {Pin[]}
 */
export function parseRequirements(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [, name = "", extras = "", version = "", marker] = pinLine.exec(line) ?? [];
    if (name === "") throw new Error(`Not a pinned package: ${line}`);
    const spec = `${name}${extras}==${version}`;
    return { name: normalise(name), version, spec, ...parseMarker(marker) };
  });
}

/**
 * @param {string | undefined} marker
 * @returns {Pick<Pin, "only" | "pythonFrom">}
 */
function parseMarker(marker) {
  if (marker === undefined) return { only: undefined, pythonFrom: undefined };
  if (marker === 'extra == "gpu"') return { only: "gpu", pythonFrom: undefined };
  if (marker === 'extra != "gpu"') return { only: "cpu", pythonFrom: undefined };
  if (marker === 'extra == "compiler"') return { only: "compiler", pythonFrom: undefined };
  const python = /^python_version >= "(\d+)\.(\d+)"$/.exec(marker);
  if (python === null) throw new Error(`A marker that set-up doesn't know: ${marker}`);
  return { only: undefined, pythonFrom: [Number(python[1]), Number(python[2])] };
}

/**
 * The pins for one machine.
 * @param {Pin[]} pins
 * @param {{ device: "cpu" | "gpu", python: readonly [number, number] }} machine
 * @returns {Pin[]}
 */
export function pinsFor(pins, { device, python }) {
  return pins.filter(({ only, pythonFrom }) => {
    if (only !== undefined && only !== device) return false;
    return (
      pythonFrom === undefined ||
      python[0] > pythonFrom[0] ||
      (python[0] === pythonFrom[0] && python[1] >= pythonFrom[1])
    );
  });
}

/**
 * The site-packages folder of a virtual environment.
 * @param {string} venv
 * @returns {string | undefined}
 */
export function sitePackages(venv) {
  const lib = path.join(venv, "lib");
  if (!fs.existsSync(lib)) return undefined;
  return fs
    .readdirSync(lib)
    .filter((name) => /^python\d/.test(name))
    .map((name) => path.join(lib, name, "site-packages"))
    .find((folder) => fs.existsSync(folder));
}

/**
 * Name and version of what is completely installed: pip writes a package's RECORD last.
 * @param {string} venv
 * @returns {Map<string, string>}
 */
export function installedPackages(venv) {
  const folder = sitePackages(venv);
  if (folder === undefined) return new Map();
  const found = /** @type {Map<string, string>} */ (new Map());
  for (const entry of fs.readdirSync(folder)) {
    const match = /^(.+)-([^-]+)\.dist-info$/.exec(entry);
    if (match && fs.existsSync(path.join(folder, entry, "RECORD"))) {
      found.set(normalise(match[1] ?? ""), match[2] ?? "");
    }
  }
  return found;
}

/**
 * The pins that are not installed in their version.
 * @param {Pin[]} pins
 * @param {Map<string, string>} installed
 */
export function missingPins(pins, installed) {
  return pins.filter((pin) => installed.get(pin.name) !== pin.version);
}

/**
 * TensorFlow as installed: its folder and version, of whichever wheel.
 * @param {string} venv
 */
export function installedTensorFlow(venv) {
  const installed = installedPackages(venv);
  const version = installed.get("tensorflow") ?? installed.get("tensorflow-cpu");
  const site = sitePackages(venv);
  if (version === undefined || site === undefined) return undefined;
  return {
    version,
    device: installed.has("tensorflow")
      ? /** @type {const} */ ("gpu")
      : /** @type {const} */ ("cpu"),
    folder: path.join(site, "tensorflow"),
  };
}
