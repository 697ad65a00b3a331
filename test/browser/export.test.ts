import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { executeNotebook } from "../../scripts/notebooks/execute";
import { findBrowser, openBrowser } from "../support/jupyterLab";
import { repositoryRoot, runPython } from "../support/python";

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
      assert.equal(await visiblePictures(browser, html), figures.length);
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true });
    }
  });

  const folder = path.join(repositoryRoot, "notebooks");
  for (const name of readdirSync(folder).filter((file) => /^\d\d-.*\.ipynb$/.test(file))) {
    if (name.endsWith("-changed.ipynb")) continue;
    test(`of ${name} shows every figure as a picture where scripts are off`, async () => {
      const file = path.join(folder, name);
      const target = mkdtempSync(path.join(os.tmpdir(), "export-"));
      const browser = await openBrowser(browserPath!);
      try {
        const html = path.join(target, "page.html");
        const scripts = path.join(repositoryRoot, "scripts/notebooks");
        await runPython(exportProgram, [scripts, file, html]);
        const expected = picturesIn(file);
        assert.ok(expected > 0);
        assert.equal(await visiblePictures(browser, html), expected);
      } finally {
        await browser.close();
        rmSync(target, { recursive: true });
      }
    });
  }
});

/** Opens a page with scripts off and counts its output pictures; each must be visible. */
async function visiblePictures(browser: Browser, html: string): Promise<number> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(pathToFileURL(html).href);
  const pictures = await page.locator(".jp-OutputArea img").all();
  for (const picture of pictures) {
    assert.ok(await picture.isVisible());
    const width = await picture.evaluate(
      (image) => (image as unknown as { naturalWidth: number }).naturalWidth,
    );
    assert.ok(width > 0, `${width} pixels wide`);
  }
  return pictures.length;
}

/** Writes the page of a notebook as it lies there, as `npm start` does after executing it. */
const exportProgram = `
import pathlib, sys, nbformat
sys.path.insert(0, sys.argv.pop(1))
from export_page import export_html
source, target = map(pathlib.Path, sys.argv[1:])
export_html(nbformat.read(source, as_version=4), source.parent, source.stem, target)
`;

/** How many outputs of a notebook have a picture: a figure's or an image of its own. */
function picturesIn(file: string): number {
  const { cells } = JSON.parse(readFileSync(file, "utf8")) as {
    cells: { outputs?: { data?: Record<string, unknown> }[] }[];
  };
  const outputs = cells.flatMap((cell) => cell.outputs ?? []);
  return outputs.filter(
    ({ data = {} }) =>
      Object.keys(data).some((type) => type.startsWith("image/")) ||
      String(data["text/html"]).includes("<img"),
  ).length;
}

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
