/** One picture against Keras' own pixels, and pictures through `predict` and `classify`. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";
import {
  classify,
  DataFileError,
  imageDatasetFromDirectory,
  type LoadImageOptions,
  loadImage,
  predict,
  setSeed,
  tf,
} from "../../../lib/index";
import { runPython } from "../../support/python";
import { temporaryFolder } from "../../support/temporaryFolder";

const folder = temporaryFolder();
const files = ["wide.jpg", "tall.png", "small.bmp"];

/** Options here, and what Keras' loader takes for them. */
const cases: {
  options: LoadImageOptions;
  keras: [size: number[], channels: number, string, boolean];
}[] = [
  { options: { size: [30, 50] }, keras: [[30, 50], 3, "bilinear", false] },
  { options: { size: 40, interpolation: "nearest" }, keras: [[40, 40], 3, "nearest", false] },
  {
    options: { size: 32, interpolation: "bicubic", colorMode: "grayscale" },
    keras: [[32, 32], 1, "bicubic", false],
  },
  { options: { size: [20, 60], keepAspectRatio: true }, keras: [[20, 60], 3, "bilinear", true] },
];

const program = `
import json, sys
import numpy as np
from PIL import Image
import keras
from keras.src.utils.image_dataset_utils import _load_image_tf
folder, files, cases = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
random = np.random.RandomState(1)
for name, (height, width) in zip(files, [(48, 90), (77, 31), (12, 9)]):
    coarse = random.randint(0, 256, (6, 6, 3)).astype("uint8")
    Image.fromarray(coarse).resize((width, height), Image.BICUBIC).save(f"{folder}/{name}", quality=90)
for i, (size, channels, interpolation, crop) in enumerate(cases):
    for name in files:
        if name.endswith("bmp") and channels == 1: continue
        pixels = _load_image_tf(f"{folder}/{name}", size, channels, interpolation, "channels_last", crop)
        np.asarray(pixels, "float32").tofile(f"{folder}/{name}.{i}")
whole = keras.utils.img_to_array(keras.utils.load_img(f"{folder}/tall.png"))
whole.astype("float32").tofile(f"{folder}/tall.png.whole")
print(json.dumps(whole.shape))
`;

let wholeShape: number[];

before(async () => {
  const given = [files, cases.map(({ keras }) => keras)].map((each) => JSON.stringify(each));
  wholeShape = JSON.parse(await runPython(program, [folder.path, ...given]));
});

after(() => folder[Symbol.dispose]());

function floats(file: string): number[] {
  const bytes = fs.readFileSync(file);
  return [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)];
}

/** Values and shape of a tensor that is freed. */
function taken(tensor: tf.Tensor): { shape: number[]; values: number[] } {
  const { shape } = tensor;
  const values = [...tensor.dataSync()];
  tensor.dispose();
  return { shape, values };
}

/** A model of pictures 8 × 6 whose outputs follow from all pixels. */
function classifier(units: number, activation: "softmax" | "sigmoid" | "linear") {
  setSeed(4);
  return tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [8, 6, 3] }),
      tf.layers.dense({ units, activation, kernelInitializer: "glorot_normal" }),
    ],
  });
}

