/** Real notebooks under the real kernel; each sample is named by what must happen to it. */

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { type Check, checkNotebook, isGood } from "../../scripts/notebooks/check";
import { joinText, readNotebook } from "../../scripts/notebooks/compare";
import { keyMetricOf } from "../../scripts/notebooks/keyMetric";
import { listNotebooks, repository } from "../../scripts/notebooks/paths";

const samples = path.join(repository, "test/notebooks/samples");

/** What must be said about each failing sample: cell number from 1, and the reason. */
const FAILING: Record<string, [number, RegExp]> = {
  "fails-a-cell-that-should-raise": [1, /tagged "raises-exception" but raised none/],
  "fails-a-changed-number": [2, /^stdout: the text differs$/],
  "fails-a-dead-kernel": [1, /the kernel died/],
  "fails-a-missing-picture": [1, /^outputs: missing image\/svg\+xml$/],
  "fails-a-type-error": [1, /^TypeScriptError: 1:7 - Type 'string' is not assignable/],
  "fails-an-endless-cell": [1, /ran for more than 2 s/],
  "fails-an-exception": [2, /^TypeError: Cannot read properties of undefined/],
  "fails-an-output-flood": [1, /wrote more than 1,000,000 characters/],
  "fails-an-unhandled-rejection": [1, /^UnhandledPromiseRejection: Error: nobody waits for me/],
};
const PASSING = ["passes-what-may-vary"];

let folder: string;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "convnets-samples-"));
  cpSync(samples, folder, { recursive: true });
});

after(() => rmSync(folder, { recursive: true }));

function check(name: string): Promise<Check> {
  const cellTimeoutS = name === "fails-an-endless-cell" ? 2 : 60;
  return checkNotebook(path.join(folder, `${name}.ipynb`), {
    out: path.join(folder, "out"),
    cellTimeoutS,
  });
}

it("every sample is tested", () => {
  assert.deepEqual(listNotebooks(samples), [...Object.keys(FAILING), ...PASSING].sort());
});

describe("checkNotebook(file)", { concurrency: 2 }, () => {
  for (const [name, [cell, reason]] of Object.entries(FAILING)) {
    it(name.replaceAll("-", " "), async () => {
      const { execution, mismatches, changed } = await check(name);
      const failure = execution.failure ?? mismatches?.[0];
      assert.equal(failure?.cell, cell);
      assert.match("what" in failure ? failure.what : failure.message, reason);
      assert.ok((mismatches ?? []).length <= 1);
      assert.equal(changed, path.join(folder, `${name}-changed.ipynb`));

      const outputs = readNotebook(changed).cells[cell - 1]?.outputs ?? [];
      const errors = outputs.filter(({ output_type }) => output_type === "error");
      assert.equal(errors.length, execution.failure === undefined ? 0 : 1);
      assert.ok(existsSync(path.join(folder, "out", `${name}.html`)));
    });
  }

  it("passes what may vary", async () => {
    const name = "passes-what-may-vary";
    const result = await check(name);
    assert.deepEqual(result.mismatches, []);
    assert.ok(isGood(result));
    assert.equal(result.changed, undefined);
    assert.deepEqual([result.execution.cells, result.execution.skipped], [7, 1]);

    const executed = readNotebook(path.join(folder, "out", `${name}.ipynb`));
    const counts = executed.cells.flatMap(({ execution_count }) => execution_count ?? []);
    assert.deepEqual(counts.slice(0, 7), [1, 2, 3, 4, 5, 6, 7]);
    assert.equal(keyMetricOf(executed), "test accuracy 0.9912");
    const page = readFileSync(path.join(folder, "out", `${name}.html`), "utf8");
    assert.doesNotMatch(page, /<script|<link|<iframe|src="http/);
    assert.match(page, /as announced/);
  });
});

it("a cell that fails ends the run: later cells are not executed", () => {
  const { cells } = readNotebook(path.join(folder, "fails-an-exception-changed.ipynb"));
  assert.deepEqual(
    cells.map(({ execution_count }) => execution_count),
    [1, 2, null],
  );
  const [text, error] = cells[1]?.outputs ?? [];
  assert.ok(text?.output_type === "stream" && error?.output_type === "error");
  assert.equal(joinText(text.text), "before\n");
  assert.doesNotMatch(error.traceback.join("\n"), /node_modules\/tslab|node:internal/);
});
