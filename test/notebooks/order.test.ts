import assert from "node:assert/strict";
import path from "node:path";
import { describe, it } from "node:test";
import { joinText, readNotebook } from "../../scripts/notebooks/compare";
import { notebooksFolder } from "../../scripts/notebooks/paths";
import { startKernel } from "../support/kernel";

const needs = { "03-data-augmentation": ["02"], "05-what-convnets-look-at": ["03", "04"] };

function code(name: string): string[] {
  const { cells } = readNotebook(path.join(notebooksFolder, `${name}.ipynb`));
  return cells.filter((cell) => cell.cell_type === "code").map((cell) => joinText(cell.source));
}

describe("a notebook that opens what an earlier one has kept", () => {
  for (const [name, earlier] of Object.entries(needs)) {
    it(`${name} says so in its first cell, before anything is trained`, async () => {
      const kernel = await startKernel(notebooksFolder);
      try {
        await kernel.run('process.env.CONVNETS_SEED = "987654"'); // nobody has run them with that
        const { status, stderr } = await kernel.run(code(name)[0]!);
        assert.equal(status, "error");
        const wanted = `Run notebook${earlier.length > 1 ? "s" : ""} ${earlier.join(" and ")} first`;
        assert.match(stderr, new RegExp(wanted));
      } finally {
        await kernel.stop();
      }
    });
  }
});
