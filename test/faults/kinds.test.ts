/** A writer replaces its own kind only: a file a file, a folder that is its own a folder. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { after, describe, it } from "node:test";
import {
  callbacks,
  datasets,
  downloadFile,
  exportSavedModel,
  extractFeatures,
  InvalidArgumentError,
  imageDatasetFromDirectory,
  makeSubset,
  plot,
  saveModel,
  saveWeights,
  tf,
  unzip,
} from "../../lib/index";
import { temporaryFolder } from "../support/temporaryFolder";
import { base, pictures, writePictures } from "../training/featureModels";

type Write = (place: string, folder: string) => unknown;

const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });

after(() => model.dispose());

/** Writers of files, by the name of their file. */
const fileWriters: Record<string, Write> = {
  "saveModel a.keras": (place) => saveModel(model, place),
  "saveWeights a.weights.h5": (place) => saveWeights(model, place),
  "toHtml a.html": (place) => plot.line([1, 2]).toHtml(place),
  "toPng a.png": async (place) => {
    const image = tf.zeros([1, 8, 8, 1]);
    const picture = await plot.images(image);
    image.dispose();
    await picture.toPng(place);
  },
  "csvLogger a.csv": (place) => callbacks.csvLogger(place),
  "modelCheckpoint b.keras": (place) => callbacks.modelCheckpoint({ filepath: place }),
  "imageDatasetFromDirectory a.pixels": (place, folder) =>
    imageDatasetFromDirectory(folder, { imageSize: 8, batchSize: 4, verbose: 0, cache: place }),
};

/** Writers of folders. */
const folderWriters: Record<string, Write> = {
  exportSavedModel: (place) => exportSavedModel(model, place),
  tensorBoard: (place) => callbacks.tensorBoard({ logDir: place }),
  backupAndRestore: (place) => callbacks.backupAndRestore({ backupDir: place }),
  extractFeatures: async (place, folder) =>
    extractFeatures(base(), await pictures(folder), { cacheDir: place }),
  makeSubset: (place, folder) =>
    makeSubset({ from: folder, into: place, subsets: { train: [0, 1] }, overwrite: true }),
  unzip: (place) => unzip("nowhere.zip", { into: place, quiet: true }),
  "datasets.dogsVsCats.prepare": (into) => datasets.dogsVsCats.prepare({ into, source: "drawn" }),
};

/** Writes and gives the error. */
async function refusal(write: Write, place: string, folder: string): Promise<Error> {
  try {
    await write(place, folder);
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({ message: "it was written" });
}

describe("a writer of a file", () => {
  for (const [title, write] of Object.entries(fileWriters)) {
    const [writer, name = ""] = title.split(" ");
    it(`refuses a folder, a pipe and a device of its name: ${writer}`, async () => {
      using folder = temporaryFolder();
      writePictures(folder.join("images"));
      fs.mkdirSync(folder.join(name));
      fs.writeFileSync(folder.join(name, "mine"), "mine");
      const before = tf.memory().numTensors;
      const error = await refusal(write, folder.join(name), folder.join("images"));
      assert.ok(error instanceof InvalidArgumentError, String(error));
      assert.match(error.message, /must be a place for a file, and a folder is there\. Received: /);
      assert.deepEqual(fs.readdirSync(folder.path).sort(), [name, "images"].sort());
      assert.equal(fs.readFileSync(folder.join(name, "mine"), "utf8"), "mine");

      fs.rmSync(folder.join(name), { recursive: true });
      execFileSync("mkfifo", [folder.join(name)]);
      const pipe = await refusal(write, folder.join(name), folder.join("images"));
      assert.match(pipe.message, /a device, a pipe or a socket is there/);
      assert.ok(fs.lstatSync(folder.join(name)).isFIFO());

      fs.rmSync(folder.join(name));
      fs.symlinkSync("/dev/null", folder.join(name));
      await refusal(write, folder.join(name), folder.join("images"));
      assert.equal(fs.readlinkSync(folder.join(name)), "/dev/null");
      assert.ok(fs.statSync("/dev/null").isCharacterDevice());
      assert.equal(tf.memory().numTensors, before);
    });
  }

  it("follows a link and leaves it: saveModel, saveWeights, toHtml, toPng", async () => {
    for (const [title, write] of Object.entries(fileWriters).slice(0, 4)) {
      const [, name = ""] = title.split(" ");
      using folder = temporaryFolder();
      fs.mkdirSync(folder.join("other"));
      fs.symlinkSync(`other/${name}`, folder.join(name));
      for (let time = 0; time < 2; time++) {
        await write(folder.join(name), folder.path);
        assert.equal(fs.readlinkSync(folder.join(name)), `other/${name}`);
        assert.deepEqual(fs.readdirSync(folder.join("other")), [name]);
        assert.deepEqual(fs.readdirSync(folder.path).sort(), [name, "other"].sort());
      }
    }
  });

  it("refuses a folder of its name: downloadFile", async () => {
    using folder = temporaryFolder();
    const url = "http://127.0.0.1:9/a";
    execFileSync("mkfifo", [folder.join("pipe")]);
    await assert.rejects(
      downloadFile(url, { output: folder.join("pipe"), quiet: true }),
      /`output` must be a place for a file, and a device, a pipe or a socket is there/,
    );
    assert.deepEqual(fs.readdirSync(folder.path), ["pipe"]);
  });
});

describe("a writer of a folder", () => {
  for (const [writer, write] of Object.entries(folderWriters)) {
    it(`refuses a file of its name: ${writer}`, async () => {
      using folder = temporaryFolder();
      writePictures(folder.join("images"));
      fs.writeFileSync(folder.join("mine"), "mine");
      fs.symlinkSync("mine", folder.join("link"));
      for (const name of ["mine", "link"]) {
        const error = await refusal(write, folder.join(name), folder.join("images"));
        assert.ok(error instanceof InvalidArgumentError, String(error));
        assert.match(
          error.message,
          /must be a place for a folder, and a file is there\. Received: /,
        );
      }
      assert.equal(fs.readFileSync(folder.join("mine"), "utf8"), "mine");
      assert.equal(fs.readlinkSync(folder.join("link")), "mine");
      assert.deepEqual(fs.readdirSync(folder.path).sort(), ["images", "link", "mine"]);
    });
  }

  it("follows a link to a folder and leaves it: exportSavedModel, makeSubset", async () => {
    using folder = temporaryFolder();
    fs.mkdirSync(folder.join("real"));
    fs.symlinkSync("real", folder.join("link"));
    await exportSavedModel(model, folder.join("link"));
    assert.deepEqual(fs.readdirSync(folder.join("real")).sort(), ["saved_model.pb", "variables"]);
    fs.writeFileSync(folder.join("cat.0.jpg"), "a cat");
    await makeSubset({
      from: folder.path,
      into: folder.join("link"),
      classes: ["cat"],
      subsets: { train: [0, 1] },
      overwrite: true,
      verbose: 0,
    });
    assert.deepEqual(fs.readdirSync(folder.join("real")), ["train"]);
    assert.equal(fs.readlinkSync(folder.join("link")), "real");
    assert.deepEqual(fs.readdirSync(folder.path).sort(), ["cat.0.jpg", "link", "real"]);
  });
});
