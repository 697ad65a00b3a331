/**
 * `npm start` executes the notebooks into out/ as .ipynb and HTML, and closes with a table.
 *
 * `--only NAME` (may be repeated) runs one; `--full` runs the chapter's sizes, which take hours on a
 * processor; `--seed N` runs with another seed; `--pictures SOURCE` (drive, kaggle or auto) takes photographs;
 * `-p NAME VALUE` (may be repeated) sets a variable of the cell that is tagged `parameters`, as papermill does.
 * Only the committed size, seed and pictures have outputs to be compared with. Long steps that an earlier run has
 * done are not repeated: their results are in data/runs/, one folder for each notebook, which `--fresh` removes
 * first. `--all` runs the templates too, which have no outputs to be compared with.
 */

import path from "node:path";
import { parseArgs } from "node:util";
import { formatDuration } from "../../lib/text";
import { isGood } from "./check";
import { CELL_TIMEOUT_S, runCommand } from "./command";
import { keyMetricOf } from "./keyMetric";
import { takeParameters } from "./parameters";
import { listTemplates, notebooksFolder, outFolder, selectNotebooks } from "./paths";
import { runNotebook } from "./run";
import { bringRunsBack, removeRuns, withRunsOf } from "./runFolders";
import { formatTable } from "./table";

/** Where the cats and dogs may come from (`datasets.dogsVsCats.prepare`). */
const sources = ["drawn", "drive", "kaggle", "auto"];

async function main(): Promise<boolean> {
  const { full, seed, pictures, parameters, ...values } = readOptions();
  const asCommitted = !full && seed === undefined && parameters === undefined;
  const committed = asCommitted && (pictures ?? "drawn") === "drawn";
  const folder = path.resolve(values.folder);
  const out = path.resolve(values.out);
  const names = selectNotebooks(folder, values.only);
  await bringRunsBack(folder);
  const rows: string[][] = [];
  let good = true;
  for (const name of [...names, ...(values.all ? listTemplates(folder) : [])]) {
    const isTemplate = !names.includes(name);
    const runs = [path.basename(name)];
    const check = await withRunsOf(folder, runs, async () => {
      if (values.fresh) removeRuns(folder, runs);
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

function readOptions() {
  const { args, parameters } = takeParameters(process.argv.slice(2));
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true, default: [] },
      full: { type: "boolean", default: false },
      seed: { type: "string" },
      pictures: { type: "string" },
      fresh: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      folder: { type: "string", default: notebooksFolder },
      out: { type: "string", default: outFolder },
    },
  });
  const { seed, pictures } = values;
  if (seed !== undefined && !/^\d{1,9}$/.test(seed)) {
    throw new Error(`--seed must be a whole number of at most 9 digits. Received: ${seed}`);
  }
  if (pictures !== undefined && !sources.includes(pictures)) {
    throw new Error(`--pictures must be one of ${sources.join(", ")}. Received: ${pictures}`);
  }
  return { ...values, parameters };
}

runCommand(main);
