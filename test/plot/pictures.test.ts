import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import sharp from "sharp";
import { plot, tf } from "../../lib/index";
import { assertLooksLike } from "../support/fixtures";

let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => {
  assert.equal(tf.memory().numTensors, before, "a tensor was left behind");
});

/** Twelve images 8 × 8 with one bright square each, somewhere else in each. */
function squares(white: number, dtype: "int32" | "float32") {
  const values = Array.from({ length: 12 * 64 }, (_, i) => {
    const [image, y, x] = [Math.floor(i / 64), Math.floor(i / 8) % 8, i % 8];
    const [top, left] = [Math.floor(image / 4) * 2, (image % 4) * 2];
    return y >= top && y < top + 2 && x >= left && x < left + 2 ? white : white / 4;
  });
  return tf.tensor4d(
    values.map((v) => (dtype === "int32" ? Math.round(v) : v)),
    [12, 8, 8, 1],
    dtype,
  );
}

test("plot.images() draws bytes, floats to 255 and floats to 1 alike", async () => {
  const pictures: plot.Picture[] = [];
  for (const [white, dtype] of [
    [252, "int32"],
    [252, "float32"],
    [252 / 255, "float32"],
  ] as const) {
    const images = squares(white, dtype);
    pictures.push(await plot.images(images, { columns: 6 }));
    images.dispose();
  }
  await assertLooksLike(__dirname, "squares", pictures[0]!.png);
  assert.deepEqual(pictures[1]!.png, pictures[0]!.png);
  assert.deepEqual(pictures[2]!.png, pictures[0]!.png);
});

test("plot.images() marks predictions right and wrong, by colour and by sign", async () => {
  const images = squares(1, "float32");
  const picture = await plot.images(images, {
    limit: 3,
    labels: tf.tidy(() => [0, 1, 1]),
    predictions: [0, 0, 1],
    classNames: ["cat", "dog"],
  });
  images.dispose();
  assert.equal(picture.text, "the first 3 of 12 images, 8 × 8: ✓ cat, ✗ cat (dog), ✓ dog");
  await assertLooksLike(__dirname, "predictions", picture.png);
});

