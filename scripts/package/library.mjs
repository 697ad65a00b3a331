// @ts-check
/** What the library says of where TensorFlow is; asked without loading it. */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);

/** The folder of the package, be it the repository's. */
const folder = path.dirname(require.resolve("convnets/package.json"));

/**
 * What a package that is installed says of itself; `undefined` for one that isn't there.
 * @param {string} name
 */
export function manifestOf(name) {
  try {
    return JSON.parse(fs.readFileSync(require.resolve(`${name}/package.json`), "utf8"));
  } catch {
    return undefined;
  }
}

/** The list of the small trained weights. */
export const weightsList = path.join(folder, "dist/applications/packagedWeights.json");

/** @type {typeof import("../../lib/native/libraries.js")} */
export const { findLibraries, sharedLibraries, tensorflowVersion } = require(
  path.join(folder, "dist/native/libraries.js"),
);

/** @type {typeof import("../../lib/installation.js")} */
export const { sharedFolder } = require(path.join(folder, "dist/installation.js"));

/** @type {typeof import("../../lib/formats/zip.js")} */
export const { openZip } = require(path.join(folder, "dist/formats/zip.js"));
