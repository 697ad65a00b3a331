import assert from "node:assert/strict";
import path from "node:path";
import { describe, it } from "node:test";
import { joinText, readNotebook } from "../../scripts/notebooks/compare";
import { listNotebooks, notebooksFolder } from "../../scripts/notebooks/paths";
import { startKernel } from "../support/kernel";

function codeCells(name: string) {
  const { cells } = readNotebook(path.join(notebooksFolder, `${name}.ipynb`));
  return cells.filter(({ cell_type }) => cell_type === "code");
}

/** What the first cells say where no notebook has run. */
const alone = {
  "03-data-augmentation":
    /^Notebook 02 hasn't run at this size and seed: the comparison with it is left out\.$/m,
  "05-what-convnets-look-at":
    /^Notebook 03: it hasn't run .* a stand-in is trained\.\nNotebook 04: it hasn't run .* trained\.$/m,
};

describe("a notebook that goes on from an earlier one", () => {
  for (const [name, sentence] of Object.entries(alone)) {
    it(`${name} says in its first cell what it does without it`, async () => {
      const kernel = await startKernel(notebooksFolder);
      try {
        await kernel.run('process.env.CONVNETS_SEED = "987654"'); // nobody has run them with that
        const first = joinText(codeCells(name)[0]!.source);
        const { status, stdout } = await kernel.run(first);
        assert.equal(status, "ok");
        assert.match(stdout, sentence);
      } finally {
        await kernel.stop();
      }
    });
  }
});

describe("every notebook of the chapter", () => {
  for (const name of listNotebooks(notebooksFolder)) {
    it(`${name} can be run as it is: no cell must be skipped by a tag`, () => {
      for (const { metadata } of codeCells(name)) {
        assert.ok(!metadata.tags?.includes("skip-execution"));
      }
    });
  }
});
