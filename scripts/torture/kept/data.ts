/** Caches of pixels, features, archives of files and of digits. */
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import yazl from "yazl";
import {
  datasets,
  extractFeatures,
  type ImageDataset,
  imageDatasetFromDirectory,
  tf,
  unzip,
} from "../../../lib/index";
import { writeBitmaps } from "../bitmaps";
import { Dice } from "../dice";
import { sha256 } from "../hashes";
import type { Subject } from "./subject";

/** Caches look at when a file was changed, and a copy of a folder keeps no fractions of milliseconds. */
const whole = { modifiedAt: 1e9 };

function dataset(folder: string, cache: string | false): Promise<ImageDataset> {
  return imageDatasetFromDirectory(path.join(folder, "pictures"), {
    imageSize: 8,
    batchSize: 2,
    shuffle: false,
    verbose: 0,
    cache,
  });
}

function hashOfTensors(tensors: readonly tf.Tensor[]): string {
  const hash = sha256(
    Buffer.concat(tensors.map((tensor) => Buffer.from(new Float32Array(tensor.dataSync()).buffer))),
  );
  return `${tensors.map(({ shape, dtype }) => `${dtype}[${shape}]`)} ${hash}`;
}

async function readPass(images: ImageDataset): Promise<string> {
  const seen: string[] = [];
  await images.forEachAsync(({ xs, ys }) => {
    seen.push(hashOfTensors([xs, ys]));
    tf.dispose([xs, ys]);
  });
  return seen.join("\n");
}

const pixels: Subject = {
  name: "pixel cache",
  share: 300,
  async make(folder) {
    writeBitmaps(path.join(folder, "pictures"), 6, whole);
    await readPass(await dataset(folder, path.join(folder, "pixels")));
    return ["pixels"];
  },
  async read(folder) {
    const images = await dataset(folder, path.join(folder, "pixels"));
    return `${await readPass(images)}\n${await readPass(images)}`;
  },
};

/** Fails in a batch, when asked to; the same function to who asks what the features follow from. */
let failsIn = Number.POSITIVE_INFINITY;
let batches = 0;
function half(images: tf.Tensor): tf.Tensor {
  if (++batches >= failsIn) throw new Error("cut off");
  return images.div(2);
}

let model: tf.LayersModel | undefined;

function base(): tf.LayersModel {
  if (model !== undefined) return model;
  model = tf.sequential({
    layers: [tf.layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, inputShape: [8, 8, 3] })],
  });
  const values = Float32Array.from({ length: 81 }, (_, i) => Math.sin(i));
  const weights = [tf.tensor(values, [3, 3, 3, 3]), tf.ones([3])];
  model.setWeights(weights);
  tf.dispose(weights);
  return model;
}

async function features(folder: string, stopIn = Number.POSITIVE_INFINITY): Promise<string> {
  batches = 0;
  failsIn = stopIn;
  const found = await extractFeatures(base(), await dataset(folder, false), {
    preprocess: half,
    cacheDir: path.join(folder, "features"),
    verbose: 0,
    engine: "eager",
  });
  const said = hashOfTensors([found.features, found.labels]);
  tf.dispose([found.features, found.labels]);
  return said;
}

function filesIn(folder: string, inner: string): string[] {
  return fs.readdirSync(path.join(folder, inner)).map((name) => path.join(inner, name));
}

const finishedFeatures: Subject = {
  name: "features",
  share: 200,
  async make(folder) {
    writeBitmaps(path.join(folder, "pictures"), 6, whole);
    await features(folder);
    return filesIn(folder, "features");
  },
  read: (folder) => features(folder),
};

const unfinishedFeatures: Subject = {
  name: "unfinished features",
  share: 200,
  async make(folder) {
    writeBitmaps(path.join(folder, "pictures"), 6, whole);
    await features(folder, 3).catch((error: Error) => {
      if (error.message !== "cut off") throw error;
    });
    return filesIn(folder, "features");
  },
  read: (folder) => features(folder),
};

