// @ts-check
/** The TypeScript that tslab compiles cells with, as it is. */
import { createRequire } from "node:module";

const require = createRequire(createRequire(import.meta.url).resolve("tslab"));
const file = require.resolve("@tslab/typescript-for-tslab");

/** @type {typeof import("@tslab/typescript-for-tslab")} */
export const ts = require(file);

/**
 * Gives tslab another one; must come before tslab is loaded.
 * @param {object} mended
 */
export function replaceCompiler(mended) {
  const loaded = require.cache[file];
  if (loaded !== undefined) loaded.exports = mended;
}
