/**
 * `npm run fixtures -- [NAME…]` runs notebooks and compares their outputs with the committed ones;
 * `npm run fixtures -- --update NAME` accepts the outputs of one notebook.
 *
 * Nothing that an earlier run kept in data/runs/ is used, nor lost. The last line counts notebooks: `N passed, N failed`.
 */

import path from "node:path";
import { parseArgs } from "node:util";
import { acceptOutputs, type CheckOptions, isGood } from "./check";
import { CELL_TIMEOUT_S, runCommand } from "./command";
import { notebooksFolder, outFolder, selectNotebook, selectNotebooks } from "./paths";
import { runNotebook } from "./run";
import { bringRunsBack, removeRuns, withoutRuns, withRunsOf } from "./runFolders";

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      update: { type: "string" },
      folder: { type: "string", default: notebooksFolder },
      out: { type: "string", default: outFolder },
    },
  });
  const folder = path.resolve(values.folder);
  const options = { out: path.resolve(values.out), cellTimeoutS: CELL_TIMEOUT_S };
  if (values.update !== undefined) {
    if (positionals.length > 0) throw new Error("--update accepts one notebook at a time");
    const name = selectNotebook(folder, values.update);
    return withRunsOf(folder, [name], () => update(folder, name, options));
  }
  const names = selectNotebooks(folder, positionals);
  return withRunsOf(folder, names, () =>
    withoutRuns(folder, names, () => check(folder, names, options)),
  );
}

async function check(folder: string, names: string[], options: CheckOptions): Promise<boolean> {
  let passed = 0;
  let failed = 0;
  for (const name of names) {
    const check = await runNotebook(path.join(folder, `${name}.ipynb`), options);
    if (isGood(check)) passed += 1;
    else failed += 1;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

/** Trains anew; what the notebook then keeps belongs to the outputs that are accepted. */
async function update(folder: string, name: string, options: CheckOptions): Promise<boolean> {
  await bringRunsBack(folder);
  removeRuns(folder, [name]);
  const file = path.join(folder, `${name}.ipynb`);
  const { execution } = await runNotebook(file, { ...options, compare: false });
  const { notebook, failure } = execution;
  if (notebook === undefined || failure !== undefined) {
    console.log(`${name}: nothing accepted, since a cell failed`);
    return false;
  }
  await acceptOutputs(file, notebook);
  console.log(`${name}: the outputs of this run are now the expected ones`);
  return true;
}

runCommand(main);
