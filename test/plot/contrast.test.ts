import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { plot, tf } from "../../lib/index";
import { contrast, hexOf, intensityScale, mixScale, textColorOn } from "../../lib/plot/color";
import { plotlyScales } from "../../lib/plot/plotlyColors";
import { onPaper, plate, sequentialScale } from "../../lib/plot/style";
import { temporaryFolder } from "../support/temporaryFolder";

/** What the WCAG ask of text of usual size (AA). */
const least = 4.5;

function assertLegible(text: string, ground: string, where: string): void {
  const reached = contrast(text, ground);
  assert.ok(reached >= least, `${where}: ${text} on ${ground} has a contrast of ${reached}`);
}

/** The colours of the texts of an SVG, with what they say. */
function textsOf(svg: string): { color: string; text: string }[] {
  return [...svg.matchAll(/<text[^>]*>[^<]*/g)].map(([tag]) => {
    const color = /(?:fill="|fill:\s*)([^";]+)/.exec(tag)?.[1] ?? "#000000";
    return { color: hexOf(color) ?? color, text: tag.replace(/<[^>]*>/, "") };
  });
}

test("contrast() is that of the WCAG", () => {
  assert.equal(contrast("#ffffff", "#000000"), 21);
  assert.equal(contrast("#777777", "#777777"), 1);
  assert.equal(contrast("#ffffff", "#767676").toFixed(2), "4.54");
});

test("text on any colour of a scale is black or white, and legible", () => {
  for (const scale of [sequentialScale, intensityScale, ...Object.values(plotlyScales)]) {
    for (let i = 0; i <= 100; i++) {
      const ground = mixScale(scale, i / 100);
      assertLegible(textColorOn(ground), ground, "a cell");
    }
  }
});

test("text in pictures stands on plates that it is legible on, whatever the page's colour", () => {
  const { text, ...grounds } = plate;
  for (const [name, ground] of Object.entries(grounds)) assertLegible(text, ground, name);
});

describe("every text of a static figure is legible on its ground", () => {
  const history = { loss: [2, 1], val_loss: [2, 1], accuracy: [0, 1] };
  const figures: Record<string, plot.Figure> = {
    history: plot.history({ history }),
    "history of two runs": plot.history([{ history }, { history }]),
    line: plot.line({ a: [1, 2], b: [2, 3] }, { title: "t", xTitle: "x", yTitle: "y" }),
    bar: plot.bar({ a: 1, b: 2 }, { title: "t", yTitle: "y" }),
    histogram: plot.histogram([1, 2, 3], { title: "t" }),
    "what can't be drawn": plot.figure({ data: [{ type: "pie", values: [1] }, { y: [1, 2] }] }),
    "nothing that can be drawn": plot.figure({ data: [{ type: "pie", values: [1] }] }),
    "a scale": plot.figure({ data: [{ type: "heatmap", z: [[1, 2]] }] }),
  };
  for (const [name, figure] of Object.entries(figures)) {
    test(name, () => {
      const texts = textsOf(figure.toSvg());
      assert.ok(texts.length > 0);
      for (const { color, text } of texts) assertLegible(color, onPaper.background, `“${text}”`);
    });
  }
});

test("a drawing inside a page has every text in the page's colour, and no ground of its own", () => {
  const { history } = { history: { loss: [2, 1], val_loss: [2, 1] } };
  for (const runs of [{ history }, [{ history }, { history }]]) {
    const html = plot.history(runs).toDrawing()["text/html"] as string;
    const texts = textsOf(html);
    assert.ok(texts.length > 0);
    for (const { color, text } of texts) assert.equal(color, "currentColor", text);
    assert.doesNotMatch(html, /fill="(#fff|#ffffff|white)"/);
  }
});

test("an interactive figure has every text outside its cells in the page's colour", () => {
  const history = { loss: [2, 1], val_loss: [2, 1] };
  for (const figure of [
    plot.history({ history }),
    plot.history([{ history }, { history }]),
    plot.line({ a: [1, 2], b: [2, 3] }, { title: "t", xTitle: "x", yTitle: "y" }),
    plot.confusionMatrix([0, 1], [0, 1]),
    plot.figure({ data: [{ y: [1, 2] }, { y: [2, 1] }], layout: { title: { text: "t" } } }),
    plot.figure({ data: [{ type: "heatmap", z: [[1, 2]] }] }),
  ]) {
    const { bundle } = figure.toBundle();
    const shown = bundle["application/vnd.plotly.v1+json"] as {
      data: plot.Trace[];
      layout: plot.Layout;
    };
    const { title, annotations = [] } = shown.layout;
    const axes = Object.entries(shown.layout).filter(([name]) => /^[xy]axis/.test(name));
    assert.ok(axes.length >= 2);
    const texts = [
      title?.text,
      title?.subtitle?.text,
      ...annotations.map(({ text }) => text),
      ...axes.flatMap(([, axis]) => [
        (axis as { title?: { text: string } }).title?.text,
        `${(axis as { tickprefix: string }).tickprefix}1</span>`,
      ]),
      ...(shown.data.length > 1
        ? shown.data.filter(({ showlegend = true }) => showlegend).map(({ name }) => name)
        : []),
    ];
    for (const text of texts) {
      if (text !== undefined) assert.match(text, /^<span style="color:currentColor">.+<\/span>$/);
    }
  }
});

test("a drawn model has all its text in the colour that is legible on its boxes", async () => {
  using folder = temporaryFolder();
  const inner = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  const model = tf.sequential({ layers: [inner] });
  await plot.model(model, { expandNested: true }).toSvg(folder.join("model.svg"));
  const texts = textsOf(await readFile(folder.join("model.svg"), "utf8"));
  assert.ok(texts.length > 4);
  for (const { color, text } of texts) assert.equal(color, plate.text, text);
  model.dispose();
});
