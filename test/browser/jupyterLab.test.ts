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
const images = tf.randomUniform([64, 28, 28, 1]);
const labels = tf.randomUniform([64], 0, 10, "int32").toFloat();
await showImages(images, { limit: 8, labels: labels.dataSync().slice(0, 8) });
show(model);`,
  `await fit(model, [images, labels], { epochs: 100000, batchSize: 8, verbose: 1 });`,
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
    const plot = notebook.output(1).locator(".js-plotly-plot");
    await plot.locator(".scatterlayer .trace").first().waitFor();
    assert.equal(await plot.locator(".scatterlayer .trace").count(), 6);
    await plot.locator(".scatterlayer .point").first().hover({ force: true });
    await plot.locator(".hoverlayer .hovertext").first().waitFor();
    assert.match(await plot.locator(".hoverlayer").innerText(), /epoch 1: 0\.7/);
    await notebook.screenshot("figure");
  });

  test("shows images and a model's table", async () => {
    await notebook.run(2);
    const picture = notebook.output(2).locator("img");
    assert.equal(await picture.getAttribute("width"), "656");
    assert.match(
      await notebook.output(2).locator("table").innerText(),
      /conv2d.*\(None, 26, 26, 4\)/s,
    );
  });

  test("moves the progress of fit, and the stop button stops it", async () => {
    await notebook.start(3);
    const line = notebook.output(3).locator("pre").first();
    await line.waitFor({ timeout: 60_000 });
    const first = await line.innerText();
    await notebook.page.waitForFunction(
      `document.querySelectorAll(".jp-Notebook .jp-CodeCell")[3].querySelector(".jp-OutputArea pre").innerText !== ${JSON.stringify(first)}`,
    );
    await notebook.screenshot("progress");
    await notebook.page.locator('[data-command="notebook:interrupt-kernel"]').first().click();
    await notebook.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").waitFor();
    assert.match(await notebook.output(3).innerText(), /[Ii]nterrupted/);
    await notebook.screenshot("stopped");
    // The kernel has survived and is free: the next cell answers.
    await notebook.run(4);
    await notebook.output(4).locator(".js-plotly-plot .heatmaplayer image").waitFor();
  });

  test("is legible in both themes", async () => {
    await notebook.cell(1).scrollIntoViewIfNeeded();
    await notebook.setTheme("JupyterLab Dark");
    await notebook.screenshot("dark");
    await notebook.setTheme("JupyterLab Light");
    await notebook.screenshot("light");
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
