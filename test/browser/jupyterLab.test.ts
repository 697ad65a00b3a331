import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import {
  findBrowser,
  type JupyterLab,
  NotebookPage,
  openBrowser,
  startJupyterLab,
} from "../support/jupyterLab";
import { repositoryRoot } from "../support/python";

const cells = [
  `import { fit, plot, show, showImages, tf } from "convnets";`,
  `plot.history({
  history: {
    loss: [0.7, 0.5, 0.38, 0.3, 0.24, 0.2], val_loss: [0.65, 0.52, 0.45, 0.43, 0.46, 0.5],
    accuracy: [0.55, 0.7, 0.79, 0.85, 0.9, 0.93], val_accuracy: [0.6, 0.7, 0.78, 0.8, 0.81, 0.79],
  },
})`,
  `const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 4, kernelSize: 3, activation: "relu" }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 10, activation: "softmax" }),
  ],
});
model.compile({ optimizer: "rmsprop", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
const images = tf.randomUniform([4096, 28, 28, 1]);
const labels = tf.randomUniform([4096], 0, 10, "int32").toFloat();
await showImages(images, { limit: 8, labels: labels.dataSync().slice(0, 8) });
show(model);`,
  `await fit(model, [images, labels], { epochs: 20, batchSize: 8 });`,
  `const slowly = { onEpochEnd: () => new Promise<void>((done) => setTimeout(done, 250)) };
const options = { epochs: 40, callbacks: slowly, livePlot: true, verbose: 0 } as const;
const run = await fit(model, [images.slice(0, 64), labels.slice(0, 64)], options);`,
  `plot.confusionMatrix([0, 0, 1, 1], [0, 1, 1, 1], { classNames: ["cat", "dog"] })`,
];

const browserPath = findBrowser();

describe("a notebook in JupyterLab", {
  skip: browserPath ? false : "no Chromium on this machine",
}, () => {
  let folder: string;
  let lab: JupyterLab;
  let browser: Browser;
  let notebook: NotebookPage;

  before(async () => {
    // Inside the repository, so that a cell's import finds the library.
    const parent = path.join(repositoryRoot, "out");
    mkdirSync(parent, { recursive: true });
    folder = mkdtempSync(path.join(parent, "lab-"));
    writeFileSync(path.join(folder, "sample.ipynb"), JSON.stringify(sampleNotebook()));
    [lab, browser] = await Promise.all([startJupyterLab(folder), openBrowser(browserPath!)]);
    notebook = await NotebookPage.open(browser, lab.addressOf("sample.ipynb"));
    await notebook.run(0);
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
    rmSync(folder, { recursive: true });
  });

  test("draws a figure with Plotly, which answers to the mouse", async () => {
    await notebook.run(1);
    const figure = notebook.output(1).locator(".js-plotly-plot");
    await figure.waitFor();
    const traces = figure.locator(".scatterlayer .trace");
    assert.equal(await traces.count(), 6);
    await figure.locator(".scatterlayer .point").first().hover({ force: true });
    await figure.locator(".hoverlayer .hovertext", { hasText: "epoch 1: 0.7" }).waitFor();
    await notebook.screenshot("figure");
  });

  test("shows images and a model's table", async () => {
    await notebook.run(2);
    const picture = notebook.output(2).locator("img");
    assert.equal(await picture.getAttribute("width"), "618");
    assert.match(
      (await picture.getAttribute("alt")) ?? "",
      /^the first 8 of 4,096 images, 28 × 28: /,
    );
    await notebook.output(2).locator("table tr", { hasText: "(None, 26, 26, 4)40" }).waitFor();
  });

  test("moves the progress of fit, and the stop button stops it", async () => {
    await notebook.start(3);
    const progress = notebook.output(3).locator("pre", { hasText: /loss: \d/ });
    await progress.first().waitFor({ timeout: 60_000 });
    const texts = new Set<string | null>();
    while (texts.size < 3) texts.add(await notebook.output(3).textContent());
    await notebook.screenshot("progress");
    await notebook.page.locator('[data-command="notebook:interrupt-kernel"]').first().click();
    await notebook.prompt(3, /\[\d+\]/);
    assert.match((await notebook.output(3).textContent()) ?? "", /[Ii]nterrupted/);
    await notebook.screenshot("stopped");
    // The kernel has survived and is free: the next cell answers.
    await notebook.run(5);
    await notebook.output(5).locator(".js-plotly-plot .heatmaplayer image").waitFor();
  });

  test("moves the curves of a fit, which become an interactive figure", async () => {
    await notebook.start(4);
    const figure = notebook.output(4).locator(".js-plotly-plot");
    const drawings = new Set<string | null>();
    while (!(await figure.isVisible())) {
      const picture = notebook.output(4).locator("[role=img]");
      if (await picture.isVisible()) {
        drawings.add(await picture.innerHTML({ timeout: 1000 }).catch(() => null));
        if (drawings.size === 3) await notebook.screenshot("curves");
      }
      await notebook.page.waitForTimeout(50);
    }
    drawings.delete(null);
    assert.ok(drawings.size >= 5, `${drawings.size} drawings`);
    await notebook.prompt(4, /\[\d+\]/);
    const points = figure.locator(".scatterlayer .trace").first().locator(".point");
    assert.equal(await points.count(), 40, "a point for each epoch");
  });

  test("is legible in both themes", async () => {
    for (const theme of ["Dark", "Light"] as const) {
      await notebook.setTheme(`JupyterLab ${theme}`);
      await notebook.cell(1).scrollIntoViewIfNeeded();
      // What was out of sight is drawn anew.
      await notebook.output(1).locator(".js-plotly-plot .xtitle").first().waitFor();
      await notebook.screenshot(theme.toLowerCase());
      const { text, contrast } = await notebook.leastContrast(1, ".js-plotly-plot .main-svg text");
      assert.ok(contrast >= 4.5, `“${text}” has a contrast of ${contrast} in the ${theme} theme`);
    }
  });

  test("writes no error to the browser's console", () => {
    assert.deepEqual(notebook.errors, []);
  });
});

function sampleNotebook(): object {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: "tslab", display_name: "TypeScript (tslab)", language: "typescript" },
    },
    cells: cells.map((source, index) => ({
      id: `cell-${index}`,
      cell_type: "code",
      execution_count: null,
      metadata: {},
      outputs: [],
      source,
    })),
  };
}
