/** Runs one notebook and holds its outputs against the committed ones. */

import { rmSync } from "node:fs";
import path from "node:path";
import {
  compareNotebooks,
  keepUnchanged,
  type Mismatch,
  type Notebook,
  readNotebook,
  writeNotebook,
} from "./compare";
import { type Execution, type ExecutionOptions, executeNotebook } from "./execute";
import { CHANGED, outFolder } from "./paths";

export interface CheckOptions extends Omit<ExecutionOptions, "saveAs" | "html"> {
  /** Folder for the executed notebook and its HTML page. Default: the repository's out/. */
  out?: string;
  /** Whether to compare. Default true; a run of another size has nothing to be compared with. */
  compare?: boolean;
}

export interface Check {
  name: string;
  execution: Execution;
  /** Undefined when nothing was compared: the run failed, or comparing was not asked for. */
  mismatches: Mismatch[] | undefined;
  /** Where the outputs of a run that did not match are. */
  changed: string | undefined;
}

/** Executes a notebook into the out folder, compares, and leaves `NAME-changed.ipynb` on a mismatch. */
export async function checkNotebook(file: string, options: CheckOptions = {}): Promise<Check> {
  const { out = outFolder, compare = true, ...executionOptions } = options;
  const name = path.basename(file, ".ipynb");
  const changed = path.join(path.dirname(file), `${name}${CHANGED}.ipynb`);
  rmSync(changed, { force: true });
  const committed = readNotebook(file);
  const execution = await executeNotebook(file, {
    ...executionOptions,
    saveAs: path.join(out, `${name}.ipynb`),
    html: path.join(out, `${name}.html`),
  });
  const { notebook, failure } = execution;
  const check: Check = { name, execution, mismatches: undefined, changed: undefined };
  if (notebook === undefined || !compare) return check;
  if (failure === undefined) check.mismatches = await compareNotebooks(committed, notebook);
  if (failure?.cell !== undefined || check.mismatches?.length) {
    check.changed = changed;
    writeNotebook(changed, withOutputsOf(committed, notebook));
  }
  return check;
}

/** Whether every cell passed and, where compared, matched. */
export function isGood({ execution, mismatches }: Check): boolean {
  return execution.failure === undefined && (mismatches ?? []).length === 0;
}

/** Makes the outputs of a run the committed ones; one that says what the committed one says stays as it was. */
export async function acceptOutputs(file: string, executed: Notebook): Promise<void> {
  const committed = readNotebook(file);
  writeNotebook(file, await keepUnchanged(committed, withOutputsOf(committed, executed)));
  rmSync(path.join(path.dirname(file), `${path.basename(file, ".ipynb")}${CHANGED}.ipynb`), {
    force: true,
  });
}

/** A notebook's sources and metadata with the outputs of another run of it. */
function withOutputsOf(notebook: Notebook, executed: Notebook): Notebook {
  const cells = notebook.cells.map((cell, i) => {
    if (cell.cell_type !== "code") return cell;
    const { outputs, execution_count } = executed.cells[i] ?? {};
    return { ...cell, outputs, execution_count };
  });
  return { ...notebook, cells };
}
