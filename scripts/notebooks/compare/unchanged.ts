/** Keeps outputs that say the same as before: a new run changes a notebook's file only where it says something else. */

import { isDeepStrictEqual } from "node:util";
import type { Notebook, Output } from "./notebook";
import { compareOutputs } from "./outputs";
import { rulesOf } from "./rules";

/** Nothing may vary but durations, times, dates and the like. */
const STRICT = rulesOf({ cell_type: "code", source: "", metadata: {} });

/**
 * A notebook in which each output is as it was before where it says the same. What a cell lets vary (`rules.ts`) is
 * not the same: it may have changed with the cell's source, and the numbers of one run belong together.
 *
 * Cells belong together by their ids.
 */
export async function keepUnchanged(before: Notebook, now: Notebook): Promise<Notebook> {
  const old = new Map(before.cells.map((cell) => [cell.id, cell.outputs]));
  const cells = await Promise.all(
    now.cells.map(async (cell) => {
      const outputs = cell.id === undefined ? undefined : old.get(cell.id);
      if (outputs === undefined || cell.outputs?.length !== outputs.length) return cell;
      return {
        ...cell,
        outputs: await Promise.all(
          cell.outputs.map(async (output, i) => {
            const known = outputs[i] as Output; // as many
            return (await saysTheSame(known, output)) ? known : output;
          }),
        ),
      };
    }),
  );
  return { ...now, cells };
}

async function saysTheSame(before: Output, now: Output): Promise<boolean> {
  if (before.output_type !== now.output_type) return false;
  if (before.output_type === "stream" && now.output_type === "stream") {
    if (before.name !== now.name) return false;
  }
  if ("data" in before && "data" in now) {
    if (!isDeepStrictEqual(before.metadata ?? {}, now.metadata ?? {})) return false;
  }
  const differences = await compareOutputs([before], [now], STRICT).catch(() => undefined);
  return differences?.length === 0;
}
