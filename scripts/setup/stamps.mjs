// @ts-check
/** A stamp beside what a step made says what it was made from, so that a change of that is noticed. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

/** @param {string} made */
const stampOf = (made) => `${made}.stamp`;

/**
 * Whether `made` exists and was made from what `fingerprint` stands for.
 * @param {string} made
 * @param {string} fingerprint
 */
export function isCurrent(made, fingerprint) {
  return fs.existsSync(made) && readIfThere(stampOf(made)) === fingerprint;
}

/**
 * Forgets what `made` was made from; call it first, where `made` is more than one file.
 * @param {string} made
 */
export function removeStamp(made) {
  fs.rmSync(stampOf(made), { force: true });
}

/**
 * Records what `made` was made from; call it last.
 * @param {string} made
 * @param {string} fingerprint
 */
export function writeStamp(made, fingerprint) {
  fs.writeFileSync(stampOf(made), fingerprint);
}

/**
 * One hash over facts and the contents of files.
 * @param {{ facts: unknown, files: string[] }} of
 */
export function fingerprintContents({ facts, files }) {
  const hash = createHash("sha256").update(JSON.stringify(facts));
  for (const file of files) {
    hash.update(`\0${path.basename(file)}\0`).update(fs.readFileSync(file));
  }
  return hash.digest("hex");
}

/**
 * One hash over the names, sizes and times of files: quick, for many files.
 * @param {{ facts: unknown, files: string[] }} of
 */
export function fingerprintTimes({ facts, files }) {
  const hash = createHash("sha256").update(JSON.stringify(facts));
  for (const file of files) {
    const { size, mtimeMs } = fs.statSync(file);
    hash.update(`\0${file}\0${size}\0${mtimeMs}`);
  }
  return hash.digest("hex");
}

/**
 * The files below a folder that `accept` wants, sorted; none when there is no such folder.
 * @param {string} folder
 * @param {(name: string) => boolean} accept
 * @returns {string[]}
 */
export function filesBelow(folder, accept) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && accept(entry.name))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/**
 * @param {string} file
 * @returns {string | undefined}
 */
export function readIfThere(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
