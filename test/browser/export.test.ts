import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { executeNotebook } from "../../scripts/notebooks/execute";
import { findBrowser, openBrowser } from "../support/jupyterLab";
import { repositoryRoot } from "../support/python";

const figures = [
  `import { plot } from "convnets";
plot.history({ history: { loss: [0.7, 0.5, 0.38], val_loss: [0.65, 0.52, 0.45] } }).show();`,
  `plot.line({ accuracy: [0.9, 0.8, 0.4] }, { xTitle: "shift", title: "Shifted digits" }).show();`,
  `plot.confusionMatrix([0, 0, 1, 1], [0, 1, 1, 1], { classNames: ["cat", "dog"] }).show();`,
];

const browserPath = findBrowser();

describe("the HTML page of a notebook", {
  skip: browserPath ? false : "no Chromium on this machine",
}, () => {
  test("shows every figure as a picture where scripts are off", async () => {
    const parent = path.join(repositoryRoot, "out");
    mkdirSync(parent, { recursive: true });
    const folder = mkdtempSync(path.join(parent, "export-"));
    const browser = await openBrowser(browserPath!);
    try {
      const file = path.join(folder, "figures.ipynb");
      writeFileSync(file, JSON.stringify(notebook()));
      const html = path.join(folder, "figures.html");
      const { failure } = await executeNotebook(file, {
        saveAs: path.join(folder, "run.ipynb"),
        html,
      });
      assert.equal(failure, undefined);
      const context = await browser.newContext({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(pathToFileURL(html).href);
      const pictures = page.locator(".jp-OutputArea img");
      assert.equal(await pictures.count(), figures.length);
      for (const picture of await pictures.all()) {
        assert.ok(await picture.isVisible());
        const width = await picture.evaluate(
          (image) => (image as unknown as { naturalWidth: number }).naturalWidth,
        );
        assert.ok(width > 0, `${width} pixels wide`);
      }
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true });
    }
  });
});

function notebook(): object {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: "tslab", display_name: "TypeScript (tslab)", language: "typescript" },
    },
    cells: figures.map((source, index) => ({
      id: `cell-${index}`,
      cell_type: "code",
      execution_count: null,
      metadata: {},
      outputs: [],
      source,
    })),
  };
}
