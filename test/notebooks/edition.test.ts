import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import { type Cell, joinText, readNotebook, writeNotebook } from "../../scripts/notebooks/compare";
import { editionFolder, translate } from "../../scripts/notebooks/edition";
import { listNotebooks, notebooksFolder, repository } from "../../scripts/notebooks/paths";
import { notebookOf, stdout } from "./build";

const markdown = (source: string, ko?: string): Cell => ({
  cell_type: "markdown",
  source,
  metadata: ko === undefined ? {} : { convnets: { ko } },
});

function command(folder: string, ...args: string[]) {
  const script = path.join(repository, ".build/scripts/notebooks/notebooks.js");
  return spawnSync(process.execPath, [script, "--folder", folder, ...args], { encoding: "utf8" });
}

describe("the Korean edition", () => {
  const edition = editionFolder("ko");

  it("has every notebook", () => {
    assert.deepEqual(listNotebooks(edition), listNotebooks(notebooksFolder));
  });

  for (const name of listNotebooks(notebooksFolder)) {
    it(`of ${name} is current (else: npm run notebooks -- ko)`, () => {
      const file = `${name}.ipynb`;
      const english = readNotebook(path.join(notebooksFolder, file));
      assert.deepEqual(readNotebook(path.join(edition, file)), translate(english, "ko"));
    });

    it(`of ${name} is in Korean`, () => {
      const { cells } = readNotebook(path.join(edition, `${name}.ipynb`));
      for (const { cell_type, source } of cells) {
        if (cell_type === "markdown") assert.match(joinText(source), /\p{Script=Hangul}/u);
      }
    });
  }
});

describe("an edition", () => {
  it("keeps code and outputs, and leads one folder further up", () => {
    const code: Cell = {
      cell_type: "code",
      source: 'await readFile("../data/a.json");',
      metadata: {},
      outputs: [stdout("../data\n")],
    };
    const english = notebookOf(
      markdown("[data](../data/README.md)", "[데이터](../data/README.md)"),
      code,
    );
    const [text, program] = translate(english, "ko").cells;
    assert.ok(text && program);
    assert.equal(joinText(text.source), "[데이터](../../data/README.md)");
    assert.equal(joinText(program.source), 'await readFile("../../data/a.json");');
    assert.deepEqual(program.outputs, code.outputs);
  });

  it("is not written when a cell has no text in the language; the error names the cell", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "convnets-edition-"));
    try {
      const english = notebookOf(markdown("one", "하나"), markdown("two"));
      writeNotebook(path.join(folder, "a.ipynb"), english);
      const { status, stderr } = command(folder, "ko");
      assert.equal(status, 1);
      assert.match(stderr, /^a: Cells without a text in metadata\.convnets\.ko: 2$/m);
      assert.throws(() => listNotebooks(path.join(folder, "ko")), { code: "ENOENT" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is refused in a language that there is none in", () => {
    const { status, stderr } = command(notebooksFolder, "fr");
    assert.equal(status, 2);
    assert.match(stderr, /^There is no edition "fr"\. There are: ko\. /m);
  });
});
