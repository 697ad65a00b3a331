/**
 * `npm start` executes the notebooks into out/ as .ipynb and HTML, and closes with a table.
 *
 * Only the committed size, seed and pictures have outputs to be compared with. Long steps that an earlier run has
 * done are not repeated: their results are in data/runs/, one folder for each notebook, which `--fresh` removes
 * first. `--all` runs the templates too, which have no outputs to be compared with; one can be named, too.
 * Its options: `scripts/commands/forNotebooks.mjs`.
 */

import path from "node:path";
import { formatDuration } from "../../lib/text";
import { runCommand } from "../commands/main";
import { isGood } from "./check";
import { CELL_TIMEOUT_S, type Run } from "./command";
import { keyMetricOf } from "./keyMetric";
import { runNotebook } from "./run";
import { bringRunsBack, removeRuns, withRunsOf } from "./runFolders";
import { formatTable } from "./table";

interface Options extends Run {
  full: boolean;
  fresh: boolean;
  seed: string | undefined;
  pictures: string | undefined;
  parameters: Record<string, unknown> | undefined;
}

async function main(options: Options): Promise<boolean> {
  const { folder, notebooks, out, full, fresh, seed, pictures, parameters } = options;
  const asCommitted = !full && seed === undefined && parameters === undefined;
  const committed = asCommitted && (pictures ?? "drawn") === "drawn";
  await bringRunsBack(folder);
  const rows: string[][] = [];
  let good = true;
  for (const name of notebooks) {
    const isTemplate = name.startsWith("templates/");
    const runs = [path.basename(name)];
    const check = await withRunsOf(folder, runs, async () => {
      if (fresh) removeRuns(folder, runs);
      return await runNotebook(path.join(folder, `${name}.ipynb`), {
        out,
        size: full ? "full" : "default",
        seed,
        pictures,
        parameters,
        compare: committed && !isTemplate,
        cellTimeoutS: full ? undefined : CELL_TIMEOUT_S,
      });
    });
    const { execution, mismatches } = check;
    const failed = execution.failure !== undefined;
    const match = failed
      ? "failed"
      : mismatches === undefined
        ? "–"
        : mismatches.length === 0
          ? "yes"
          : "no";
    const metric = execution.notebook && !failed ? keyMetricOf(execution.notebook) : "–";
    rows.push([name, formatDuration(execution.seconds, { tenths: true }), metric, match]);
    good = good && isGood(check);
  }
  console.log(`\n${formatTable(["notebook", "time", "key metric", "fixture match"], rows)}`);
  console.log(`\nExecuted notebooks and pages: ${path.relative(process.cwd(), out)}/`);
  return good;
}

runCommand("start", main);
