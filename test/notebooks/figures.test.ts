import assert from "node:assert/strict";
import { describe, it } from "node:test";
import sharp from "sharp";
import { type Cell, compareNotebooks } from "../../scripts/notebooks/compare";
import { allowing, codeCell, display, notebookOf } from "./build";

/** What differs between two displays of one mime type; the first line says what, then expected and actual. */
async function differences(
  mime: string,
  committed: unknown,
  now: unknown,
  metadata: Cell["metadata"] = {},
) {
  const notebook = (content: unknown) =>
    notebookOf(codeCell([display({ [mime]: content })], metadata));
  return compareNotebooks(notebook(committed), notebook(now));
}

/** A plot of 320 × 240 pixels: a curve of dots through the given heights, and a title. */
function plot(heights: number[], { title = "accuracy 0.98", width = 320 } = {}): string {
  const dots = heights.map(
    (y, x) => `<circle cx="${40 + 40 * x}" cy="${y}" r="5" fill="steelblue"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="240">
    <rect width="100%" height="100%" fill="white"/>
    <rect x="30" y="30" width="260" height="180" fill="none" stroke="black"/>
    ${dots.join("\n")}<text x="60" y="22" font-size="16" font-family="DejaVu Sans">${title}</text></svg>`;
}

const curve = [180, 120, 90, 75, 70];

async function png(svg: string): Promise<string> {
  return (await sharp(Buffer.from(svg)).png().toBuffer()).toString("base64");
}

describe("comparing pictures", () => {
  it("passes the same picture in another encoding", async () => {
    const picture = sharp(Buffer.from(plot(curve)));
    const [one, other] = await Promise.all([
      picture.clone().png({ compressionLevel: 1 }).toBuffer(),
      picture.clone().png({ compressionLevel: 9, palette: false }).toBuffer(),
    ]);
    assert.ok(!one.equals(other));
    const found = await differences("image/png", one.toString("base64"), other.toString("base64"));
    assert.deepEqual(found, []);
  });

  it("passes a JPEG whose noise the eye does not see", async () => {
    const jpeg = async (quality: number) =>
      (
        await sharp(Buffer.from(plot(curve)))
          .jpeg({ quality })
          .toBuffer()
      ).toString("base64");
    assert.deepEqual(await differences("image/jpeg", await jpeg(95), await jpeg(80)), []);
  });

  it("fails a moved dot, a changed digit and a missing curve", async () => {
    const changed = [
      plot([180, 120, 100, 75, 70]),
      plot(curve, { title: "accuracy 0.93" }),
      plot([]),
    ];
    for (const other of changed) {
      const [inPng] = await differences("image/png", await png(plot(curve)), await png(other));
      assert.equal(inPng?.what, "image/png: the picture looks different");
      const [inSvg] = await differences("image/svg+xml", plot(curve), other);
      assert.equal(inSvg?.what, "image/svg+xml: the picture looks different");
    }
  });

  it("passes an SVG that is written otherwise but looks the same", async () => {
    const other = plot(curve).replace('fill="steelblue"', 'style="fill:steelblue"');
    assert.notEqual(other, plot(curve));
    assert.deepEqual(await differences("image/svg+xml", plot(curve), other), []);
  });

  it("passes a difference inside the cell's tolerance only", async () => {
    const moved = await png(plot([180, 120, 100, 75, 70]));
    const committed = await png(plot(curve));
    const allowed = (picture: number) => allowing({ tolerance: { picture } });
    assert.deepEqual(await differences("image/png", committed, moved, allowed(0.02)), []);
    assert.equal((await differences("image/png", committed, moved, allowed(0.001))).length, 1);
  });

  it("fails another size and a picture that can't be read", async () => {
    const committed = await png(plot(curve));
    const [size] = await differences(
      "image/png",
      committed,
      await png(plot(curve, { width: 330 })),
    );
    assert.equal(size?.what, "image/png: the picture has another size");
    assert.deepEqual([size?.expected, size?.actual], ["320 × 240", "330 × 240"]);
    const [broken] = await differences("image/png", committed, "bm8gcGljdHVyZQ==");
    assert.match(broken?.what ?? "", /unsupported image format/);
  });

  it("compares pictures inside HTML as pictures", async () => {
    const html = (base64: string) => `<img alt="a plot" src="data:image/png;base64,${base64}">`;
    const committed = html(await png(plot(curve)));
    const recoded = await sharp(Buffer.from(plot(curve)))
      .png({ compressionLevel: 1 })
      .toBuffer();
    assert.deepEqual(
      await differences("text/html", committed, html(recoded.toString("base64"))),
      [],
    );
    const [found] = await differences("text/html", committed, html(await png(plot([]))));
    assert.equal(found?.what, "text/html: the picture looks different");
    const [fewer] = await differences("text/html", committed, "<p>none</p>");
    assert.equal(fewer?.what, "text/html: the text differs");
  });
});

describe("comparing Plotly figures", () => {
  const mime = "application/vnd.plotly.v1+json";
  const figure = (y: unknown, title = "Loss") => ({
    data: [
      { type: "scatter", mode: "markers", name: "training", x: [1, 2, 3], y },
      { type: "scatter", mode: "lines", name: "validation", x: [1, 2, 3], y: [0.5, 0.4, 0.3] },
    ],
    layout: { title: { text: title } },
  });
  const committed = figure([0.6, 0.3, 0.1]);

  it("fails a changed value, naming its path", async () => {
    const [found] = await differences(mime, committed, figure([0.6, 0.35, 0.1]));
    assert.equal(found?.what, `${mime}: \`data[0].y[1]\` differs`);
    assert.deepEqual([found?.expected, found?.actual], ["0.3", "0.35"]);
  });

  it("fails a missing trace, a missing point, a changed title and a new setting", async () => {
    const oneTrace = { ...committed, data: committed.data.slice(0, 1) };
    const changed: [unknown, RegExp][] = [
      [oneTrace, /`data` differs/],
      [figure([0.6, 0.3]), /`data\[0\].y` differs/],
      [figure([0.6, 0.3, 0.1], "Accuracy"), /`layout.title.text` differs/],
      [{ ...committed, config: { responsive: true } }, /`config` differs/],
      [figure([0.6, null, 0.1]), /`data\[0\].y\[1\]` differs/],
    ];
    for (const [now, message] of changed) {
      const [found] = await differences(mime, committed, now);
      assert.match(found?.what ?? "", message);
    }
  });

  it("passes rounding, another order of names and values inside the cell's tolerance", async () => {
    const reordered = { layout: committed.layout, data: committed.data };
    assert.deepEqual(await differences(mime, committed, reordered), []);
    assert.deepEqual(await differences(mime, committed, figure([0.6, 0.30000001, 0.1])), []);
    const near = allowing({ tolerance: { relative: 0.2 } });
    assert.deepEqual(await differences(mime, committed, figure([0.6, 0.35, 0.1]), near), []);
  });

  it("reads typed arrays as the numbers they hold", async () => {
    const packed = (values: number[]) => ({
      dtype: "f4",
      bdata: Buffer.from(Float32Array.from(values).buffer).toString("base64"),
    });
    assert.deepEqual(await differences(mime, committed, figure(packed([0.6, 0.3, 0.1]))), []);
    const [found] = await differences(mime, committed, figure(packed([0.6, 0.3, 0.2])));
    assert.equal(found?.what, `${mime}: \`data[0].y[2]\` differs`);
  });
});
