/** Shows on the terminal which cell of a notebook runs, for how long, and its newest line of output. */

import { openLiveLine } from "../../lib/notebook";
import { formatDuration } from "../../lib/text";
import { joinText, type Notebook } from "./compare";
import type { ExecutionEvent } from "./execute";

/** Cells that took longer keep a line of their own. */
const WORTH_A_LINE_S = 1;
const TICK_MS = 250;
/** Where the output is no terminal, a cell that still runs says so this often. */
const HEARTBEAT_MS = 60_000;

export interface Progress {
  /** Takes an event of the running notebook. */
  show(event: ExecutionEvent): void;
  /** Stops the clock and clears the live line; call it when the run has ended, however it ended. */
  stop(): void;
}

/** Opens the display for one notebook. */
export function openProgress(name: string, notebook: Notebook): Progress {
  const isTerminal = process.stdout.isTTY;
  const line = openLiveLine();
  let cells: number[] = [];
  let current = -1;
  let started = performance.now();
  let spoke = started;
  let output = "";

  const describe = (seconds: number) =>
    `  ${position()}  ${formatDuration(seconds, { tenths: true }).padStart(7)}  ${titleOf(notebook, current)}`;
  const position = () =>
    `${String(cells.indexOf(current) + 1).padStart(String(cells.length).length)}/${cells.length}`;
  const tick = () => {
    if (current < 0) return;
    const seconds = (performance.now() - started) / 1000;
    if (isTerminal) line.update(fit(`${describe(seconds)}${output && `  ${output}`}`));
    else if (performance.now() - spoke > HEARTBEAT_MS) {
      console.log(`${describe(seconds)}  still running  ${output}`);
      spoke = performance.now();
    }
  };
  const timer = setInterval(tick, TICK_MS);
  if (isTerminal) line.update(`${name}  starting the kernel`);
  else console.log(name);

  return {
    show(event) {
      switch (event.event) {
        case "start":
          cells = event.cells;
          if (isTerminal) line.finish(name);
          break;
        case "cell-start":
          current = event.index;
          started = spoke = performance.now();
          output = "";
          tick();
          break;
        case "output":
          output = event.text;
          break;
        case "cell-end":
          if (event.seconds >= WORTH_A_LINE_S) line.finish(fit(describe(event.seconds)));
          current = -1;
          break;
        case "cell-failed":
          line.finish(fit(`${describe(event.seconds)}  FAILED`));
          current = -1;
          break;
        case "saved":
          line.update("  writing the HTML page");
          break;
      }
    },
    stop() {
      clearInterval(timer);
      if (isTerminal) process.stdout.write("\r\x1b[2K");
    },
  };
}

/** What a cell is about: the heading above it and its first line of code. */
function titleOf(notebook: Notebook, index: number): string {
  const above = notebook.cells.slice(0, index).reverse();
  const heading = above
    .filter((cell) => cell.cell_type === "markdown")
    .map((cell) => /^#+ +(.+)$/m.exec(joinText(cell.source))?.[1])
    .find((text) => text !== undefined);
  const code = joinText(notebook.cells[index]?.source ?? "")
    .split("\n")
    .find((text) => text.trim() !== "" && !/^\s*(\/\/|import\b)/.test(text));
  return [heading, code?.trim()].filter(Boolean).join(" · ");
}

function fit(text: string): string {
  const width = (process.stdout.columns ?? 120) - 1;
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
