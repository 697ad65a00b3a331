/** Runs a notebook in a Python process of its own (execute.py) and tells what happens as it happens. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Notebook, readNotebook } from "./compare";
import { python, repository } from "./paths";

/** What execute.py reports; `index` counts the notebook's cells from 0. */
export type ExecutionEvent =
  | { event: "start"; cells: number[]; skipped: number[] }
  | { event: "cell-start"; index: number }
  | { event: "output"; index: number; text: string }
  | { event: "cell-end"; index: number; seconds: number }
  | { event: "cell-failed"; index: number; seconds: number; message: string }
  | { event: "failed"; message: string }
  | { event: "saved" };

export interface ExecutionOptions {
  /** File to write the executed notebook to. */
  saveAs: string;
  /** File to write an HTML page to. Default: none. */
  html?: string;
  /** `CONVNETS_SIZE` in the kernel. Default `"default"`. */
  size?: "default" | "full";
  /** `CONVNETS_SEED` in the kernel. Default: none; the notebooks then use their own. */
  seed?: string;
  /** `CONVNETS_PICTURES` in the kernel: the source of the cats and dogs. Default: none, which means drawings. */
  pictures?: string;
  /** Values for the variables of the cell tagged `parameters`. Default: none. */
  parameters?: Record<string, unknown>;
  /** Longest time that one cell may run, in seconds. Default: no limit. */
  cellTimeoutS?: number;
  /** Called with each event. */
  onEvent?: (event: ExecutionEvent) => void;
}

export interface Execution {
  /** The notebook with the outputs of this run; undefined when it could not be started. */
  notebook: Notebook | undefined;
  seconds: number;
  /** Number of cells that ran, and of code cells that are tagged `skip-execution`. */
  cells: number;
  skipped: number;
  /** Why the run ended early; `cell` counts from 1. */
  failure: { cell: number | undefined; message: string } | undefined;
}

/** Executes one notebook under the tslab kernel, in the notebook's own folder. */
export async function executeNotebook(file: string, options: ExecutionOptions): Promise<Execution> {
  const { saveAs, html, size = "default", seed, pictures, cellTimeoutS, onEvent } = options;
  const { parameters } = options;
  mkdirSync(path.dirname(saveAs), { recursive: true });
  const started = performance.now();
  const child = spawn(
    python,
    [
      path.join(repository, "scripts/notebooks/execute.py"),
      file,
      `--save-as=${saveAs}`,
      ...(html === undefined ? [] : [`--html=${html}`]),
      ...(parameters === undefined ? [] : [`--parameters=${JSON.stringify(parameters)}`]),
      ...(cellTimeoutS === undefined ? [] : [`--cell-timeout-s=${cellTimeoutS}`]),
    ],
    {
      // The child ends when its standard input closes; events come through descriptor 3.
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      env: {
        ...process.env,
        CONVNETS_SIZE: size,
        CONVNETS_SEED: seed,
        CONVNETS_PICTURES: pictures,
        PYTHONDONTWRITEBYTECODE: "1",
      },
    },
  );
  const exit = exitOf(child);
  const log = tailOf(child);
  const execution: Execution = {
    notebook: undefined,
    seconds: 0,
    cells: 0,
    skipped: 0,
    failure: undefined,
  };
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    const event = JSON.parse(line) as ExecutionEvent;
    note(execution, event);
    if (event.event === "saved") execution.notebook = readNotebook(saveAs);
    onEvent?.(event);
  }
  const reason = await exit;
  execution.seconds = (performance.now() - started) / 1000;
  if (reason !== "exit code 0" && execution.failure === undefined) {
    execution.failure = { cell: undefined, message: `The run ended with ${reason}\n${log()}` };
  }
  return execution;
}

function note(execution: Execution, event: ExecutionEvent): void {
  switch (event.event) {
    case "start":
      execution.cells = event.cells.length;
      execution.skipped = event.skipped.length;
      break;
    case "cell-failed":
      execution.failure = { cell: event.index + 1, message: event.message };
      break;
    case "failed":
      execution.failure = { cell: undefined, message: event.message };
      break;
  }
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`"${error.message}"; is set-up done?`));
    child.once("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

/** Collects what the child and its kernel print; the last lines explain a run that broke. */
function tailOf(child: ChildProcess): () => string {
  let tail = "";
  const keep = (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-4000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => tail.trim().split("\n").slice(-12).join("\n");
}
