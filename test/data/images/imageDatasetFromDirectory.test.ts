import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";
import sharp from "sharp";
import {
  type ImageBatch,
  type ImageDataset,
  imageDatasetFromDirectory,
  tf,
} from "../../../lib/index";
import { memoryOf } from "../../support/memoryOf";
import { printedBy } from "../../support/printed";
import { repositoryRoot } from "../../support/python";
import { temporaryFolder } from "../../support/temporaryFolder";

/** A flat picture of one colour, 12 pixels wide and 8 high. */
function flat(colour: string) {
  return sharp({ create: { width: 12, height: 8, channels: 3, background: colour } });
}

/** Reads a whole pass; gives the number of images of each batch and disposes the tensors. */
async function readPass(dataset: ImageDataset): Promise<{ counts: number[]; labels: number[] }> {
  const counts: number[] = [];
  const labels: number[] = [];
  await dataset.forEachAsync(({ xs, ys }) => {
    counts.push(xs.shape[0]);
    labels.push(...ys.dataSync());
    tf.dispose([xs, ys]);
  });
  return { counts, labels };
}

/** A whole pass; the caller disposes the tensors. */
async function elements(dataset: ImageDataset): Promise<ImageBatch[]> {
  const batches: ImageBatch[] = [];
  const iterator = await dataset.iterator();
  for (;;) {
    const { value, done } = await iterator.next();
    if (done) return batches;
    batches.push(value);
  }
}

async function firstPixels(dataset: ImageDataset): Promise<Float32Array> {
  const { value } = await (await dataset.iterator()).next();
  const pixels = value.xs.dataSync() as Float32Array;
  tf.dispose(value);
  return pixels;
}