describe("loadImage", () => {
  it("gives Keras' pixels to the last bit, in every size, colour mode and interpolation", async () => {
    const count = tf.memory().numTensors;
    let compared = 0;
    for (const [i, { options, keras }] of cases.entries()) {
      for (const name of files.filter((file) => fs.existsSync(folder.join(`${file}.${i}`)))) {
        const { shape, values } = taken(await loadImage(folder.join(name), options));
        assert.deepEqual(shape, [1, ...keras[0], keras[1]]);
        assert.deepEqual(values, floats(folder.join(`${name}.${i}`)), `${name}, case ${i}`);
        compared++;
      }
    }
    assert.equal(compared, 11);
    assert.equal(tf.memory().numTensors, count);
  });

  it("without a size gives the picture as it is, as `load_img` does", async () => {
    const { shape, values } = taken(await loadImage(folder.join("tall.png")));
    assert.deepEqual(shape, [1, ...wholeShape]);
    assert.deepEqual(values, floats(folder.join("tall.png.whole")));
  });

  it("gives the pixels that imageDatasetFromDirectory gives", async () => {
    const dataset = await imageDatasetFromDirectory(folder.path, {
      ...{ labels: null, imageSize: [25, 35], shuffle: false, batchSize: null, verbose: 0 },
    });
    const [first] = (await dataset.take(1).toArray()) as tf.Tensor[];
    const picture = await loadImage(dataset.filePaths[0]!, { size: [25, 35] });
    assert.deepEqual(taken(picture).values, taken(first!).values);
  });

  it("draws no random number", async () => {
    const next = async (between: () => Promise<unknown>) => {
      setSeed(5);
      await between();
      return taken(tf.randomUniform([3])).values;
    };
    const read = async () => tf.dispose(await loadImage(folder.join("wide.jpg"), { size: 8 }));
    assert.deepEqual(await next(read), await next(async () => {}));
  });

  it("names the file that is missing or no picture, and leaves no tensor", async () => {
    const count = tf.memory().numTensors;
    const [missing, text] = [folder.join("nowhere.jpg"), folder.join("text.jpg")];
    fs.writeFileSync(text, "no picture at all, only words");
    for (const options of [{}, { size: 8 }]) {
      await assert.rejects(loadImage(missing, options), (error: Error) => {
        assert.ok(error instanceof DataFileError);
        assert.match(error.message, /nowhere\.jpg can't be used: there is no such file/);
        return true;
      });
      await assert.rejects(loadImage(text, options), /text\.jpg can't be used: it is no image/);
      await assert.rejects(loadImage(folder.path, options), /can't be used: it is a folder/);
    }
    await assert.rejects(
      loadImage(folder.join("wide.jpg"), { maxPixels: 100 }),
      /90×48 pixels, more than `maxPixels`=100/,
    );
    assert.equal(tf.memory().numTensors, count);
  });

  it("refuses options that it doesn't know, and values that are none of theirs", async () => {
    const loose = loadImage as (path?: unknown, options?: object) => Promise<unknown>;
    await assert.rejects(loose(), /`path` must be a file's path/);
    await assert.rejects(loose("a.jpg", { target_size: 8 }), /no option `target_size`/);
    await assert.rejects(loose("a.jpg", { size: [8, 8, 3] }), /`size` must be one or two/);
    await assert.rejects(loose("a.jpg", { colorMode: "bgr" }), /`colorMode` must be one of/);
    for (const [name, value] of Object.entries({ interpolation: "area", keepAspectRatio: true })) {
      const needsSize = `\`${name}\` must be left out unless \`size\` is given`;
      await assert.rejects(loose("a.jpg", { [name]: value }), ({ message }: Error) =>
        message.startsWith(needsSize),
      );
    }
    const cropped = { size: 8, keepAspectRatio: true, interpolation: "gaussian" };
    await assert.rejects(loose("a.jpg", cropped), /when `keepAspectRatio` is true, as in Keras/);
  });
});

describe("predict of files", () => {
  for (const engine of ["eager", "graph"] as const) {
    it(`reads them in the model's size, batch by batch (${engine})`, async () => {
      const model = classifier(4, "softmax");
      const paths = files.map((name) => folder.join(name));
      const pictures = await Promise.all(paths.map((path) => loadImage(path, { size: [8, 6] })));
      const images = tf.concat(pictures);
      const options = { engine, verbose: 0 } as const;
      const expected = taken(await predict(model, images, options));
      const count = tf.memory().numTensors;
      assert.deepEqual(taken(await predict(model, paths, options)), expected);
      assert.deepEqual(taken(await predict(model, paths, { ...options, batchSize: 2 })), expected);
      const alone = taken(await predict(model, paths[1]!, options));
      assert.deepEqual(alone.shape, [1, 4]);
      assert.ok(alone.values.every((value, i) => Math.abs(value - expected.values[4 + i]!) < 1e-6));
      assert.equal(tf.memory().numTensors, count);
      tf.dispose([...pictures, images]);
      model.dispose();
    });
  }

  it("names the file that can't be read, and leaves no tensor", async () => {
    const model = classifier(4, "softmax");
    const count = tf.memory().numTensors;
    const paths = [folder.join("wide.jpg"), folder.join("nowhere.jpg")];
    await assert.rejects(predict(model, paths, { verbose: 0 }), /nowhere\.jpg can't be used/);
    await assert.rejects(predict(model, folder.path, { verbose: 0 }), /it is a folder/);
    await assert.rejects(predict(model, "", { verbose: 0 }), /The path "" can't be used/);
    await assert.rejects(predict(model, [], { verbose: 0 }), /paths of one or more pictures/);
    assert.equal(tf.memory().numTensors, count);
    model.dispose();
  });

  it("is refused where the model takes no pictures, or pictures of any size", async () => {
    const flat = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    await assert.rejects(
      predict(flat, "cat.jpg"),
      /`x` must be tensors: the model's inputs .* are no pictures/,
    );
    const conv = tf.layers.conv2d({ filters: 1, kernelSize: 1, inputShape: [null, null, 3] });
    const free = tf.sequential({ layers: [conv] });
    await assert.rejects(predict(free, "cat.jpg"), {
      hint: "Call `predict(model, await loadImage(path, { size: 180 }))`.",
    });
    for (const model of [flat, free]) model.dispose();
  });
});

describe("classify", () => {
  const paths = () => files.map((name) => folder.join(name));

  it("names the likeliest class of each picture, with all probabilities", async () => {
    const model = classifier(3, "softmax");
    const classNames = ["ape", "bear", "cat"];
    const rows = taken(await predict(model, paths(), { verbose: 0 })).values;
    const count = tf.memory().numTensors;
    const found = await classify(model, paths(), { classNames });
    for (const [i, { className, label, probability, probabilities }] of found.entries()) {
      const row = rows.slice(3 * i, 3 * i + 3);
      assert.deepEqual(Object.values(probabilities), row);
      assert.deepEqual(Object.keys(probabilities), classNames);
      assert.deepEqual([className, row[label]], [classNames[label], Math.max(...row)]);
      assert.equal(probability, row[label]);
    }
    const [first] = await classify(model, paths().slice(0, 1), { classNames });
    assert.deepEqual(await classify(model, paths()[0]!, { classNames }), first);
    assert.equal(tf.memory().numTensors, count);
    model.dispose();
  });

  it("takes one sigmoid for the probability of the second of two classes", async () => {
    const model = classifier(1, "sigmoid");
    const [output] = taken(await predict(model, paths()[0]!, { verbose: 0 })).values;
    const { probabilities } = await classify(model, paths()[0]!, { classNames: ["cat", "dog"] });
    assert.deepEqual(probabilities, { cat: 1 - output!, dog: output });
    model.dispose();
  });

  it("refuses what is no model, or one without layers", async () => {
    const classNames = ["cat", "dog"];
    const loose = classify as (model: unknown, x: string, options: object) => Promise<unknown>;
    const empty = tf.sequential({ name: "empty" });
    await assert.rejects(loose(empty, "a.jpg", { classNames }), /"empty" has no layers/);
    for (const none of [undefined, {}]) {
      await assert.rejects(loose(none, "a.jpg", { classNames }), /`model` must be a model/);
    }
  });

  it("refuses names that don't fit, and outputs that are no probabilities", async () => {
    const model = classifier(2, "linear");
    const count = tf.memory().numTensors;
    await assert.rejects(
      classify(model, paths(), { classNames: ["cat"] }),
      /`classNames` must be 2 different names/,
    );
    await assert.rejects(
      classify(model, paths(), { classNames: ["cat", "dog"] }),
      /no probabilities in \[0, 1\]/,
    );
    assert.equal(tf.memory().numTensors, count);
    model.dispose();
  });
});
