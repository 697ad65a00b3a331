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
import { notebooksFolder, outFolder, selectNotebooks } from "./paths";
import { runNotebook } from "./run";
import { withoutRuns } from "./runFolders";

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
    const { update: wanted } = values;
    return withoutRuns(folder, () => update(folder, wanted, options));
  }
  return withoutRuns(folder, () => check(folder, positionals, options));
}

async function check(folder: string, wanted: string[], options: CheckOptions): Promise<boolean> {
  let passed = 0;
  let failed = 0;
  for (const name of selectNotebooks(folder, wanted)) {
    const check = await runNotebook(path.join(folder, `${name}.ipynb`), options);
    if (isGood(check)) passed += 1;
    else failed += 1;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

async function update(folder: string, wanted: string, options: CheckOptions): Promise<boolean> {
  const [name] = selectNotebooks(folder, [wanted]);
  const file = path.join(folder, `${name}.ipynb`);
  const { execution } = await runNotebook(file, { ...options, compare: false });
  const { notebook, failure } = execution;
  if (notebook === undefined || failure !== undefined) {
    console.log(`${name}: nothing accepted, since a cell failed`);
    return false;
  }
  acceptOutputs(file, notebook);
  console.log(`${name}: the outputs of this run are now the expected ones`);
  return true;
}

runCommand(main);
