/** Compares a notebook's committed outputs with those of a new run, cell by cell. */

import { joinText, type Notebook } from "./notebook";
import { compareOutputs } from "./outputs";
import { rulesOf } from "./rules";
import type { Difference } from "./text";

/** A cell whose new output is not the committed one. */
export interface Mismatch extends Difference {
  /** Number of the cell in the notebook, from 1, all cells counted. */
  cell: number;
  /** The number in brackets that JupyterLab shows beside the cell. */
  executionCount: number | undefined;
  source: string;
}

/** Every mismatch between two notebooks with the same cells. */
export async function compareNotebooks(expected: Notebook, actual: Notebook): Promise<Mismatch[]> {
  if (expected.cells.length !== actual.cells.length) {
    throw new Error(
      `The notebooks have ${expected.cells.length} and ${actual.cells.length} cells: not the same notebook`,
    );
  }
  const mismatches: Mismatch[] = [];
  for (const [i, cell] of expected.cells.entries()) {
    const executed = actual.cells[i];
    if (cell.cell_type !== "code" || executed === undefined) continue;
    const source = joinText(cell.source);
    const where = {
      cell: i + 1,
      executionCount: executed.execution_count ?? undefined,
      source,
    };
    const differences = await differencesOf(() =>
      compareOutputs(cell.outputs ?? [], executed.outputs ?? [], rulesOf(cell)),
    );
    mismatches.push(...differences.map((difference) => ({ ...where, ...difference })));
  }
  return mismatches;
}

/** A cell that can't be compared (unknown rules, a picture that can't be read) is a mismatch too. */
async function differencesOf(compare: () => Promise<Difference[]>): Promise<Difference[]> {
  try {
    return await compare();
  } catch (error) {
    return [{ what: (error as Error).message, expected: "", actual: "" }];
  }
}
