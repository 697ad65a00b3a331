import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { plot, tf } from "../../lib/index";
import { rasterize } from "../../lib/plot/raster";
import { drawFigure } from "../../lib/plot/staticFigure";
import { assertLooksLike, assertMatchesJson } from "../support/fixtures";
import { writtenBy } from "../support/printed";
import { temporaryFolder } from "../support/temporaryFolder";

const epoch = [0, 1, 2, 3, 4, 5];
const run = {
  epoch,
  history: {
    loss: [0.7, 0.5, 0.38, 0.3, 0.24, 0.2],
    accuracy: [0.55, 0.7, 0.79, 0.85, 0.9, 0.93],
    val_loss: [0.65, 0.52, 0.45, 0.43, 0.46, 0.5],
    val_accuracy: [0.6, 0.7, 0.78, 0.8, 0.81, 0.79],
    lr: [1e-3, 1e-3, 1e-3, 1e-4, 1e-4, 1e-4],
  },
};
const regularized = {
  epoch,
  history: {
    loss: [0.72, 0.56, 0.47, 0.41, 0.37, 0.34],
    accuracy: [0.53, 0.67, 0.74, 0.79, 0.83, 0.85],
    val_loss: [0.66, 0.54, 0.46, 0.42, 0.4, 0.39],
    val_accuracy: [0.59, 0.69, 0.76, 0.8, 0.82, 0.83],
  },
};

const figures = {
  history: () => plot.history(run),
  "history-of-two-runs": () =>
    plot.history([run, regularized], { names: ["plain", "dropout"], title: "Dropout" }),
  "history-without-validation": () => plot.history({ history: { loss: [3, 2, 1] } }),
  "confusion-matrix": () =>
    plot.confusionMatrix([0, 0, 0, 1, 1, 1, 2, 2], [0, 0, 1, 1, 1, 1, 2, 0], {
      classNames: ["cat", "dog", "fish"],
    }),
  "confusion-matrix-of-counts": () =>
    plot.confusionMatrix(
      [
        [40, 10],
        [5, 45],
      ],
      { normalize: false, title: "Counts" },
    ),
  histogram: () =>
    plot.histogram(
      { weights: [-1, -0.4, -0.2, 0, 0.1, 0.1, 0.3, 1], biases: [0, 0.5, 0.5] },
      { bins: 4, title: "Parameters", xTitle: "value" },
    ),
  line: () =>
    plot.line(
      { eager: [29.4, 28.9, 30.1], graph: [9.1, 9.0, 9.3] },
      { xTitle: "step", yTitle: "time (ms)" },
    ),
  "line-on-a-logarithmic-axis": () =>
    plot.line([1, 10, 100, 1000], { x: [0, 5, 10, 20], logY: true }),
  scatter: () =>
    plot.scatter([3, 1, 2], { x: [0.1, 0.2, 0.4], title: "Points", xTitle: "x", yTitle: "y" }),
  bar: () =>
    plot.bar(
      { "with pooling": 104202, "without pooling": 712202 },
      { title: "Parameters", yTitle: "parameters" },
    ),
};

for (const [name, draw] of Object.entries(figures)) {
  test(`plot: ${name} has the specification and the look of its fixture`, async () => {
    const figure = draw();
    assertMatchesJson(__dirname, name, { ...figure.toJSON(), text: figure.text.split("\n") });
    await assertLooksLike(__dirname, name, rasterize(figure.toSvg()));
  });
}

test("plot.history() rings the best epoch of each metric: least loss, greatest accuracy", () => {
  const best = plot.history(run).data.filter(({ name }) => name === "best epoch");
  assert.deepEqual(
    best.map(({ x, y }) => [x, y]),
    [
      [[4], [0.43]],
      [[5], [0.81]],
    ],
  );
});

test("plot.history() skips values that are no numbers when it looks for the best epoch", () => {
  const figure = plot.history({ history: { loss: [Number.NaN, 2, 3] } });
  assert.match(figure.text, /best 2 at epoch 2/);
});

test("plot.history() marks the epoch that is best for the metric, and none where its name says nothing", () => {
  const textOf = (name: string) => plot.history({ history: { [name]: [-0.2, -0.9, -0.5] } }).text;
  assert.match(textOf("cosine"), /best -0\.9 at epoch 2/);
  assert.match(textOf("pictures_cosine"), /best -0\.9 at epoch 2/);
  assert.match(textOf("cosine_similarity"), /best -0\.2 at epoch 1/);
  assert.match(textOf("digits_accuracy"), /best -0\.2 at epoch 1/);
  assert.doesNotMatch(textOf("distance"), /best/);
  const figure = plot.history({ history: { cosine: [0, 0], val_cosine: [-0.9, -0.2] } });
  assert.match(figure.text, /best -0\.9 at epoch 1/);
});

