// @ts-check
/** What a notebook shows of an error. */
import { inspect } from "node:util";
import { withPlaces } from "./places.mjs";
import { Refusal } from "./source.mjs";
import { Interrupted } from "./stopButton.mjs";

/**
 * As Jupyter's messages have it.
 * @typedef {object} CellError
 * @property {string} ename The error's class.
 * @property {string} evalue Its message.
 * @property {string[]} traceback The lines to show.
 */

/** Frames that don't say anything about the user's code: Node's, tslab's and the kernel's own. */
const FOREIGN_FRAME =
  /^\s+(?:at (?:.*[( ])?(?:node:|\S*node_modules\/tslab\/|\S*scripts\/kernel\/)|\.{3} \d+ lines matching cause)/;

/** Thrown by `process.exit()`. */
class Exit extends Error {
  /** @override */
  name = "Exit";
}

/** `process.exit()` ends a cell: the kernel, with all that the notebook has made, goes on. */
export function exitCellsOnly() {
  process.exit = (code = process.exitCode ?? 0) => {
    throw new Exit(`process.exit(${code}) has ended the cell, not the kernel.`);
  };
}

/** Lets a cell's own line stand in an error from deep inside a library: Node keeps ten lines, the innermost. */
export function keepCellsInErrors() {
  Error.stackTraceLimit = 50;
}

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
  try {
    if (thrown instanceof Interrupted) return interruption();
    if (thrown instanceof Refusal) {
      return typeErrors([{ start: thrown.start, messageText: thrown.message }]);
    }
    if (thrown instanceof Exit) {
      const { name, message } = thrown;
      return { ename: name, evalue: message, traceback: [`${name}: ${message}`] };
    }
    if (thrown instanceof Error) {
      return { ename: String(thrown.name), evalue: String(thrown.message), traceback };
    }
  } catch {
    // Whoever throws may throw what can't be read.
  }
  return { ename: "Error", evalue: traceback[0] ?? "", traceback };
}

/**
 * An error, or whatever else was thrown, as text without foreign frames, and with the lines of cells as typed.
 * @param {unknown} thrown
 */
export function textOf(thrown) {
  return withoutForeignFrames(withPlaces(inspected(thrown)));
}

/**
 * What a cell writes: a stack that it prints is shown as that of an error.
 * @param {string} text
 */
export function written(text) {
  const shown = withPlaces(text);
  return shown === text ? text : withoutForeignFrames(shown);
}

/** @param {string} text */
function withoutForeignFrames(text) {
  /** @type {string[]} */
  const kept = [];
  for (const line of text.split("\n")) {
    if (!FOREIGN_FRAME.test(line)) kept.push(line);
    else if (line.endsWith(" {")) kept.push(`${kept.pop() ?? ""} {`); // properties of the error follow
  }
  return kept.join("\n");
}

/** @param {unknown} thrown */
function inspected(thrown) {
  if (typeof thrown === "string") return thrown;
  for (const customInspect of [true, false]) {
    try {
      return inspect(thrown, { customInspect });
    } catch {
      // Its own method, or one of its properties, fails.
    }
  }
  return "Something was thrown that can't be shown.";
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