describe("imageDatasetFromDirectory", () => {
  const folder = temporaryFolder();
  const images = folder.join("images");
  const quiet = { imageSize: 8, verbose: 0 } as const;
  let tensors: number;

  before(async () => {
    for (const [label, name] of ["cat", "dog"].entries()) {
      fs.mkdirSync(folder.join("images", name), { recursive: true });
      for (let i = 0; i < 10; i++) {
        const picture = flat(`rgb(${label * 200}, ${i * 20}, 40)`);
        await picture.png().toFile(folder.join("images", name, `${name}.${i}.png`));
      }
    }
    tensors = tf.memory().numTensors;
  });

  after(() => {
    assert.equal(tf.memory().numTensors, tensors, "no tensor is left");
    folder[Symbol.dispose]();
  });

  it("prints what it found, in Keras' words", async () => {
    const all = await printedBy(() => imageDatasetFromDirectory(images));
    assert.deepEqual(all, ["Found 20 files belonging to 2 classes."]);
    const both = await printedBy(() =>
      imageDatasetFromDirectory(images, { validationSplit: 0.2, subset: "both", seed: 1 }),
    );
    assert.deepEqual(both.slice(1), [
      "Using 16 files for training.",
      "Using 4 files for validation.",
    ]);
    const none = await printedBy(() => imageDatasetFromDirectory(images, { labels: null }));
    assert.deepEqual(none, ["Found 20 files."]);
  });

  it("shuffles each pass anew, and the same way for the same seed", async () => {
    const make = () => imageDatasetFromDirectory(images, { ...quiet, seed: 5, batchSize: 20 });
    const [a, b] = [await make(), await make()];
    const passes = [await firstPixels(a), await firstPixels(a)];
    assert.notDeepEqual(passes[0], passes[1]);
    assert.deepEqual([await firstPixels(b), await firstPixels(b)], passes);
    const { labels } = await readPass(a);
    assert.equal(labels.filter((label) => label === 1).length, 10);
  });

  it("repeats the first pass' order when told not to shuffle anew", async () => {
    const options = { ...quiet, seed: 5, batchSize: 20 };
    const fixed = await imageDatasetFromDirectory(images, {
      ...options,
      reshuffleEachIteration: false,
    });
    const first = await firstPixels(await imageDatasetFromDirectory(images, options));
    assert.deepEqual([await firstPixels(fixed), await firstPixels(fixed)], [first, first]);
  });

  it("stops loading when nobody asks for the next batch", async () => {
    const dataset = await imageDatasetFromDirectory(images, {
      ...quiet,
      shuffle: false,
      batchSize: 1,
      prefetch: 3,
    });
    const iterator = await dataset.iterator();
    tf.dispose((await iterator.next()).value);
    // All of the first class but what is loaded ahead can go now without being missed.
    for (let i = 4; i < 10; i++) fs.renameSync(`${images}/cat/cat.${i}.png`, `${images}/cat.${i}`);
    try {
      for (let i = 1; i < 4; i++) tf.dispose((await iterator.next()).value);
      await assert.rejects(iterator.next(), /cat\.4\.png can't be used/);
    } finally {
      for (let i = 4; i < 10; i++) {
        fs.renameSync(`${images}/cat.${i}`, `${images}/cat/cat.${i}.png`);
      }
    }
  });

  it("refuses wrong arguments, each with one clear error", async () => {
    const refuses = (options: object, message: RegExp | object) =>
      assert.rejects(imageDatasetFromDirectory(images, { verbose: 0, ...options }), message);
    await refuses({ image_size: 8 }, /has no option `image_size`/);
    await refuses(
      { imageSize: [180] },
      /`imageSize` must be one or two whole numbers from 1 to 65536.*Received: imageSize=\[180\]/,
    );
    await refuses({ verbose: false }, { hint: "Use `verbose: 0`." });
    await refuses({ shuffle: 1 }, /`shuffle` must be true or false/);
    await refuses({ formats: [] }, /`formats` must be extensions of files, at least one/);
    await refuses({ batchSize: 0 }, /`batchSize` must be a positive whole number/);
    await refuses(
      { labelMode: "one-hot" },
      /`labelMode` must be one of "int", "categorical", "binary", null/,
    );
    await refuses({ colorMode: "bgr" }, /`colorMode` must be one of "grayscale", "rgb", "rgba"/);
    await refuses(
      { interpolation: "cubic" },
      /`interpolation` must be one of "bilinear", "nearest"/,
    );
    await refuses(
      { validationSplit: 2, subset: "training" },
      /`validationSplit` must be a number in \(0, 1\)/,
    );
    await refuses({ validationSplit: 0.2 }, /If `subset` is set, `validationSplit` must be set/);
    await refuses({ validationSplit: 0.2, subset: "training" }, /you must give a `seed`/);
    await refuses({ validationSplit: 0.01, subset: "both", seed: 1 }, /at least one falls into/);
    await refuses({ labels: [1, 2] }, /`labels` must have as many entries/);
    await refuses({ labels: [0.5] }, /`labels` must be "inferred", null, or a list/);
    await refuses({ classNames: ["horse"] }, /`classNames` must be names of subfolders.*cat, dog/);
    await refuses({ classNames: ["cat"], labelMode: "binary" }, /exactly 2 classes/);
    await refuses({ labels: null, classNames: ["cat"] }, /`classNames` must be left out/);
    await refuses({ cropToAspectRatio: true, padToAspectRatio: true }, /Only one of/);
    for (const interpolation of ["gaussian", "mitchellcubic"]) {
      await refuses({ interpolation, cropToAspectRatio: true }, /`interpolation` must be one of/);
    }
    await refuses({ formats: [".webp"] }, /No images found in directory/);
    await refuses({ seed: -1 }, /`seed` must be a whole number from 0 to 4294967295/);
    const nowhere = imageDatasetFromDirectory(folder.join("nowhere"));
    await assert.rejects(nowhere, /`directory` must be a folder/);
  });

  it("names the file that can't be decoded, or skips and counts it", async () => {
    using broken = temporaryFolder();
    fs.cpSync(images, broken.path, { recursive: true });
    const bad = broken.join("cat", "cat.3.png");
    fs.writeFileSync(bad, fs.readFileSync(bad).subarray(0, 60));
    fs.writeFileSync(broken.join("dog", "dog.7.png"), "<html>no picture</html>");
    const strict = await imageDatasetFromDirectory(broken.path, { ...quiet, shuffle: false });
    await assert.rejects(readPass(strict), (error: Error) => {
      assert.equal(error.name, "DataFileError");
      assert.match(error.message, /cat\.3\.png can't be used: /);
      return true;
    });
    const lenient = await imageDatasetFromDirectory(broken.path, {
      ...quiet,
      shuffle: false,
      batchSize: 10,
      onError: "skip",
    });
    for (let pass = 0; pass < 2; pass++) {
      const { counts, labels } = await readPass(lenient);
      assert.deepEqual(counts, [9, 9]);
      assert.deepEqual(labels, [...Array(9).fill(0), ...Array(9).fill(1)]);
    }
    assert.deepEqual(
      lenient.skipped.map(({ path }) => path.slice(-9)),
      ["cat.3.png", "dog.7.png"],
    );
  });

  it("decodes AVIF and TIFF with sharp and says so, WebP with TensorFlow", async () => {
    using others = temporaryFolder();
    fs.mkdirSync(others.join("a"));
    const colours = ["rgb(200, 100, 40)", "rgb(40, 160, 80)"];
    for (const [i, colour] of colours.entries()) {
      await flat(colour)
        .webp({ lossless: true })
        .toFile(others.join("a", `${i}.webp`));
      await flat(colour)
        .avif({ lossless: true })
        .toFile(others.join("a", `${i}.avif`));
      await flat(colour)
        .tiff()
        .toFile(others.join("a", `${i}.tiff`));
      await flat(colour)
        .png()
        .toFile(others.join("a", `${i}.png`));
    }
    const formats = [".webp", ".avif", ".tiff", ".png"];
    let pixels = new Float32Array();
    const lines = await printedBy(async () => {
      pixels = (await firstPixels(
        await imageDatasetFromDirectory(others.path, { imageSize: 8, formats, shuffle: false }),
      )) as Float32Array<ArrayBuffer>;
    });
    assert.deepEqual(
      lines.slice(1).map((line) => line.replace(/, which.*/, "")),
      ["AVIF", "TIFF"].map((kind) => `sharp decodes files with ${kind}`),
    );
    for (let image = 0; image < 8; image++) {
      const wanted = image < 4 ? [200, 100, 40] : [40, 160, 80];
      const found = [...pixels.slice(image * 192, image * 192 + 3)];
      for (const [channel, value] of wanted.entries()) {
        assert.ok(Math.abs(found[channel]! - value) <= 2, `image ${image}: ${found}`);
      }
    }
  });

  it("turns images upright when told to, and not by default, as Keras", async () => {
    using turned = temporaryFolder();
    fs.mkdirSync(turned.join("a"));
    const picture = Buffer.alloc(12 * 8 * 3, 0);
    for (let row = 0; row < 8; row++) picture.fill(255, row * 36, row * 36 + 18); // white left half
    await sharp(picture, { raw: { width: 12, height: 8, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100 })
      .toFile(turned.join("a", "a.jpg"));
    const topRow = async (exifOrientation: boolean) => {
      const dataset = await imageDatasetFromDirectory(turned.path, { ...quiet, exifOrientation });
      return [...(await firstPixels(dataset)).slice(0, 8 * 3)].map((value) => value > 128);
    };
    assert.equal((await topRow(false)).filter(Boolean).length, 12, "white on the left");
    assert.equal((await topRow(true)).filter(Boolean).length, 24, "white on top");
  });

  describe("with a cache", () => {
    /** A copy of the images that can be deleted after the first pass. */
    async function passesWithoutFiles(cacheOptions: object) {
      using copy = temporaryFolder();
      fs.cpSync(images, copy.path, { recursive: true });
      const options = { ...quiet, imageSize: 5, shuffle: false, batchSize: 8, ...cacheOptions };
      const dataset = await imageDatasetFromDirectory(copy.path, options);
      const first = await firstPixels(dataset);
      await readPass(dataset);
      fs.rmSync(copy.join("cat"), { recursive: true });
      const { counts } = await readPass(dataset);
      assert.deepEqual(counts, [8, 8, 4]);
      assert.deepEqual(await firstPixels(dataset), first);
      return first;
    }

    it("decodes nothing after the first pass; every pass gives the same whole numbers", async () => {
      const plain = await firstPixels(
        await imageDatasetFromDirectory(images, {
          ...quiet,
          imageSize: 5,
          shuffle: false,
          batchSize: 8,
        }),
      );
      const cached = await passesWithoutFiles({ cache: true });
      assert.deepEqual(cached, plain.map(roundHalfToEven));
      const exact = await passesWithoutFiles({ cache: true, cacheDtype: "float32" });
      assert.deepEqual(exact, plain);
    });

    it("hands out the same memory in a fixed order, which nobody can write to", async () => {
      const options = { ...quiet, cache: true, cacheDtype: "float32", batchSize: 8 } as const;
      const orders = [{ shuffle: false }, { reshuffleEachIteration: false, seed: 3 }];
      for (const order of orders) {
        const dataset = await imageDatasetFromDirectory(images, { ...options, ...order });
        const first = await firstPixels(dataset);
        const kept = first.slice();
        first.fill(-1);
        const { value } = await (await dataset.iterator()).next();
        assert.deepEqual(value.xs.dataSync(), kept);
        value.xs.dataSync().fill(-1);
        const again = await (await dataset.iterator()).next();
        assert.equal(memoryOf(again.value.xs), memoryOf(value.xs), "the same memory");
        assert.deepEqual(again.value.xs.dataSync(), kept);
        tf.dispose([value, again.value]);
      }
    });

    it("leaves alone what tfjs has made of a batch that is disposed", async () => {
      for (const options of [quiet, { ...quiet, cache: true }]) {
        const dataset = await imageDatasetFromDirectory(images, { ...options, shuffle: false });
        const kept = (await elements(dataset)).map(({ xs, ys }) => {
          const was = xs.dataSync();
          const flattened = xs.reshape([xs.shape[0], -1]);
          tf.dispose([xs, ys]);
          return { was, flattened };
        });
        for (let pass = 0; pass < 3; pass++) await readPass(dataset);
        for (const { was, flattened } of kept) assert.deepEqual(flattened.dataSync(), was);
        tf.dispose(kept.map(({ flattened }) => flattened));
      }
    });

    it("makes batches in the memory of disposed ones, and never in that of others", async () => {
      const dataset = await imageDatasetFromDirectory(images, {
        ...quiet,
        cache: true,
        shuffle: false,
        batchSize: 4,
        prefetch: 1,
      });
      await readPass(dataset);
      const held = (await elements(dataset)).map(({ xs, ys }) => ({ xs, ys, was: xs.dataSync() }));
      const later = await elements(dataset); // made while the others are in use
      for (const [index, { xs, was }] of held.entries()) {
        assert.deepEqual(xs.dataSync(), was);
        assert.deepEqual(later[index]!.xs.dataSync(), was);
        assert.notEqual(memoryOf(later[index]!.xs), memoryOf(xs));
      }
      const memory = new Set([...held, ...later].map(({ xs }) => memoryOf(xs)));
      tf.dispose([held.map(({ xs, ys }) => ({ xs, ys })), later]);
      const next = await elements(dataset);
      assert.ok(memory.has(memoryOf(next[0]!.xs)), "used again");
      for (const [index, { was }] of held.entries()) {
        assert.deepEqual(next[index]!.xs.dataSync(), was);
      }
      tf.dispose(next);
    });

    it("keeps a file that the next run uses, and makes it anew when an image has changed", async () => {
      using place = temporaryFolder();
      const copy = place.join("images");
      fs.cpSync(images, copy, { recursive: true });
      const file = place.join("cache", "pixels");
      const make = () =>
        imageDatasetFromDirectory(copy, { ...quiet, shuffle: false, batchSize: 8, cache: file });
      const first = await make();
      await firstPixels(first);
      assert.equal(fs.existsSync(file), false, "a cache that is not full has no name yet");
      await readPass(first);
      assert.deepEqual(fs.readdirSync(place.join("cache")), ["pixels"]);
      const written = fs.statSync(file).mtimeMs;
      assert.deepEqual(await firstPixels(await make()), await firstPixels(first));
      await readPass(await make());
      assert.equal(fs.statSync(file).mtimeMs, written);
      await flat("blue").png().toFile(`${copy}/cat/cat.0.png`);
      const changed = await make();
      assert.notDeepEqual(await firstPixels(changed), await firstPixels(first));
      await readPass(changed);
      assert.notEqual(fs.statSync(file).mtimeMs, written);
      fs.writeFileSync(file, "somebody's diary");
      await assert.rejects(make(), /`cache` must be true, false or the path of a cache file/);
      assert.equal(fs.readFileSync(file, "utf8"), "somebody's diary");
    });
  });

  it("outlives 100 damaged files: each is loaded, or named in an error", async () => {
    using fuzz = temporaryFolder();
    fs.mkdirSync(fuzz.join("a"));
    const noise = Buffer.alloc(40 * 30 * 3);
    for (let i = 0; i < noise.length; i++) noise[i] = (i * 2654435761) >>> 24;
    const source = sharp(noise, { raw: { width: 40, height: 30, channels: 3 } });
    const kinds = {
      jpg: await source.clone().jpeg().toBuffer(),
      png: await source.clone().png().toBuffer(),
      gif: await source.clone().gif().toBuffer(),
      bmp: bitmap(noise, 40, 30),
      webp: await source.clone().webp().toBuffer(),
    };
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    const damage: ((bytes: Buffer) => Buffer)[] = [
      (bytes) => bytes.subarray(0, random(bytes.length)),
      (bytes) => {
        for (let i = 0; i < 20; i++) bytes[random(bytes.length)]! ^= 1 << random(8);
        return bytes;
      },
      (bytes) => {
        for (let i = 0; i < 6; i++) bytes[random(Math.min(60, bytes.length))] = random(256);
        return bytes;
      },
      (bytes) => bytes.fill(0, 12 + random(20), 40 + random(200)),
      () => Buffer.alloc(0),
    ];
    for (let i = 0; i < 95; i++) {
      const [kind, bytes] = Object.entries(kinds)[i % 5]!;
      const extension = i % 12 === 5 ? "png" : kind;
      const change = damage[Math.floor(i / 5) % damage.length]!;
      fs.writeFileSync(fuzz.join("a", `${i}.${extension}`), change(Buffer.from(bytes)));
    }
    for (const [name, edit] of Object.entries(hugeHeaders(kinds))) {
      fs.writeFileSync(fuzz.join("a", name), edit);
    }
    const program = `
      const { imageDatasetFromDirectory, tf } = require(${JSON.stringify(repositoryRoot)} + "/.build/lib");
      (async () => {
        const dataset = await imageDatasetFromDirectory(process.argv[1],
          { imageSize: 16, batchSize: 20, onError: "skip", verbose: 0,
            formats: [".jpg", ".png", ".gif", ".bmp", ".webp"] });
        let loaded = 0;
        await dataset.forEachAsync((batch) => { loaded += batch.xs.shape[0]; tf.dispose(batch); });
        console.log(JSON.stringify({ loaded, skipped: dataset.skipped.map(({ path }) => path) }));
      })();`;
    const output = execFileSync(process.execPath, ["-e", program, fuzz.path], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const { loaded, skipped } = JSON.parse(output) as { loaded: number; skipped: string[] };
    assert.equal(loaded + skipped.length, 100);
    assert.equal(new Set(skipped).size, skipped.length);
    assert.ok(skipped.length > 50 && loaded > 5, `${loaded} loaded, ${skipped.length} named`);
  });
});

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** A 24-bit BMP file; sharp writes none. */
function bitmap(rgb: Buffer, width: number, height: number): Buffer {
  const header = Buffer.alloc(54);
  header.write("BM");
  header.writeUInt32LE(54 + rgb.length, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  header.writeUInt32LE(rgb.length, 34);
  return Buffer.concat([header, rgb]);
}

/** Small files whose headers claim pictures of gigabytes. */
function hugeHeaders(kinds: Record<"jpg" | "png" | "gif" | "bmp" | "webp", Buffer>) {
  const jpg = Buffer.from(kinds.jpg);
  const frame = jpg.indexOf(Buffer.from([0xff, 0xc0]));
  jpg.writeUInt32BE(0xfff0fff0, frame + 5);
  const png = Buffer.from(kinds.png);
  png.writeUInt32BE(60000, 16);
  png.writeUInt32BE(60000, 20);
  const gif = Buffer.from(kinds.gif);
  gif.writeUInt32LE(0xfff0fff0, 6);
  const bmp = Buffer.from(kinds.bmp);
  bmp.writeInt32LE(50000, 18);
  bmp.writeInt32LE(-50000, 22);
  const webp = Buffer.from(kinds.webp);
  webp.writeUInt16LE(0x3fff, 26);
  webp.writeUInt16LE(0x3fff, 28);
  return {
    "huge.webp": webp,
    "huge.jpg": jpg,
    "huge.png": png,
    "huge.gif": gif,
    "huge.bmp": bmp,
  };
}
