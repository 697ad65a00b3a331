/**
 * `npm run fixtures -- [NAME…]` runs notebooks and compares their outputs with the committed ones;
 * `npm run fixtures -- --update NAME…` accepts their outputs.
 *
 * Nothing that an earlier run kept in data/runs/ is used, nor lost. The last line counts notebooks: `N passed, N failed`.
 */

import path from "node:path";
import { runCommand } from "../commands/main";
import { acceptOutputs, type CheckOptions, isGood } from "./check";
import { CELL_TIMEOUT_S, type Run } from "./command";
import { runNotebook } from "./run";
import { bringRunsBack, removeRuns, withoutRuns, withRunsOf } from "./runFolders";

async function main({
  folder,
  notebooks,
  out,
  update,
}: Run & { update: boolean }): Promise<boolean> {
  const options = { out, cellTimeoutS: CELL_TIMEOUT_S };
  if (!update) {
    return withRunsOf(folder, notebooks, () =>
      withoutRuns(folder, notebooks, () => check(folder, notebooks, options)),
    );
  }
  for (const name of notebooks) {
    const good = await withRunsOf(folder, [name], () => accept(folder, name, options));
    if (!good) return false; // those after it may need what it keeps
  }
  return true;
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
async function accept(folder: string, name: string, options: CheckOptions): Promise<boolean> {
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

runCommand("fixtures", main);
