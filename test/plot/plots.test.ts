import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import sharp from "sharp";
import { plot, show, tf } from "../../lib/index";
import { FuturePicture } from "../../lib/plot/futurePicture";
import { writtenBy } from "../support/printed";
import { temporaryFolder } from "../support/temporaryFolder";

describe("every plot", () => {
  let model: tf.LayersModel;
  let image: tf.Tensor3D;
  let map: tf.Tensor2D;
  before(() => {
    model = tf.sequential({
      name: "small",
      layers: [
        tf.layers.conv2d({ inputShape: [12, 12, 1], filters: 2, kernelSize: 3, name: "edges" }),
      ],
    });
    image = tf.zeros([12, 12, 1]);
    map = tf.zeros([3, 3]);
  });
  after(() => {
    model.dispose();
    tf.dispose([image, map]);
  });

  const plots: Record<string, () => plot.Plot> = {
    line: () => plot.line([1, 2]),
    scatter: () => plot.scatter([1, 2]),
    bar: () => plot.bar([1, 2]),
    histogram: () => plot.histogram([1, 2]),
    history: () => plot.history({ history: { loss: [2, 1] } }),
    confusionMatrix: () => plot.confusionMatrix([0, 1], [0, 1]),
    figure: () => plot.figure({ data: [{ y: [1, 2] }] }),
    pie: () => plot.figure({ data: [{ type: "pie", values: [1, 2] }] }),
    model: () => plot.model(model),
    filters: () => plot.filters(model.layers[0]!),
    featureMaps: () => plot.featureMaps(model, image),
    images: () => plot.images(image),
    heatmapOverlay: () => plot.heatmapOverlay(image, map),
  };
  for (const [name, make] of Object.entries(plots)) {
    test(`plot.${name} shows itself in one way and saves itself in three, awaited or not`, async () => {
      const tensors = tf.memory().numTensors;
      using folder = temporaryFolder();
      assert.match(await writtenBy(async () => await make().show()), /\S/);
      assert.match(await writtenBy(async () => ((await make()) as plot.Plot).show()), /\S/);
      assert.match(await writtenBy(async () => await show(make())), /\S/);
      for (const one of [make(), (await make()) as plot.Plot]) {
        await one.toPng(folder.join("plot.png"));
        await one.toSvg(folder.join("plot.svg"));
        await one.toHtml(folder.join("plot.html"));
        assert.deepEqual((await readdir(folder.path)).sort(), [
          "plot.html",
          "plot.png",
          "plot.svg",
        ]);
        const [png, svg] = await Promise.all(
          ["plot.png", "plot.svg"].map((file) => sharp(folder.join(file)).metadata()),
        );
        assert.deepEqual([png!.format, svg!.format], ["png", "svg"]);
        assert.ok(Math.abs(png!.width! - 2 * svg!.width!) <= 1, `${png!.width} and ${svg!.width}`);
        assert.match(await readFile(folder.join("plot.html"), "utf8"), /^<!doctype html>/);
      }
      assert.equal(tf.memory().numTensors, tensors);
    });
  }
});

test("a picture that can't be drawn says why where it is awaited, shown or saved", async () => {
  const flat = tf.layers.flatten({ name: "flat" });
  using folder = temporaryFolder();
  const refused = /two-dimensional convolution layer.*Flatten flat/;
  await assert.rejects(plot.filters(flat), refused);
  await assert.rejects(plot.filters(flat).show(), refused);
  await assert.rejects(plot.filters(flat).toPng(folder.join("plot.png")), refused);
  assert.ok(plot.filters(flat).catch(() => undefined) instanceof Promise);
});

test("what is made of a picture that is being drawn is a promise like any other", async () => {
  const image = tf.zeros([4, 4, 1]);
  const picture = plot.images(image);
  const width = picture.then((drawn) => drawn.width);
  assert.ok(!(width instanceof FuturePicture));
  assert.equal(await width, 72);
  image.dispose();
});

test("plot.heatmapOverlay() takes one picture with its map, and several with maps in one tensor", async () => {
  const [image, map, images, maps] = [
    tf.zeros([8, 8, 3]),
    tf.zeros([2, 2]),
    tf.zeros([2, 8, 8, 3]),
    tf.zeros([2, 2, 2]),
  ];
  const bytes = async (...[pictures, heat]: Parameters<typeof plot.heatmapOverlay>) =>
    Buffer.from((await plot.heatmapOverlay(pictures, heat)).png);
  assert.deepEqual(await bytes(image, map), await bytes(image, [map]));
  assert.deepEqual(await bytes(images, maps), await bytes(images, [map, map]));
  await assert.rejects(plot.heatmapOverlay(images, map), /one for each of 2 images.*=1/);
  await assert.rejects(plot.heatmapOverlay(image, image.flatten()), /a tensor \[rows, columns\]/);
  await assert.rejects(
    // @ts-expect-error: no tensor
    plot.heatmapOverlay(image, "map"),
    /a tensor \[rows, columns\].*"map"/,
  );
  tf.dispose([image, map, images, maps]);
});

test("what a picture is made of may be disposed as soon as it is asked for", async () => {
  const [image, map] = [tf.ones([8, 8, 3]), tf.ones([2, 2])];
  const layer = tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 3] });
  const model = tf.sequential({ layers: [layer] });
  const pictures = [
    plot.images(image),
    plot.heatmapOverlay(image, map),
    plot.filters(layer),
    plot.featureMaps(model, image),
  ];
  tf.dispose([image, map]);
  model.dispose();
  for (const { png } of await Promise.all(pictures)) assert.ok(png.length > 0);
});
