// @ts-check
/** The packages in .venv, and whether they are whole: whoever installs may have been killed. */
import fs from "node:fs";
import path from "node:path";
import { normalise } from "./requirements.mjs";

/** @typedef {import("./requirements.mjs").Pin} Pin */

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
 * Name and version of what is completely installed.
 * @param {string} venv
 * @returns {Map<string, string>}
 */
export function installedPackages(venv) {
  const whole = distributions(venv).filter(({ isWhole }) => isWhole);
  return new Map(whole.map(({ name, version }) => [name, version]));
}

/**
 * @typedef {object} Distribution
 * @property {string} name Normalised.
 * @property {string} version
 * @property {string} folder Where pip keeps what it knows of it.
 * @property {boolean} isWhole Whether its installation was finished, and is the only one of this name. pip lays a
 *   wheel's own RECORD down with the other files, in no order; INSTALLER is made when all of them are there.
 */

/**
 * What is installed or was begun to be.
 * @param {string} venv
 * @returns {Distribution[]}
 */
function distributions(venv) {
  const site = sitePackages(venv);
  if (site === undefined) return [];
  const found = fs.readdirSync(site).flatMap((entry) => {
    const match = /^(.+)-([^-]+)\.dist-info$/.exec(entry);
    if (match === null) return [];
    const folder = path.join(site, entry);
    const isWhole = ["INSTALLER", "RECORD"].every((file) => fs.existsSync(path.join(folder, file)));
    return [{ name: normalise(match[1] ?? ""), version: match[2] ?? "", folder, isWhole }];
  });
  const times = (/** @type {string} */ name) => found.filter((one) => one.name === name).length;
  return found.map((one) => ({ ...one, isWhole: one.isWhole && times(one.name) === 1 }));
}

/**
 * The first file of an installed package that is missing or has another size than pip has recorded.
 * @param {Distribution} distribution
 * @returns {string | undefined}
 */
function damagedFile({ folder }) {
  const site = path.dirname(folder);
  for (const line of fs.readFileSync(path.join(folder, "RECORD"), "utf8").split(/\r?\n/)) {
    const [, quoted, plain, size] = recordLine.exec(line) ?? [];
    if (!size) continue; // what Python has compiled
    const file = path.join(site, quoted?.replaceAll('""', '"') ?? plain ?? "");
    const there = fs.statSync(file, { throwIfNoEntry: false });
    if (there?.size !== Number(size)) return file;
  }
  return undefined;
}

/** A file's path, its checksum, its size. */
const recordLine = /^(?:"((?:[^"]|"")*)"|([^,]*)),[^,]*,(\d*)$/;

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

/**
 * The pins whose files are not as pip has recorded them, or whose installation was cut off.
 * @param {Pin[]} pins
 * @param {string} venv
 */
export function damagedPins(pins, venv) {
  const installed = distributions(venv);
  return pins.filter(({ name }) =>
    installed.some((one) => one.name === name && (!one.isWhole || damagedFile(one) !== undefined)),
  );
}

/**
 * Removes what pip can neither use nor uninstall: what it knows of packages of which it had not finished one, of
 * TensorFlow's other package too, and what it had put aside.
 *
 * @param {Pin[]} pins
 * @param {string} venv
 */
export function forgetUnfinished(pins, venv) {
  const names = new Set(["tensorflow", "tensorflow-cpu", ...pins.map(({ name }) => name)]);
  for (const { name, folder, isWhole } of distributions(venv)) {
    if (names.has(name) && !isWhole) fs.rmSync(folder, { recursive: true, force: true });
  }
  const site = sitePackages(venv) ?? "";
  for (const name of fs.readdirSync(site).filter((entry) => entry.startsWith("~"))) {
    fs.rmSync(path.join(site, name), { recursive: true, force: true });
  }
}

/**
 * Whether there is a pip that works: the environment was made to its end.
 * @param {string} venv
 */
export function hasPip(venv) {
  const pip = distributions(venv).find(({ name }) => name === "pip");
  return pip?.isWhole === true && damagedFile(pip) === undefined;
}
