/** One line of output that updates in place while something runs. */
import { openDisplay } from "./display";
import { isNotebook } from "./kernel";
import { throttle } from "./throttle";

/** A line that changes until it is finished. */
export interface LiveLine {
  /**
   * Replaces the line's text, at most ten times a second; of texts that come faster, the newest is shown. A function is
   * asked for its text when it is shown.
   */
  update(text: LineText): void;
  /**
   * Keeps the text (the last `update` when left out) as a line of its own; what follows appears below it. All lines
   * are one output of the cell: JupyterLab hides what comes after the fiftieth.
   */
  keep(text?: LineText): void;
  /** Shows the final text (the last `update` when left out) and keeps it. Later calls do nothing. */
  finish(text?: LineText): void;
}

/** A text, or what makes it. */
export type LineText = string | (() => string);

/** Ten updates a second: smooth to the eye, and no flood for the notebook's connection. */
const intervalMs = 100;

/**
 * Opens a live line in the current output. A notebook cell replaces the shown line, a terminal rewrites it,
 * a pipe or file receives the final text only.
 *
 * @returns The line; call its `finish` at the end.
 * @example
 * import { openLiveLine } from "convnets";
 * const line = openLiveLine();
 * for (let i = 1; i <= 1000; i++) line.update(`${i} of 1000`);
 * line.finish("done");
 */
export function openLiveLine(): LiveLine {
  const medium = mediumHere();
  const throttled = throttle((text: LineText) => medium.update(written(text)), intervalMs);
  let last: LineText = "";
  let finished = false;
  const keep = (text: LineText) => {
    throttled.cancel();
    medium.keep(written(text));
    last = "";
  };
  return {
    update(text) {
      if (finished) return;
      last = text;
      throttled.offer(text);
    },
    keep(text = last) {
      if (!finished) keep(text);
    },
    finish(text = last) {
      if (finished) return;
      finished = true;
      throttled.cancel();
      if (text !== "") keep(text);
    },
  };
}

function written(text: LineText): string {
  return typeof text === "string" ? text : text();
}

/** Where a line stands. */
export interface Medium {
  /** Whether a line that was shown can change and go. */
  isLive: boolean;
  update(text: string): void;
  keep(text: string): void;
  /** Takes away what wasn't kept. */
  clear(): void;
}

/** What the output of now is. */
export function mediumHere(): Medium {
  if (isNotebook()) return notebookLine();
  return process.stdout.isTTY ? terminalLine() : pipeLine();
}

function notebookLine(): Medium {
  const display = openDisplay();
  const kept: string[] = [];
  const show = (lines: readonly string[]) => display.show({ "text/plain": lines.join("\n") });
  return {
    isLive: true,
    update(text) {
      show([...kept, text]);
    },
    keep(text) {
      kept.push(text);
      show(kept);
    },
    clear() {
      show(kept);
    },
  };
}

function terminalLine(): Medium {
  const eraseLine = "\r\x1b[2K";
  return {
    isLive: true,
    update(text) {
      // A text that wraps could not be erased again.
      process.stdout.write(eraseLine + text.slice(0, (process.stdout.columns || 80) - 1));
    },
    keep(text) {
      process.stdout.write(`${eraseLine}${text}\n`);
    },
    clear() {
      process.stdout.write(eraseLine);
    },
  };
}

function pipeLine(): Medium {
  return {
    isLive: false,
    update() {},
    keep(text) {
      process.stdout.write(`${text}\n`);
    },
    clear() {},
  };
}
