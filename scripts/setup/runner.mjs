// @ts-check
/** Runs the steps of set-up in order: each is named, timed and skipped when what it makes is current. */
import { StepError } from "./errors.mjs";

/**
 * @typedef {object} Step
 * @property {string} name What the step sees to, as a reader calls it.
 * @property {() => Promise<string | undefined> | string | undefined} check Says in a few words why there
 *   is something to do, or returns `undefined` when everything is current. Quick; changes nothing.
 * @property {(tell: (progress: string) => void) => Promise<string | void> | string | void} run Does it, telling how far it
 *   is. Returns a few words on what was made, if there is something worth saying.
 */

/**
 * @typedef {{ isTTY?: boolean, columns?: number, write(text: string): unknown }} Output
 */

const nameWidth = 25;
const pipeProgressEveryMs = 15_000;

/**
 * Runs what is not current.
 *
 * @param {Step[]} steps
 * @param {{ output?: Output, listCurrent?: boolean }} [options] `output`: standard output by default;
 *   `listCurrent`: whether steps with nothing to do are listed too (they are not by default).
 * @returns {Promise<number>} How many steps had something to do.
 * @throws {StepError} From the first step that fails; the steps after it are not started.
 */
export async function runSteps(steps, { output = process.stdout, listCurrent = false } = {}) {
  let ran = 0;
  for (const step of steps) {
    const started = performance.now();
    const line = stepLine(step.name, output);
    try {
      const reason = await step.check();
      if (reason === undefined) {
        if (listCurrent) line.end("✔", `current (${seconds(started)})`);
        continue;
      }
      ran++;
      line.tell(reason);
      const made = await step.run(line.tell);
      line.end("✔", made ? `${seconds(started)}   ${made}` : seconds(started));
    } catch (error) {
      line.end("✖", `failed after ${seconds(started)}`);
      throw error;
    }
  }
  return ran;
}

/**
 * How a failed step is told to the reader.
 * @param {unknown} error
 * @returns {string}
 */
export function explainFailure(error) {
  if (!(error instanceof StepError)) {
    return `\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  }
  const parts = ["", error.message];
  if (error.details) parts.push(indent(error.details));
  if (error.log) parts.push(`All of its output: ${error.log}`);
  parts.push(`What to do: ${error.todo}`, "");
  return parts.join("\n");
}

/**
 * One step's line: rewritten in place on a terminal; elsewhere progress is told now and then.
 * @param {string} name
 * @param {Output} output
 */
function stepLine(name, output) {
  const title = name.padEnd(nameWidth);
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    /** @param {string} progress */
    tell(progress) {
      if (output.isTTY) {
        const text = `… ${title} ${progress}`;
        output.write(`\r\x1b[2K${text.slice(0, (output.columns ?? 80) - 1)}`);
      } else if (performance.now() - toldAt > pipeProgressEveryMs) {
        output.write(`… ${title} ${progress}\n`);
        toldAt = performance.now();
      }
    },
    /** @param {string} mark @param {string} result */
    end(mark, result) {
      output.write(`${output.isTTY ? "\r\x1b[2K" : ""}${mark} ${title} ${result}\n`);
    },
  };
}

/** @param {number} started */
export function seconds(started) {
  const s = (performance.now() - started) / 1000;
  return `${s < 10 ? s.toFixed(2) : s.toFixed(1)} s`;
}

/** @param {string} text */
function indent(text) {
  return text.replace(/^/gm, "    ");
}
