/** Finds the tslab kernel that runs this process, whichever folder it was installed in. */
import path from "node:path";

/** The content of a Jupyter `display_data` message. */
interface DisplayData {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  transient: { display_id?: string };
}

/** Sends display data to the cell it belongs to; `update` replaces what was shown under the same display id. */
export type CellWriter = (content: DisplayData, update: boolean) => void;

const kernelModule = path.join("tslab", "dist", "jupyter.js");

/**
 * The writer of the cell that runs now, or undefined outside a notebook.
 *
 * tslab makes a writer for each cell and publishes the newest one. It is looked up among the loaded modules instead
 * of being imported: an import could find another copy of tslab than the one that runs the kernel. A writer that is
 * kept goes on writing to its own cell after later cells have started.
 */
export function currentCell(): CellWriter | undefined {
  for (const [file, loaded] of Object.entries(require.cache)) {
    if (!file.endsWith(kernelModule)) continue;
    const write: unknown = loaded?.exports?.lastWriteDisplayData;
    if (typeof write === "function") return write as CellWriter;
  }
  return undefined;
}

/**
 * Whether this code runs in a notebook cell.
 *
 * @returns True in a tslab kernel, false in a script.
 * @example
 * import { isNotebook } from "convnets";
 * console.log(isNotebook() ? "in a cell" : "in a script");
 */
export function isNotebook(): boolean {
  return currentCell() !== undefined;
}