test("plot.images() shows image files, upright and in their own proportions", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "convnets-images-"));
  try {
    const file = path.join(folder, "red.png");
    await sharp({ create: { width: 60, height: 30, channels: 3, background: "#c02020" } })
      .png()
      .toFile(file);
    const picture = await plot.images([file], { size: 100, titles: ["red"] });
    assert.deepEqual([picture.width, picture.height], [100, 72]);
    const middle = { left: 100, top: 50, width: 1, height: 1 };
    const pixel = await sharp(picture.png).removeAlpha().extract(middle).raw().toBuffer();
    assert.deepEqual([...pixel], [0xc0, 0x20, 0x20]);
    await assert.rejects(
      plot.images(path.join(folder, "absent.jpg")),
      /readable image files.*absent/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("plot.images() refuses shapes that are no images and captions that don't fit", async () => {
  const vector = tf.zeros([4]);
  const images = tf.zeros([2, 4, 4, 1]);
  await assert.rejects(
    plot.images(vector),
    /`images` must be a tensor of shape .*Tensor\(float32, \[4\]\)/,
  );
  await assert.rejects(plot.images(images, { titles: ["a"] }), /`titles` must be 2 values/);
  tf.dispose([vector, images]);
});

/** A convolution of two known kernels: an edge finder and a mean. */
function edgeModel() {
  const input = tf.input({ shape: [12, 12, 1], name: "image" });
  const conv = tf.layers.conv2d({ filters: 2, kernelSize: 3, useBias: false, name: "edges" });
  const pool = tf.layers.maxPooling2d({ poolSize: 2, name: "pool" });
  const model = tf.model({
    inputs: input,
    outputs: pool.apply(conv.apply(input)) as SymbolicTensor,
  });
  const edge = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
  tf.tidy(() =>
    conv.setWeights([
      tf.tensor4d(
        edge.flatMap((w) => [w, 1 / 9]),
        [3, 3, 1, 2],
      ),
    ]),
  );
  return { model, conv };
}

test("plot.featureMaps() draws every channel of the convolving and pooling layers", async () => {
  const { model, conv } = edgeModel();
  const image = tf.tidy(() =>
    tf.range(0, 144).reshape([12, 12, 1]).mod(tf.scalar(12)).greater(5).toFloat(),
  );
  const picture = await plot.featureMaps(model, image, { columns: 4 });
  assert.match(picture.text, /edges \(None, 10, 10, 2\)\npool \(None, 5, 5, 2\)$/);
  await assertLooksLike(__dirname, "feature-maps", picture.png);
  await assertLooksLike(__dirname, "filters", (await plot.filters(conv, { columns: 4 })).png);
  await assert.rejects(
    plot.featureMaps(model, image, { layers: ["edge"] }),
    /names of layers .*: image, edges, pool\. Received: layers="edge"/,
  );
  image.dispose();
  model.dispose();
});

test("plot.filters() refuses a layer without a two-dimensional kernel", async () => {
  const flat = tf.layers.flatten({ name: "flat" });
  await assert.rejects(plot.filters(flat), /two-dimensional convolution layer.*Flatten flat/);
});

test("plot.model() draws branches side by side and nested models as a box or a frame", async () => {
  const input = tf.input({ shape: [32, 32, 3], name: "image" });
  const base = tf.sequential({
    name: "base",
    layers: [
      tf.layers.conv2d({ inputShape: [32, 32, 3], filters: 4, kernelSize: 3, name: "conv" }),
      tf.layers.globalAveragePooling2d({ name: "mean" }),
    ],
  });
  const direct = tf.layers.flatten({ name: "flat" }).apply(input);
  const joined = tf.layers
    .concatenate({ name: "join" })
    .apply([base.apply(input), direct] as SymbolicTensor[]);
  const output = tf.layers.dense({ units: 1, activation: "sigmoid", name: "answer" }).apply(joined);
  const model = tf.model({
    inputs: input,
    outputs: output as SymbolicTensor,
    name: "two_paths",
  });

  const closed = plot.model(model);
  assert.equal(
    closed.text,
    [
      "two_paths: 5 layers, 3,189 parameters",
      "  image (None, 32, 32, 3)",
      "  base (None, 4) ← image",
      "  flat (None, 3072) ← image",
      "  join (None, 3076) ← base, flat",
      "  answer (None, 1) ← join",
    ].join("\n"),
  );
  const open = plot.model(model, { expandNested: true });
  assert.match(
    open.text,
    /base \(None, 4\) ← image\n {4}conv \(None, 30, 30, 4\)\n {4}mean .* ← conv/,
  );
  await assertLooksLike(__dirname, "model", closed.png);
  await assertLooksLike(__dirname, "model-expanded", open.png);
  model.dispose();
});

test("captions look the same on a machine without fonts", async () => {
  const images = squares(1, "float32");
  const { png } = await plot.images(images, { limit: 2, titles: ["Größe 180 × 180", "✓ Ω"] });
  images.dispose();
  await assertLooksLike(__dirname, "captions", png);
});

test("pictures of photographs are kept as JPEG in a notebook, digits as PNG; files are PNG", async () => {
  const grain = tf.randomUniform([6, 160, 160, 3], 0, 255, "float32", 7);
  const flat = squares(1, "float32");
  const keptAs = (picture: plot.Picture) => {
    const { bundle } = picture.toBundle();
    assert.deepEqual(Object.keys(bundle), ["text/html", "text/plain"]);
    const [, type, base64, attributes] = /^<img src="data:(.*?);base64,(.*?)" (.*)>$/s.exec(
      bundle["text/html"] as string,
    )!;
    const size = `width="${picture.width}" height="${picture.height}"`;
    assert.equal(attributes, `${size} alt="${picture.text}"`);
    return { type, bytes: Buffer.from(base64!, "base64") };
  };
  try {
    const photographs = await plot.images(grain, { columns: 3, size: 160 });
    const { type, bytes } = keptAs(photographs);
    assert.equal(type, "image/jpeg");
    const { format, width } = await sharp(bytes).metadata();
    assert.deepEqual([format, width], ["jpeg", 2 * photographs.width]);
    assert.equal((await sharp(photographs.png).metadata()).format, "png");
    assert.equal(keptAs(await plot.images(flat, { columns: 6 })).type, "image/png");
  } finally {
    tf.dispose([grain, flat]);
  }
});

test("plot.featureMaps() draws no map smaller than it is, and every value with as many pixels", async () => {
  const widths = [200, 90, 33, 6];
  for (const size of widths) {
    const model = tf.sequential({
      layers: [tf.layers.conv2d({ inputShape: [size, size, 1], filters: 18, kernelSize: 1 })],
    });
    const image = tf.zeros([size, size, 1]);
    const picture = await plot.featureMaps(model, image);
    const [, columns] = { 200: [0, 3], 90: [0, 7], 33: [0, 16], 6: [0, 16] }[size]!;
    const tile = (picture.width + 6) / columns! - 6;
    assert.ok(tile >= size, `${size} wide, drawn ${tile} wide`);
    assert.equal((2 * tile) % size, 0);
    tf.dispose([image]);
    model.dispose();
  }
});
