/** The kinds of files that are damaged: how a good one is made, and what reading it shows. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import {
  extractFeatures,
  imageDatasetFromDirectory,
  loadModel,
  loadWeights,
  predict,
  saveModel,
  saveWeights,
  tf,
  unzip,
} from "../../../lib/index";

/** One kind of files. */
export interface Kind {
  /** Whether a checksum covers all that counts: damage shows, or changes nothing. */
  isChecked: boolean;
  /** Makes a good file in an empty folder. */
  make(folder: string): Promise<string>;
  /** Reads a file; what is returned is the same for the same numbers. */
  read(file: string): Promise<string>;
}

/** A convolution, a normalisation and a recurrent layer, compiled. */
function model() {
  const made = tf.sequential({ name: "damaged" });
  made.add(tf.layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [6, 6, 2], name: "eye" }));
  made.add(tf.layers.batchNormalization({ name: "norm" }));
  made.add(tf.layers.reshape({ targetShape: [16, 3], name: "steps" }));
  made.add(tf.layers.lstm({ units: 4, name: "memory", recurrentActivation: "sigmoid" }));
  made.add(tf.layers.dense({ units: 2, activation: "softmax", name: "head" }));
  made.compile({ optimizer: "adam", loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  return made;
}

type Model = Awaited<ReturnType<typeof loadModel>>;

function weightsOf(read: Model): string {
  const hash = createHash("sha256");
  for (const weight of read.getWeights()) {
    hash.update(JSON.stringify(weight.shape)).update(new Uint8Array(weight.dataSync().buffer));
  }
  return hash.digest("hex");
}

/** Its weights and what it makes of ones. */
async function numbersOf(read: Model): Promise<string> {
  const shape = read.inputs[0]!.shape.slice(1).map((size) => size ?? 4);
  const size = shape.reduce((product, side) => product * side, 1);
  if (size > 2 ** 20 || read.inputs.length > 1) return weightsOf(read);
  const input = tf.ones([1, ...shape]);
  try {
    const outputs = [await predict(read, input, { engine: "eager", verbose: 0 })].flat();
    const numbers = outputs.map((output) => [...output.dataSync()]);
    tf.dispose(outputs);
    return `${weightsOf(read)} ${JSON.stringify(numbers)}`;
  } catch (error) {
    // Another model than before may take other inputs.
    return `${weightsOf(read)} ${(error as Error).message}`;
  } finally {
    input.dispose();
  }
}

async function readModel(file: string): Promise<string> {
  const read = await loadModel(file);
  try {
    return await numbersOf(read);
  } finally {
    read.dispose();
  }
}

/** Keras 2 has written these; see the tests of saving. */
const keras2 = path.resolve(__dirname, "../../../../test/saving/fixtures/keras2.zip");

let extractor: ReturnType<typeof tf.sequential> | undefined;

async function extract(folder: string): Promise<string> {
  const pictures = await imageDatasetFromDirectory(path.join(folder, "pictures"), {
    imageSize: [4, 4],
    shuffle: false,
    verbose: 0,
  });
  if (extractor === undefined) {
    extractor = tf.sequential();
    extractor.add(tf.layers.flatten({ inputShape: [4, 4, 3] }));
    extractor.add(tf.layers.dense({ units: 5, kernelInitializer: "ones" }));
  }
  const cacheDir = path.join(folder, "cache");
  const { features, labels } = await extractFeatures(extractor, pictures, { cacheDir, verbose: 0 });
  const numbers = [features, labels].map((tensor) => [tensor.shape, [...tensor.dataSync()]]);
  tf.dispose([features, labels]);
  return JSON.stringify(numbers);
}

/** A picture of one colour. */
function bitmap(red: number, green: number): Buffer {
  const bytes = Buffer.alloc(54 + 4 * 12);
  bytes.write("BM", 0, "latin1");
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(4, 18);
  bytes.writeInt32LE(4, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let at = 54; at < bytes.length; at += 3) bytes.set([17, green, red], at);
  return bytes;
}

/** By name. */
export const kinds: Record<string, Kind> = {
  keras: {
    isChecked: true,
    async make(folder) {
      const file = path.join(folder, "good.keras");
      const made = model();
      await saveModel(made, file);
      made.dispose();
      return file;
    },
    read: readModel,
  },
  weights: {
    isChecked: false,
    async make(folder) {
      const file = path.join(folder, "good.weights.h5");
      const made = model();
      await saveWeights(made, file);
      made.dispose();
      return file;
    },
    async read(file) {
      const made = model();
      try {
        await loadWeights(made, file);
        return weightsOf(made);
      } finally {
        made.dispose();
      }
    },
  },
  legacy: {
    isChecked: false,
    async make(folder) {
      await unzip(keras2, { into: folder, quiet: true });
      return path.join(folder, "legacy_adam.h5");
    },
    read: readModel,
  },
  features: {
    isChecked: true,
    async make(folder) {
      for (const name of ["a", "b"]) {
        fs.mkdirSync(path.join(folder, "pictures", name), { recursive: true });
        for (const green of [20, 90, 200]) {
          const picture = path.join(folder, "pictures", name, `${green}.bmp`);
          fs.writeFileSync(picture, bitmap(name.charCodeAt(0), green));
        }
      }
      await extract(folder);
      const [file] = fs.readdirSync(path.join(folder, "cache"));
      return path.join(folder, "cache", file!);
    },
    read: (file) => extract(path.resolve(file, "../..")),
  },
};
