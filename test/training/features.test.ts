import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  applications,
  type ExtractFeaturesOptions,
  extractFeatures,
  type ImageDataset,
  predict,
  tf,
} from "../../lib/index";
import { normaliseText } from "../../scripts/notebooks/compare/normalise";
import { writtenBy } from "../support/printed";
import { temporaryFolder } from "../support/temporaryFolder";
import { base, half, pictures, writePictures } from "./featureModels";
import { pointBatches, tensorCount } from "./models";

interface Extraction {
  features: number[];
  labels: number[];
  text: string;
  computed: number;
}

/** Extracts features, and counts how many batches the model has seen. */
async function extract(
  cacheDir: string | undefined,
  given: { dataset: ImageDataset; model?: LayersModel } & ExtractFeaturesOptions,
): Promise<Extraction> {
  const { dataset, model = base(), preprocess = half, ...options } = given;
  let computed = 0;
  const counted = (images: Tensor) => {
    computed++;
    return preprocess(images);
  };
  Object.defineProperties(counted, {
    name: { value: preprocess.name },
    toString: { value: () => String(preprocess) },
  });
  let result: Awaited<ReturnType<typeof extractFeatures>> | undefined;
  const text = await writtenBy(async () => {
    result = await extractFeatures(model, dataset, {
      preprocess: counted,
      cacheDir,
      verbose: 2,
      ...options,
    });
  });
  const { features, labels } = result!;
  const numbers = (tensor: Tensor) => Array.from(tensor.dataSync());
  const found = { features: numbers(features), labels: numbers(labels), text, computed };
  tf.dispose([features, labels]);
  return found;
}

function filesOf(folder: string): string[] {
  return fs.readdirSync(folder).sort();
}

