// @ts-check
/** Where in a cell an error was thrown: lines as they were typed, not those of the JavaScript that ran. */
import { SourceMap } from "node:module";

/**
 * Where a place of JavaScript was before it was changed; lines and columns from 0, `undefined` for what was added.
 * @typedef {(line: number, column: number) => { line: number, column: number } | undefined} Origin
 */

/** @typedef {{ shown: (line: number) => string, origins: Origin[] }} Script */

/** What has run, by the name that frames of a stack give it. @type {Map<string, Script>} */
const scripts = new Map();

/** How frames name the cell with an execution count. */
export const cellName = (/** @type {number} */ count) => `Cell In[${count}]`;

/**
 * Remembers how a cell came to be.
 * @param {number} count
 * @param {Origin[]} origins The last change first.
 */
export function addCell(count, origins) {
  const name = cellName(count);
  // tslab puts a line before a cell.
  scripts.set(name, { origins, shown: (line) => `${name}, line ${line}` });
}

/**
 * Remembers how a local TypeScript file became the JavaScript that ran.
 * @param {string} name The latter's path.
 * @param {Origin[]} origins
 */
export function addFile(name, origins) {
  const source = name.replace(/\.js$/, ".ts");
  scripts.set(name, { origins, shown: (line) => `${source}:${line + 1}` });
}

/**
 * The origin that a source map tells.
 * @param {string} json
 * @returns {Origin}
 */
export function originByMap(json) {
  /** @type {SourceMap | undefined} */
  let map;
  return (line, column) => {
    map ??= new SourceMap(JSON.parse(json)); // when it is needed first: most cells don't fail
    const entry = /** @type {import("node:module").SourceMapping} */ (map.findEntry(line, column));
    const { generatedLine, originalLine, originalColumn } = entry;
    return generatedLine === line ? { line: originalLine, column: originalColumn } : undefined;
  };
}

/**
 * A text, such as an error's stack, with the places that it names as they were typed.
 * @param {string} text
 */
export function withPlaces(text) {
  if (!/:\d/.test(text)) return text; // nearly all that is printed
  let result = text;
  for (const [name, { shown, origins }] of scripts) {
    if (!result.includes(`${name}:`)) continue;
    const place = new RegExp(`${escaped(name)}:(\\d+)(?::(\\d+))?`, "g");
    result = result.replace(place, (found, line, column = "1") => {
      /** @type {ReturnType<Origin>} */
      let at = { line: line - 1, column: column - 1 };
      for (const origin of origins) at = at && origin(at.line, at.column);
      return at ? shown(at.line) : found;
    });
  }
  return result;
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
