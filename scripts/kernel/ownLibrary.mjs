// @ts-check
/** The library for notebooks that lie beside no project which has it: the one that the kernel came with. */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const name = "convnets";

/** From here the kernel's own is found. */
export const ownFile = fileURLToPath(import.meta.url);
const ownRequire = createRequire(ownFile);

/**
 * Whether an import means the library.
 * @param {string} id
 */
export function isLibrary(id) {
  return id === name || id.startsWith(`${name}/`);
}

/**
 * What an import of the library loads: the project's, if the folder or one above it has one, however broken.
 * @param {string} id
 * @param {string} folder Of the notebook, or of the file that imports it.
 */
export function libraryFor(id, folder) {
  const places = createRequire(path.join(folder, "src.js")).resolve.paths(id) ?? [];
  const isThere = places.some((place) => fs.existsSync(path.join(place, name)));
  return isThere ? id : ownRequire.resolve(id);
}
