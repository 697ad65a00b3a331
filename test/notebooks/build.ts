/** Small notebooks for the tests of the comparison. */

import type { Cell, Notebook, Output } from "../../scripts/notebooks/compare";

export function codeCell(outputs: Output[], metadata: Cell["metadata"] = {}): Cell {
  return { cell_type: "code", source: "run();", metadata, outputs, execution_count: 1 };
}

export function notebookOf(...cells: Cell[]): Notebook {
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

export function stdout(text: string): Output {
  return { output_type: "stream", name: "stdout", text };
}

export function display(data: Record<string, unknown>): Output {
  return { output_type: "display_data", data, metadata: {} };
}

/** Metadata of a cell that allows something, with the reason that the rules ask for. */
export function allowing(rules: object): Cell["metadata"] {
  return { convnets: { fixture: { reason: "the test says so", ...rules } } };
}
