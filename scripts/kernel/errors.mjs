// @ts-check
/** What a notebook shows of an error. */
import { inspect } from "node:util";

/**
 * As Jupyter's messages have it.
 * @typedef {object} CellError
 * @property {string} ename The error's class.
 * @property {string} evalue Its message.
 * @property {string[]} traceback The lines to show.
 */

/** Frames that don't say anything about the user's code: Node's, tslab's and the kernel's own. */
const FOREIGN_FRAME = /^\s+at (?:.*[( ])?(?:node:|\S*node_modules\/tslab\/|\S*scripts\/kernel\/)/;

/** @returns {CellError} */
export function interruption() {
  const ename = "Interrupted";
  const evalue = "the cell was stopped.";
  return { ename, evalue, traceback: [`${ename}: ${evalue}`] };
}

/**
 * @param {unknown} thrown What a cell threw.
 * @returns {CellError}
 */
export function errorOf(thrown) {
  const traceback = textOf(thrown).split("\n");
  if (thrown instanceof Error) return { ename: thrown.name, evalue: thrown.message, traceback };
  return { ename: "Error", evalue: traceback[0] ?? "", traceback };
}

/**
 * An error, or whatever else was thrown, as text without foreign frames.
 * @param {unknown} thrown
 */
export function textOf(thrown) {
  const text = typeof thrown === "string" ? thrown : inspect(thrown);
  return text
    .split("\n")
    .filter((line) => !FOREIGN_FRAME.test(line))
    .join("\n");
}

/**
 * @param {any[]} diagnostics What TypeScript says of a cell.
 * @returns {CellError}
 */
export function typeErrors(diagnostics) {
  const traceback = diagnostics.map(lineOf);
  return { ename: "TypeScriptError", evalue: traceback[0] ?? "", traceback };
}

/** @param {any} diagnostic */
function lineOf({ fileName, start, messageText }) {
  const place = `${start.line + 1}:${start.character + 1}`;
  return `${fileName ? `${fileName} ` : ""}${place} - ${messageText}`;
}