async function zipOf(files: Readonly<Record<string, Buffer>>, compress: boolean): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(content, name, { compress });
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function unzipped(folder: string): Promise<string> {
  const into = path.join(folder, "out");
  await unzip(path.join(folder, "data.zip"), { into, quiet: true });
  const files = fs.readdirSync(into, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => path.join(file.parentPath, file.name))
    .map((file) => `${path.relative(into, file)} ${sha256(fs.readFileSync(file))}`)
    .sort()
    .join("\n");
}

const archive: Subject = {
  name: "zip archive",
  share: 1000,
  async make(folder) {
    const dice = new Dice(5);
    const names = ["cat/0.jpg", "cat/1.jpg", "고양이/2.jpg", "empty.txt", "texts/a.csv"];
    const files = names.map((name): [string, Buffer] => [
      name,
      name === "empty.txt" ? Buffer.alloc(0) : Buffer.from(dice.bytes(200).toString("hex")),
    ]);
    fs.writeFileSync(path.join(folder, "data.zip"), await zipOf(Object.fromEntries(files), true));
    return ["data.zip"];
  },
  read: unzipped,
  // An entry that the directory has lost is no wrong one: what is there must be right.
  isRight: (found, original) => {
    const lines = original.split("\n");
    return found.split("\n").every((line) => line === "" || lines.includes(line));
  },
};

async function digits(source: string): Promise<string> {
  const [train, test] = await datasets.mnist.loadData({ source });
  const said = hashOfTensors([...train, ...test]);
  tf.dispose([train, test]);
  return said;
}

/** Two digits to train with, one to test with. */
function idxFiles(dice: Dice): Record<string, Buffer> {
  const header = (...numbers: number[]) => {
    const bytes = Buffer.alloc(4 * numbers.length);
    for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * i);
    return bytes;
  };
  const images = (count: number) =>
    Buffer.concat([header(2051, count, 28, 28), dice.bytes(count * 784)]);
  const labels = (...values: number[]) =>
    Buffer.concat([header(2049, values.length), Buffer.from(values)]);
  return {
    "train-images-idx3-ubyte": images(2),
    "train-labels-idx1-ubyte": labels(3, 9),
    "t10k-images-idx3-ubyte": images(1),
    "t10k-labels-idx1-ubyte": labels(7),
  };
}

const gzippedDigits: Subject = {
  name: "gzipped digits",
  share: 500,
  async make(folder) {
    const files = Object.entries(idxFiles(new Dice(6)));
    for (const [name, bytes] of files) {
      fs.writeFileSync(path.join(folder, `${name}.gz`), zlib.gzipSync(bytes));
    }
    return files.map(([name]) => `${name}.gz`);
  },
  read: digits,
};

const npzDigits: Subject = {
  name: "digits in an npz archive",
  share: 500,
  async make(folder) {
    const arrays = Object.values(idxFiles(new Dice(7)));
    const names = ["x_train", "y_train", "x_test", "y_test"];
    const npy = (bytes: Buffer): Buffer => {
      const rank = bytes.readUInt8(3);
      const shape = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
      const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape},), }`;
      const header = Buffer.from(`${text.padEnd(117)}\n`);
      const start = Buffer.from("\x93NUMPY\x01\x00\x00\x00", "latin1");
      start.writeUInt16LE(header.length, 8);
      return Buffer.concat([start, header, bytes.subarray(4 + 4 * rank)]);
    };
    const files = names.map((name, i): [string, Buffer] => [`${name}.npy`, npy(arrays[i]!)]);
    fs.writeFileSync(path.join(folder, "mnist.npz"), await zipOf(Object.fromEntries(files), false));
    return ["mnist.npz"];
  },
  read: (folder) => digits(path.join(folder, "mnist.npz")),
};

export const dataSubjects: readonly Subject[] = [
  pixels,
  finishedFeatures,
  unfinishedFeatures,
  archive,
  gzippedDigits,
  npzDigits,
];