describe("extractFeatures", () => {
  it("gives what predict gives on preprocessed batches, in the dataset's order, and leaves two tensors", async () => {
    using folder = temporaryFolder();
    writePictures(folder.path);
    const model = base();
    const dataset = await pictures(folder.path, { shuffle: true, seed: 3 });
    const expected: number[] = [];
    const labels: number[] = [];
    await dataset.forEachAsync((batch) => {
      const { xs, ys } = batch;
      expected.push(...(model.predict(half(xs)) as Tensor).dataSync());
      labels.push(...ys.dataSync());
      tf.dispose([xs, ys]);
    });
    dataset.passes = 0;
    const before = tensorCount();
    const result = await extractFeatures(model, dataset, { preprocess: half, verbose: 0 });
    assert.equal(tensorCount() - before, 2);
    assert.deepEqual(result.features.shape, [10, 4, 4, 5]);
    assert.equal(result.labels.dtype, "int32");
    assert.deepEqual(Array.from(result.labels.dataSync()), labels);
    const difference = result.features.dataSync().map((value, i) => value - expected[i]!);
    const largest = Math.max(...expected.map(Math.abs));
    assert.ok(Math.max(...difference.map(Math.abs)) < 1e-6 * largest);
    assert.ok(result.seconds > 0);
    assert.equal(dataset.passes, 1);
  });

  it("computes once: the second call reads a file, shows the same line and says so", async () => {
    using folder = temporaryFolder();
    writePictures(folder.join("images"));
    const cacheDir = folder.join("cache");
    const first = await extract(cacheDir, { dataset: await pictures(folder.join("images")) });
    const dataset = await pictures(folder.join("images"));
    const before = tensorCount();
    const again = await extract(cacheDir, { dataset });
    assert.equal(first.computed, 3);
    assert.equal(again.computed, 0);
    assert.deepEqual([again.features, again.labels], [first.features, first.labels]);
    const [file] = filesOf(cacheDir);
    const notice = `Restored 10 features from ${folder.join("cache", file!)}; delete that file to compute them again.\n`;
    assert.equal(again.text, notice + first.text);
    assert.equal(normaliseText(again.text), normaliseText(first.text));
    assert.equal(dataset.passes, 1);
    assert.ok(tensorCount() - before <= 2 * 2); // the new base model's weights
  });

  it("writes a file that follows the safetensors format", async () => {
    using folder = temporaryFolder();
    writePictures(folder.join("images"));
    const { features, labels } = await extract(folder.join("cache"), {
      dataset: await pictures(folder.join("images")),
    });
    const [name] = filesOf(folder.join("cache"));
    const bytes = fs.readFileSync(folder.join("cache", name!));
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
    assert.deepEqual(header.features.shape, [10, 4, 4, 5]);
    const read = ([start, end]: [number, number]) =>
      new Uint8Array(bytes.subarray(8 + length + start, 8 + length + end)).buffer;
    assert.equal(header.features.dtype, "F32");
    assert.deepEqual([...new Float32Array(read(header.features.data_offsets))], features);
    assert.equal(header.labels.dtype, "I32");
    assert.deepEqual([...new Int32Array(read(header.labels.data_offsets))], labels);
    assert.equal(8 + length + header.labels.data_offsets[1], bytes.length);
  });

  const changes: [
    string,
    (images: string) => Partial<Parameters<typeof extract>[1]> | Promise<object>,
  ][] = [
    [
      "the bytes of a picture",
      async (images) => {
        writePictures(images, { brightness: 9 });
        return {};
      },
    ],
    [
      "a label",
      async (images) => ({ dataset: await pictures(images, { classNames: ["b", "a"] }) }),
    ],
    ["the image size", async (images) => ({ dataset: await pictures(images, { imageSize: 10 }) })],
    ["the model's weights", () => ({ model: base({ scale: 2 }) })],
    ["the model's layers", () => ({ model: base({ activation: "linear" }) })],
    ["the preprocessing", () => ({ preprocess: (images: Tensor) => images.div(4) })],
    ["the precision", () => ({ precision: "bfloat16" })],
  ];
  for (const [what, change] of changes) {
    it(`computes anew when ${what} changed, and still has the old ones`, async () => {
      using folder = temporaryFolder();
      const images = folder.join("images");
      writePictures(images);
      const cacheDir = folder.join("cache");
      const dataset = await pictures(images);
      await extract(cacheDir, { dataset });
      const changed = await change(images);
      const other = await extract(cacheDir, { dataset: await pictures(images), ...changed });
      assert.equal(other.computed, 3);
      assert.equal(filesOf(cacheDir).length, 2);
      writePictures(images);
      assert.equal((await extract(cacheDir, { dataset: await pictures(images) })).computed, 0);
    });
  }

  it("tells VGG16's preprocessing from MobileNetV2's, which have the same source text", async () => {
    using folder = temporaryFolder();
    writePictures(folder.join("images"));
    const cacheDir = folder.join("cache");
    const values: number[][] = [];
    for (const { preprocessInput } of [applications.vgg16, applications.mobileNetV2]) {
      const dataset = await pictures(folder.join("images"));
      const result = await extractFeatures(base(), dataset, {
        preprocess: preprocessInput,
        cacheDir,
        verbose: 0,
      });
      values.push(Array.from(result.features.dataSync()));
      tf.dispose([result.features, result.labels]);
    }
    assert.equal(filesOf(cacheDir).length, 2);
    assert.notDeepEqual(values[0], values[1]);
  });

  it("finds the features of a base that was frozen, renamed, and of files that were moved and touched", async () => {
    using folder = temporaryFolder();
    writePictures(folder.join("images"));
    const cacheDir = folder.join("cache");
    await extract(cacheDir, { dataset: await pictures(folder.join("images")) });
    fs.renameSync(folder.join("images"), folder.join("moved"));
    writePictures(folder.join("moved"));
    const model = base();
    for (const layer of model.layers) layer.trainable = false;
    const again = await extract(cacheDir, { dataset: await pictures(folder.join("moved")), model });
    assert.equal(again.computed, 0);
  });

  it("computes a damaged file anew and says so", async () => {
    using folder = temporaryFolder();
    writePictures(folder.join("images"));
    const cacheDir = folder.join("cache");
    const go = async () => extract(cacheDir, { dataset: await pictures(folder.join("images")) });
    const first = await go();
    const file = folder.join("cache", filesOf(cacheDir)[0]!);
    const whole = fs.readFileSync(file);
    const damages: Buffer[] = [
      Buffer.alloc(0),
      whole.subarray(0, 100),
      whole.subarray(0, -1),
      Buffer.concat([whole.subarray(0, -7), Buffer.from("x"), whole.subarray(-6)]),
      Buffer.concat([whole.subarray(0, 20), Buffer.from("{{"), whole.subarray(22)]),
    ];
    for (const bytes of damages) {
      fs.writeFileSync(file, bytes);
      const again = await go();
      assert.match(again.text, /^Features are computed anew: .*\.safetensors is damaged\.\n/);
      assert.equal(again.computed, 3);
      assert.deepEqual(again.features, first.features);
      assert.deepEqual(fs.readFileSync(file).length, whole.length);
    }
    assert.equal((await go()).computed, 0);
  });

  it("goes on after the last batch when it was killed, also with a dataset that shuffles", async () => {
    using folder = temporaryFolder();
    writePictures(folder.join("images"));
    const cacheDir = folder.join("cache");
    const options = { shuffle: true, seed: 8 };
    const dataset = () => pictures(folder.join("images"), options);
    const unbroken = await extract(undefined, { dataset: await dataset() });
    const child = fork(path.join(__dirname, "featureModels.js"), [folder.join("images"), cacheDir]);
    await once(child, "message"); // the third batch has begun
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
    assert.match(filesOf(cacheDir).join(), /^\w{16}\.safetensors\.[\w-]+\.part$/);
    const later = await dataset();
    later.passes = 5;
    const resumed = await extract(cacheDir, { dataset: later });
    assert.match(resumed.text, /^Restored 8 features from .*\.part; the others follow\.\n/);
    assert.equal(resumed.computed, 1);
    assert.deepEqual(resumed.labels, unbroken.labels);
    resumed.features.forEach((value, i) => {
      assert.ok(Math.abs(value - unbroken.features[i]!) < 1e-6);
    });
    assert.equal(later.passes, 6);
    assert.match(filesOf(cacheDir).join(), /^\w{16}\.safetensors$/);
  });

  it("frees everything and keeps the batches that are done when the preprocessing fails", async () => {
    using folder = temporaryFolder();
    writePictures(folder.join("images"));
    const dataset = await pictures(folder.join("images"));
    const model = base();
    await predict(model, dataset, { verbose: 0 }).then(tf.dispose);
    dataset.passes = 0;
    const before = tensorCount();
    let batches = 0;
    const preprocess = (images: Tensor) => {
      if (++batches === 2) throw new Error("no more");
      return images.div(2);
    };
    const options = { preprocess, cacheDir: folder.join("cache"), verbose: 0 } as const;
    await assert.rejects(extractFeatures(model, dataset, options), /no more/);
    assert.equal(tensorCount(), before);
    assert.equal(dataset.passes, 0);
    const { features, labels } = await extractFeatures(model, dataset, options);
    assert.equal(batches, 4); // the first batch was there
    tf.dispose([features, labels]);
  });

  it("takes no row from an unfinished file whose bytes aren't those that were written", async () => {
    using folder = temporaryFolder();
    writePictures(folder.join("images"));
    const cacheDir = folder.join("cache");
    const dataset = () => pictures(folder.join("images"));
    const whole = await extract(undefined, { dataset: await dataset() });
    let failing = true;
    const cut = (images: Tensor) => {
      if (failing && images.shape[0] === 2) throw new Error("cut off"); // the last batch
      return images.div(2);
    };
    await assert.rejects(
      extract(cacheDir, { dataset: await dataset(), preprocess: cut }),
      /cut off/,
    );
    failing = false;
    const [name] = filesOf(cacheDir);
    const part = folder.join("cache", name!);
    const left = fs.readFileSync(part);
    // A header's flip, the rows' first and last byte, and rows that are missing.
    const firstOfHeader = left.indexOf('"pass"') + 8;
    for (const at of [firstOfHeader, 4096, left.length - 1, undefined]) {
      const damaged = Buffer.from(left);
      if (at !== undefined) damaged[at]! ^= 4;
      fs.writeFileSync(part, at === undefined ? left.subarray(0, -4) : damaged);
      const found = await extract(cacheDir, { dataset: await dataset(), preprocess: cut });
      assert.match(found.text, /^Features are computed anew: .*\.part is damaged\.\n/);
      assert.deepEqual([found.computed, found.features], [3, whole.features]);
      for (const each of filesOf(cacheDir)) fs.rmSync(folder.join("cache", each));
    }
    fs.writeFileSync(part, left);
    const resumed = await extract(cacheDir, { dataset: await dataset(), preprocess: cut });
    assert.deepEqual([resumed.computed, resumed.features], [1, whole.features]);
  });

  it("computes anew what a finished file says wrongly, in its header too", async () => {
    using folder = temporaryFolder();
    writePictures(folder.join("images"));
    const cacheDir = folder.join("cache");
    const dataset = () => pictures(folder.join("images"));
    const first = await extract(cacheDir, { dataset: await dataset() });
    const file = folder.join("cache", filesOf(cacheDir)[0]!);
    const whole = fs.readFileSync(file);
    for (const [from, to] of [
      ['"shape":[10,4,4,5]', '"shape":[10,4,5,4]'],
      ['"labelsDtype":"int32"', '"labelsDtype":"inx32"'],
    ] as const) {
      const damaged = Buffer.from(whole);
      assert.ok(damaged.includes(from));
      damaged.write(to, damaged.indexOf(from));
      fs.writeFileSync(file, damaged);
      const again = await extract(cacheDir, { dataset: await dataset() });
      assert.match(again.text, /^Features are computed anew: .* is damaged\.\n/);
      assert.deepEqual([again.features, again.computed], [first.features, 3]);
    }
  });

  it("refuses what it can't do", async () => {
    using folder = temporaryFolder();
    writePictures(folder.join("images"));
    const dataset = await pictures(folder.join("images"));
    const input = tf.input({ shape: [2] });
    const two = tf.model({ inputs: input, outputs: [input, input] as never });
    await assert.rejects(
      extractFeatures(two, dataset),
      /`model` must be a model with one input and one output/,
    );
    await assert.rejects(
      extractFeatures(base(), pointBatches(8) as never, { cacheDir: folder.join("cache") }),
      /`dataset` must be of `imageDatasetFromDirectory` when `cacheDir` is given/,
    );
    await assert.rejects(extractFeatures(base(), dataset, { cacheDir: "" }), /`cacheDir` must be/);
    await assert.rejects(
      extractFeatures(base(), dataset, { preprocess: 1 as never }),
      /`preprocess` must be a function/,
    );
    await assert.rejects(
      extractFeatures(base(), dataset, { cacheFolder: "x" } as never),
      /extractFeatures has no option `cacheFolder`/,
    );
  });
});
