import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Kernel, startKernel } from "../support/kernel";

let kernel: Kernel;
before(async () => {
  kernel = await startKernel();
  const { status, stderr } = await kernel.run(
    `import { plot, show, showImages, tf } from "convnets";`,
  );
  assert.equal(status, "ok", stderr);
});
after(() => kernel.stop());

/** The mime types of everything a cell displayed. */
async function mimeTypes(code: string): Promise<string[][]> {
  const { messages, status, stderr } = await kernel.run(code);
  assert.equal(status, "ok", stderr);
  return messages
    .filter(({ content }) => content.data !== undefined)
    .map(({ content }) => Object.keys(content.data as object).sort());
}

test("the declarations load under tslab's TypeScript and catch a wrong option in the cell", async () => {
  const { status, stderr } = await kernel.run(`plot.line([1, 2], { titel: "x" })`);
  assert.equal(status, "error");
  assert.match(stderr, /'titel' does not exist in type 'XyOptions'.*'title'/);
});

test("completion offers the plots and their options", async () => {
  const names = await kernel.complete("plot.");
  for (const name of ["confusionMatrix", "featureMaps", "histogram", "history", "model"]) {
    assert.ok(names.includes(name), name);
  }
  assert.deepEqual(await kernel.complete("plot.history({ history: {} }, { "), [
    "height",
    "metrics",
    "names",
    "title",
  ]);
});

test("inspection shows signature and description", async () => {
  const text = await kernel.inspect("showImages");
  assert.match(text, /showImages\(source: ImageSource, options\?: ImagesOptions\): Promise<void>/);
  assert.match(text, /Shows images in a grid/);
});

test("a figure as a cell's last expression is shown, interactive and as a picture", async () => {
  assert.deepEqual(await mimeTypes("plot.line([1, 2, 3])"), [
    ["application/vnd.plotly.v1+json", "text/html", "text/plain"],
  ]);
});

test("a figure inside another value is not shown, but printed as its text", async () => {
  const { messages, stdout } = await kernel.run("[plot.line([1, 2, 3])]");
  assert.equal(messages.filter(({ type }) => type === "display_data").length, 0);
  assert.match(stdout, /scatter: 3 points from 1 to 3/);
});

test("show() draws a history, tabulates a model and lists a dataset's elements", async () => {
  assert.deepEqual(await mimeTypes("show({ history: { loss: [2, 1] } })"), [
    ["application/vnd.plotly.v1+json", "text/html", "text/plain"],
  ]);
  assert.deepEqual(
    await mimeTypes(
      "show(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }))",
    ),
    [["text/html", "text/plain"]],
  );
  const { messages } = await kernel.run(
    "await show(tf.data.array([1, 2]).map((x) => ({ xs: tf.ones([2, x]), ys: tf.scalar(x) })))",
  );
  assert.deepEqual(messages[0]!.content.data, {
    "text/plain":
      "Dataset of 2 elements\nelement: { xs: Tensor(float32, [2, 1]), ys: Tensor(float32, []) }",
  });
});

test("showImages() shows one picture of twice its size on the page, with words for it", async () => {
  const { messages } = await kernel.run("await showImages(tf.zeros([3, 28, 28, 1]))");
  const { "text/html": html } = messages[0]!.content.data as Record<string, string>;
  const [, base64, attributes] = /^<img src="data:image\/png;base64,(.*?)" (.*)>$/s.exec(html!)!;
  assert.equal(attributes, 'width="228" height="72" alt="3 images, 28 × 28"');
  const png = Buffer.from(base64!, "base64");
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [456, 144]);
});

test("a picture that is being drawn is shown in its own cell, awaited or not, and printed nowhere", async () => {
  const image = "plot.images(tf.zeros([1, 8, 8, 1]))";
  for (const source of [
    image,
    `${image}.show()`,
    `await ${image}.show()`,
    `await show(${image})`,
  ]) {
    const { messages, stdout } = await kernel.run(source);
    const shown = messages.filter(({ type }) => type === "display_data");
    assert.deepEqual(
      shown.map(({ content }) => (content.data as Record<string, string>)["text/plain"]),
      ["1 image, 8 × 8"],
      source,
    );
    assert.equal(stdout, "", source);
  }
});

test("a live plot is a picture that is replaced, and ends as the interactive figure", async () => {
  const { messages } = await kernel.run(`
    {
      const live = plot.openLivePlot();
      const history: Record<string, number[]> = { loss: [2] };
      live.update({ history });
      for (let epoch = 0; epoch < 50; epoch++) {
        history.loss.push(1 / (epoch + 1));
        live.update({ history });
      }
      live.finish();
      live.update({ history });
    }`);
  assert.deepEqual(
    messages.map(({ type, content }) => [type, Object.keys(content.data as object)]),
    [
      ["display_data", ["text/html", "text/plain"]],
      ["update_display_data", ["application/vnd.plotly.v1+json", "text/plain", "text/html"]],
    ],
  );
  const last = messages.at(-1)!.content.data as Record<string, { data: { y: number[] }[] }>;
  assert.equal(last["application/vnd.plotly.v1+json"]!.data[0]!.y.length, 51);
});