test("plot.history() refuses a history without metrics and a wrong number of names", () => {
  assert.throws(() => plot.history({ history: {} }), /`history` must be .* at least one metric/);
  assert.throws(() => plot.history([run, run], { names: ["one"] }), /`names` must be 2 names/);
  // @ts-expect-error: a typing error in an option's name
  const misspelt = () => plot.history(run, { tittle: "x" });
  assert.throws(misspelt, /plot\.history\(\) has no option `tittle`/);
});

test("plot.confusionMatrix() takes tensors, leaves them and counts what it was given", () => {
  const labels = tf.tensor1d([0, 1, 1], "int32");
  const predictions = tf.tensor1d([0, 1, 0], "int32");
  const before = tf.memory().numTensors;
  assert.match(plot.confusionMatrix(labels, predictions).text, /accuracy 66\.7 %/);
  assert.equal(tf.memory().numTensors, before);
  tf.dispose([labels, predictions]);
});

test("plot.confusionMatrix() refuses probabilities and lists of different length", () => {
  assert.throws(() => plot.confusionMatrix([0, 1], [0.2, 0.9]), /class numbers.*0\.2/);
  assert.throws(() => plot.confusionMatrix([0, 1], [0]), /2 class numbers, one for each label/);
});

test("plot.histogram() counts every value once, the greatest in the last bin", () => {
  const [trace] = plot.histogram([0, 1, 2, 3, 4, 4], { bins: 4 }).data;
  assert.deepEqual(trace!.y, [1, 1, 1, 3]);
  assert.throws(() => plot.histogram([]), /at least one finite number/);
});

test("the picture of a bar chart names every bar, in two lines where one is too long", () => {
  const names = [
    "from scratch",
    "augmented",
    "VGG16 features",
    "MobileNetV2 features",
    "fine-tuned",
  ];
  const { data, layout } = plot.bar(
    Object.fromEntries([...names, "frozen, augmented"].map((name, i) => [name, i])),
  );
  const svg = drawFigure(data, layout);
  for (const word of new Set(names.flatMap((name) => name.split(" ")))) {
    assert.match(svg, new RegExp(`>[^<]*${word}[^<]*</text>`));
  }
});

test("a shown figure is one bundle: Plotly's specification, a picture at twice its size, a text", async () => {
  const figure = plot.line([1, 2, 3], { title: "Rising" });
  const { bundle } = figure.toBundle();
  assert.deepEqual(Object.keys(bundle).sort(), [
    "application/vnd.plotly.v1+json",
    "text/html",
    "text/plain",
  ]);
  assert.equal(bundle["text/plain"], "Rising\nscatter: 3 points from 1 to 3");
  const [, base64, attributes] = /^<img src="data:image\/png;base64,(.*?)" (.*)>$/s.exec(
    bundle["text/html"] as string,
  )!;
  assert.equal(attributes, `width="760" height="400" alt="${bundle["text/plain"]}"`);
  const { width, height } = await sharp(Buffer.from(base64!, "base64")).metadata();
  assert.deepEqual([width, height], [1520, 800]);
});

test("a shown figure has its texts in the page's colour, and its own specification stays as it is", () => {
  const figure = plot.line({ a: [1, 2], b: [2, 1] }, { title: "Crossing", xTitle: "step" });
  const before = JSON.stringify(figure);
  const shown = figure.toBundle().bundle["application/vnd.plotly.v1+json"] as plot.PlotlyFigure;
  const inColor = (text: string) => `<span style="color:currentColor">${text}</span>`;
  const { title, xaxis } = shown.layout as plot.Layout;
  assert.equal(title?.text, inColor("Crossing"));
  assert.equal(xaxis?.title?.text, inColor("step"));
  assert.equal(`${xaxis?.tickprefix}5${xaxis?.ticksuffix}`, inColor("5"));
  assert.deepEqual(
    (shown.data as plot.Trace[]).map(({ name }) => name),
    [inColor("a"), inColor("b")],
  );
  assert.equal(JSON.stringify(figure), before);
  assert.doesNotMatch(before, /currentColor/);
});

test("a figure of a kind that is only Plotly's says its kind where no text is given", () => {
  const pie = { type: "pie", labels: ["cats", "dogs"], values: [3, 2] };
  const figure = plot.figure({ data: [pie, { ...pie, name: "last year" }] });
  assert.equal(figure.text, "Figure\npie\nlast year");
});

