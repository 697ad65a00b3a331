import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { joinText, readNotebook } from "../../scripts/notebooks/compare";
import { notebooksFolder } from "../../scripts/notebooks/paths";
import {
  findBrowser,
  type JupyterLab,
  NotebookPage,
  openBrowser,
  startJupyterLab,
} from "../support/jupyterLab";
import { repositoryRoot } from "../support/python";

const name = "01-introduction-to-convnets.ipynb";

/** Code cells by what stands in them, counted from 0. */
const code = readNotebook(path.join(notebooksFolder, name)).cells.filter(
  ({ cell_type }) => cell_type === "code",
);
const cellWith = (text: string) => {
  const index = code.findIndex(({ source }) => joinText(source).includes(text));
  assert.notEqual(index, -1, text);
  return index;
};
const cells = {
  filter: 1,
  summary: cellWith("summary(model)"),
  picture: cellWith("plot.model(model)"),
  data: cellWith("[trainX, trainLabels]"),
  fit: cellWith("await fit(model"),
};

const browserPath = findBrowser();

describe("notebook 01 in JupyterLab", {
  skip: browserPath ? false : "no Chromium on this machine",
}, () => {
  let folder: string;
  let lab: JupyterLab;
  let browser: Browser;
  let notebook: NotebookPage;

  before(async () => {
    const parent = path.join(repositoryRoot, "out");
    mkdirSync(parent, { recursive: true });
    folder = mkdtempSync(path.join(parent, "lab-"));
    copyFileSync(path.join(repositoryRoot, "notebooks", name), path.join(folder, name));
    [lab, browser] = await Promise.all([startJupyterLab(folder), openBrowser(browserPath!)]);
    notebook = await NotebookPage.open(browser, lab.addressOf(name));
    await notebook.page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')");
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
    rmSync(folder, { recursive: true });
  });

  test("shows the filter, the summary, the network and the digits", async () => {
    const { filter, summary, picture, data } = cells;
    for (let cell = 0; cell <= data; cell++) {
      await notebook.run(cell);
      // At once: JupyterLab takes out of the page what is far from being seen.
      if ([filter, picture, data].includes(cell)) {
        await notebook.output(cell).locator("img").first().waitFor();
      }
      if (cell === summary) {
        assert.match((await notebook.output(cell).textContent()) ?? "", /104,202/);
      }
    }
  });

  test("trains in one output, which the stop button ends", async () => {
    await notebook.start(cells.fit);
    const output = notebook.output(cells.fit);
    await output.locator("pre", { hasText: /loss: \d/ }).waitFor();
    assert.match((await output.textContent()) ?? "", /^Epoch 1\/5\s+\d+\/938 /);
    await notebook.screenshot("training");
    await notebook.page.locator('[data-command="notebook:interrupt-kernel"]').first().click();
    await notebook.prompt(cells.fit, /\[\d+\]/);
    assert.match((await output.textContent()) ?? "", /Interrupted/);
    assert.deepEqual(notebook.errors, []);
  });
});
