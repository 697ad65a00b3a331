// @ts-check
/** The TypeScript that tslab compiles cells with, as it is. */
import { requireOfTslab } from "./tslab.mjs";

const file = requireOfTslab.resolve("@tslab/typescript-for-tslab");

/** @type {typeof import("@tslab/typescript-for-tslab")} */
export const ts = requireOfTslab(file);

/**
 * Gives tslab another one; must come before tslab is loaded.
 * @param {object} mended
 */
export function replaceCompiler(mended) {
  const loaded = requireOfTslab.cache[file];
  if (loaded !== undefined) loaded.exports = mended;
}