test("a figure of another kind than can be drawn here says so in the picture's place", () => {
  const pie = { type: "pie", labels: ["a"], values: [1], name: "all" };
  const figure = plot.figure({ data: [pie], layout: { title: { text: "Shares" } } });
  const { bundle } = figure.toBundle();
  assert.deepEqual(bundle["application/vnd.plotly.v1+json"], figure.toJSON());
  assert.match(bundle["text/html"] as string, /^<img .*alt="Shares\nall">$/s);
  assert.match(figure.toSvg(), />Shares<.*Shown only where the figure is interactive: pie “all”</);
  const mixed = plot.figure({ data: [pie, { y: [1, 2], error_y: { value: 1 } }] }).toSvg();
  assert.match(mixed, /interactive: pie “all”, the error bars of “trace 1”</);
  assert.match(mixed, /<path/);
});

test("toHtml() writes a page with Plotly inside and leaves no partial file", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "convnets-figure-"));
  try {
    await plot.line([1, 2], { title: "</script> & co" }).toHtml(path.join(folder, "figure.html"));
    assert.deepEqual(await readdir(folder), ["figure.html"]);
    const page = await readFile(path.join(folder, "figure.html"), "utf8");
    assert.match(page, /plotly\.js v4\.1\.1/);
    assert.equal(page.match(/<\/script>/g)?.length, 2);
    assert.doesNotMatch(page, /<script[^>]+src=/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("plotly.js-dist is the version that JupyterLab's extension was built with", async (t) => {
  const extension = path.resolve(
    __dirname,
    "../../../.venv/share/jupyter/labextensions/jupyterlab-plotly/package.json",
  );
  const text = await readFile(extension, "utf8").catch(() => undefined);
  if (text === undefined) return t.skip("no .venv");
  const { version } = require("plotly.js-dist/package.json") as { version: string };
  assert.equal(
    version,
    (JSON.parse(text) as { dependencies: Record<string, string> }).dependencies["plotly.js"],
  );
});

test("titles of the static picture show what Plotly shows: unknown tags are text, known ones styles", () => {
  const shown: [text: string, plain: string][] = [
    ["p < 0.05 and q > 1", "p &lt; 0.05 and q &gt; 1"],
    ["the <unit> of x", "the &lt;unit&gt; of x"],
    ["<b>bold</b>, <SPAN style='color:red'>red</SPAN> and x<sup>2</sup>", "bold, red and x2"],
    ["one<br>two<br/>three", "one two three"],
    ["&lt;b&gt; &amp; &#956;&times;&unknown;", "&lt;b&gt; &amp; μ×&amp;unknown;"],
  ];
  for (const [text, plain] of shown) {
    for (const layout of [
      { title: { text } },
      { xaxis: { title: { text } } },
      { yaxis: { title: { text } } },
    ]) {
      const svg = drawFigure([{ type: "scatter", mode: "lines", x: [1, 2], y: [1, 2] }], layout);
      assert.ok(svg?.includes(`>${plain}<`), `${text} in ${svg}`);
    }
  }
});

test("a figure takes titles and names in each form that Plotly's code has, in every format", async () => {
  using folder = temporaryFolder();
  const font = { size: 20 };
  const data = [
    { name: 5, y: [1, 2] },
    { type: "heatmap", z: [[1, 2]], colorbar: { title: "share" } },
    { y: [2, 1], name: null, marker: { color: [1, 2], colorbar: { title: "x" } } },
  ];
  const layouts = {
    texts: { title: "My run", xaxis: { title: "epoch" }, yaxis: { title: 2 } },
    "nothing but fonts": {
      title: { font, subtitle: { font } },
      xaxis: { title: { font } },
      annotations: [{ x: 1, y: 1, showarrow: false }],
    },
    "nothing at all": { title: null, xaxis: { title: null }, annotations: [{ text: 7 }] },
    subtitle: { title: { text: "My run", subtitle: "of many" } },
  };
  for (const [name, layout] of Object.entries(layouts)) {
    const figure = plot.figure({ data, layout });
    assert.equal(/>My run</.test(figure.toSvg()), name === "texts" || name === "subtitle", name);
    const { bundle } = figure.toBundle();
    const shown = JSON.stringify(bundle["application/vnd.plotly.v1+json"]);
    assert.match(shown, /"name":"<span style=[^>]*>5</);
    assert.match(shown, /"title":\{"text":"<span style=[^>]*>share</);
    assert.doesNotMatch(shown, /undefined|null/);
    await figure.toPng(folder.join(`${name}.png`));
    assert.match(await writtenBy(async () => figure.show()), /5: 2 points/);
  }
  const { layout } = plot.figure({ data, layout: layouts.texts });
  assert.deepEqual([layout.title?.text, layout.yaxis?.title], ["My run", { text: "2" }]);
});
