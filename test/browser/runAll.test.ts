/** Every notebook as a reader meets it: opened in JupyterLab, run whole at a small size, saved, looked at in git. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import {
  type Cell,
  formatNotebook,
  joinText,
  type Notebook,
  parseNotebook,
  readNotebook,
  writeNotebook,
} from "../../scripts/notebooks/compare";
import { listNotebooks, notebooksFolder } from "../../scripts/notebooks/paths";
import {
  findBrowser,
  type JupyterLab,
  NotebookPage,
  openBrowser,
  startJupyterLab,
} from "../support/jupyterLab";
import { repositoryRoot } from "../support/python";

const browserPath = findBrowser();

/** Run always; the others take as long again each. */
const quick = /^0[12]-/;

describe("each notebook in JupyterLab, in their order", {
  skip: browserPath ? false : "no Chromium on this machine",
}, () => {
  let folder: string;
  let lab: JupyterLab;
  let browser: Browser;
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 });

  before(async () => {
    // Inside the repository, so that a cell's import finds the library; with a data/ of its own beside the notebooks.
    const parent = path.join(repositoryRoot, "out");
    mkdirSync(parent, { recursive: true });
    folder = mkdtempSync(path.join(parent, "all-"));
    mkdirSync(path.join(folder, "notebooks"));
    for (const name of listNotebooks(notebooksFolder)) {
      const notebook = readNotebook(path.join(notebooksFolder, `${name}.ipynb`));
      writeNotebook(path.join(folder, "notebooks", `${name}.ipynb`), shrunk(notebook));
    }
    git("init", "--quiet");
    git("add", "notebooks");
    const author = ["-c", "user.name=Test", "-c", "user.email=test@localhost"];
    git(...author, "commit", "--quiet", "--message", "As they are");
    [lab, browser] = await Promise.all([startJupyterLab(folder), openBrowser(browserPath!)]);
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
    rmSync(folder, { recursive: true });
  });

  for (const name of listNotebooks(notebooksFolder)) {
    const file = `notebooks/${name}.ipynb`;
    const skip =
      quick.test(name) || process.env.CONVNETS_SLOW_TESTS === "1"
        ? false
        : "set CONVNETS_SLOW_TESTS=1 to run it";
    test(`${name} is unchanged by a save, runs to its end, and then has changed in outputs only`, {
      skip,
    }, async () => {
      const notebook = await NotebookPage.open(browser, lab.addressOf(file));
      await notebook.look();
      await notebook.save();
      assert.equal(git("diff", "--stat", "--", file), "");

      const { ran, error } = await notebook.restartAndRunAll();
      assert.equal(error, "");
      await notebook.look();
      await notebook.save();
      const text = readFileSync(path.join(folder, file), "utf8");
      const before = parseNotebook(git("show", `HEAD:${file}`), file);
      const now = parseNotebook(text, file);
      assert.equal(ran, codeCells(now).length);
      assert.equal(text, formatNotebook(now), "in the form that it was committed in");
      assert.deepEqual(withoutOutputs(now), withoutOutputs(before));
      assert.deepEqual(notebook.errors, []);
      await notebook.page.close();
    });
  }
});

/** A notebook with fewer pictures, epochs and steps. */
function shrunk(notebook: Notebook): Notebook {
  const cells = notebook.cells.flatMap((cell) => {
    if (cell.cell_type !== "code") return [cell];
    const source = joinText(cell.source)
      .replace(/\bepochs: \d+/g, "epochs: 1")
      .replace(/\b(train|validation|test): \d+/g, "$1: 16")
      .replace(/\bsteps: \d+/g, "steps: 2")
      .replace(/\b12000\b/g, "128")
      .replace(
        /\[trainImages, trainLabels\]/g,
        "[trainImages.slice(0, 512), trainLabels.slice(0, 512)]",
      );
    const smaller = { ...cell, source };
    return cell.metadata.tags?.includes("parameters") ? [smaller, oneEpochEach(source)] : [smaller];
  });
  return { ...notebook, cells };
}

/** The parameters that count epochs, set as `npm start -- -p NAME 1` does. */
function oneEpochEach(source: string): Cell {
  const names = [...source.matchAll(/^let (\w*epochs)\b/gim)].map(([, name]) => name);
  assert.ok(names.length > 0, "the cell tagged `parameters` declares epochs");
  return {
    cell_type: "code",
    id: "injected",
    metadata: { tags: ["injected-parameters"] },
    source: names.map((name) => `let ${name} = 1;\n`).join(""),
  };
}

function codeCells({ cells }: Notebook) {
  return cells.filter((cell) => cell.cell_type === "code" && joinText(cell.source).trim() !== "");
}

function withoutOutputs({ cells, ...rest }: Notebook) {
  return {
    ...rest,
    cells: cells.map(({ outputs: _outputs, execution_count: _count, ...cell }) => cell),
  };
}
