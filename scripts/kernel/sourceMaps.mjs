// @ts-check
/** How compiled cells and files came to be: the source maps of TypeScript's two runs. */
import { ts } from "./compiler.mjs";

const MAP = /\n?\/\/# sourceMappingURL=(?:data:application\/json;base64,([\w+/=]*))?.*\s*$/;

/** Source maps of what was compiled, by its text. @type {Map<string, string[]>} */
const maps = new Map();

/**
 * Makes CommonJS of a module. `[a, b] = pairs` is taken apart there where `a` is exported, and would take arrays only.
 * @param {string} text
 * @param {import("@tslab/typescript-for-tslab").TranspileOptions} options
 */
export function transpileModule(text, { compilerOptions, ...rest }) {
  const [, first = ""] = MAP.exec(text) ?? [];
  const changed = { ...compilerOptions, downlevelIteration: true, sourceMap: true };
  const made = ts.transpileModule(text.replace(MAP, ""), { ...rest, compilerOptions: changed });
  const outputText = made.outputText.replace(MAP, "\n");
  if (first !== "" && made.sourceMapText !== undefined) {
    maps.set(outputText, [made.sourceMapText, Buffer.from(first, "base64").toString()]);
  }
  return { ...made, outputText };
}

/**
 * The source maps from compiled code to what was typed, the last first; they are handed out once.
 * @param {string} code
 */
export function takeMaps(code) {
  const found = maps.get(code) ?? [];
  maps.delete(code);
  return found;
}
