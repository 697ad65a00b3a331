/** The templates, run as they are on few small pictures under the real kernel. */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { datasets, makeSubset } from "../../lib/index";
import { joinText, readNotebook, type Text, writeNotebook } from "../../scripts/notebooks/compare";
import { executeNotebook } from "../../scripts/notebooks/execute";
import { notebooksFolder, repository } from "../../scripts/notebooks/paths";
import { temporaryFolder } from "../support/temporaryFolder";

const file = path.join(notebooksFolder, "templates/your-own-pictures.ipynb");
const { cells } = readNotebook(file);
const isCode = ({ cell_type }: { cell_type: string }) => cell_type === "code";

describe("the template for one's own pictures", () => {
  it("has at most 40 lines of code, a heading above each cell, and no outputs", () => {
    const code = cells.filter(isCode);
    const lines = code.flatMap(({ source }) => joinText(source).split("\n"));
    assert.ok(lines.filter((line) => line.trim() !== "").length <= 40);
    for (const [i, cell] of cells.entries()) {
      if (!isCode(cell)) continue;
      const above = cells[i - 1]!;
      assert.match(above.cell_type === "markdown" ? joinText(above.source) : "", /^##? \S/);
      assert.deepEqual([cell.outputs, cell.execution_count], [[], null]);
    }
  });

  it("trains, saves and explains a network of a folder that is named to it", async () => {
    using folder = temporaryFolder();
    const into = folder.join("drawn");
    const counts = { train: 8, validation: 0, test: 0 };
    const drawn = await datasets.dogsVsCats.prepare({ source: "drawn", into, counts, verbose: 0 });
    const subsets = { pictures: [0, 8] as const };
    const own = { from: drawn.folder, into: folder.join("own"), subsets, verbose: 0 } as const;
    const { folder: pictures } = await makeSubset(own);
    // The notebook keeps its network two folders up.
    const copy = folder.join("notebooks/templates/your-own-pictures.ipynb");
    mkdirSync(path.dirname(copy), { recursive: true });
    writeNotebook(copy, readNotebook(file));
    symlinkSync(path.join(repository, "node_modules"), folder.join("node_modules"));
    const parameters = { folder: path.join(pictures, "pictures"), epochs: 1, size: 64 };
    const saveAs = folder.join("out.ipynb");
    const { notebook, failure } = await executeNotebook(copy, { saveAs, parameters });
    assert.deepEqual(failure, undefined);
    const outputs = notebook!.cells.flatMap((cell) => cell.outputs ?? []);
    const text = outputs
      .map((output) => (output.output_type === "stream" ? joinText(output.text) : ""))
      .join("");
    assert.match(text, /Found 16 files belonging to 2 classes/);
    assert.match(text, /Validation accuracy: [01]\.\d{3}/);
    const pictured = outputs.filter(
      (output) =>
        "data" in output &&
        /^<img src="data:image\/(png|jpeg);/.test(
          joinText((output.data["text/html"] ?? "") as Text),
        ),
    );
    assert.ok(pictured.length >= 2, "the pictures and the map");
  });
});
