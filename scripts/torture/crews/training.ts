/** Writers of a run of `fit`: checkpoints, logs, backups; and features. */
import fs from "node:fs";
import path from "node:path";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  type Callback,
  callbacks,
  extractFeatures,
  fit,
  imageDatasetFromDirectory,
  layers,
  loadModel,
  setSeed,
  tf,
} from "../../../lib/index";
import { writeBitmaps } from "../bitmaps";
import { filesBelow } from "../files";
import { faultsOf, inputOf, outputOf, type Writer } from "./writer";

/** Trains a small model with dropout, shuffling and Adam, so that every kind of state matters. */
async function train(ownCallbacks: Callback | Callback[], epochs: number): Promise<LayersModel> {
  setSeed(5);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: "relu", inputShape: [2] }),
      layers.dropout({ rate: 0.3 }),
      tf.layers.dense({ units: 1, activation: "sigmoid" }),
    ],
  });
  model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: ["accuracy"] });
  const values = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * 12.9898));
  const [x, y] = [
    tf.tensor2d(values, [32, 2]),
    tf.tensor1d(Array.from({ length: 32 }, (_, i) => i % 2)),
  ];
  const options = { epochs, batchSize: 5, verbose: 0, engine: "eager" } as const;
  await fit(model, [x, y], { ...options, callbacks: ownCallbacks });
  tf.dispose([x, y]);
  return model;
}

const weightsOf = (model: LayersModel) =>
  model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));

function release(model: LayersModel): void {
  model.dispose();
  model.optimizer?.dispose();
}

export const logs: Writer = {
  name: "modelCheckpoint, csvLogger, tensorBoard",
  async write(folder) {
    const model = await train(
      [
        callbacks.modelCheckpoint({ filepath: outputOf(folder, "best.keras") }),
        callbacks.csvLogger(outputOf(folder, "history.csv"), { append: true }),
        callbacks.tensorBoard({ logDir: outputOf(folder, "logs") }),
      ],
      4,
    );
    release(model);
  },
  async check(folder) {
    const [best, csv] = [outputOf(folder, "best.keras"), outputOf(folder, "history.csv")];
    const events = filesBelow(outputOf(folder, "logs")).map((file) =>
      outputOf(folder, "logs", file),
    );
    return [
      ...(await faultsOf(best, async () => release(await loadModel(best)))),
      ...(await faultsOf(csv, () => {
        const [head, ...rows] = fs.readFileSync(csv, "utf8").split("\r\n");
        const columns = head?.split(",").length;
        const isWhole = rows.pop() === "" && rows.every((row) => row.split(",").length === columns);
        if (head !== "" && !isWhole) throw new Error("a line is not whole");
      })),
      ...(await Promise.all(events.map((file) => faultsOf(file, () => readRecords(file))))).flat(),
    ];
  },
};

/** TFRecords: a length of eight bytes, its checksum, the data, its checksum. */
function readRecords(file: string): void {
  const bytes = fs.readFileSync(file);
  let at = 0;
  while (at < bytes.length) at += Number(bytes.readBigUInt64LE(at)) + 16;
  if (at !== bytes.length) throw new Error("its last record is not whole");
}

export const backups: Writer = {
  name: "backupAndRestore",
  async prepare(folder) {
    const model = await train([], 6);
    fs.writeFileSync(inputOf(folder, "expected.json"), JSON.stringify(weightsOf(model)));
    release(model);
    return undefined;
  },
  async write(folder) {
    const backup = callbacks.backupAndRestore({ backupDir: outputOf(folder, "run"), saveFreq: 2 });
    const model = await train(backup, 6);
    const expected = JSON.parse(fs.readFileSync(inputOf(folder, "expected.json"), "utf8"));
    const differences = weightsOf(model).map((value, i) => Math.abs(value - expected[i]));
    release(model);
    const most = Math.max(...differences);
    // Adam's powers of its betas are computed anew when its state is read: the last bits may differ.
    if (!(most < 1e-5)) {
      throw new Error(`a resumed run has ended ${most} from where an unbroken one ends`);
    }
  },
  check(folder) {
    const state = outputOf(folder, "run/state.json");
    return faultsOf(state, () => {
      const { weights, arrays } = JSON.parse(fs.readFileSync(state, "utf8"));
      for (const name of [weights, arrays ?? weights]) {
        const file = path.join(path.dirname(state), name);
        if (!fs.existsSync(file)) throw new Error(`it names ${name}, which isn't there`);
      }
    });
  },
};

let base: LayersModel | undefined;

/** A model with fixed weights. */
function featureModel(): LayersModel {
  if (base === undefined) {
    setSeed(3);
    base = tf.sequential({
      layers: [tf.layers.conv2d({ filters: 5, kernelSize: 3, inputShape: [8, 8, 3] })],
    });
  }
  return base;
}

async function featuresOf(folder: string, cacheDir?: string): Promise<number[]> {
  const dataset = await imageDatasetFromDirectory(inputOf(folder, "images"), {
    imageSize: 8,
    batchSize: 4,
    verbose: 0,
    seed: 8,
  });
  const { features, labels } = await extractFeatures(featureModel(), dataset, {
    cacheDir,
    verbose: 0,
    engine: "eager",
    preprocess: (images: Tensor) => images.div(255),
  });
  const values = [...features.dataSync(), ...labels.dataSync()];
  tf.dispose([features, labels]);
  return values;
}

export const features: Writer = {
  name: "extractFeatures",
  async prepare(folder) {
    writeBitmaps(inputOf(folder, "images"), 48);
    fs.writeFileSync(inputOf(folder, "expected.json"), JSON.stringify(await featuresOf(folder)));
    return undefined;
  },
  async write(folder) {
    const values = await featuresOf(folder, outputOf(folder));
    const expected = JSON.parse(fs.readFileSync(inputOf(folder, "expected.json"), "utf8"));
    if (!values.every((value, i) => Math.abs(value - expected[i]) < 1e-6)) {
      throw new Error("kept features are not those that are computed");
    }
    for (const file of filesBelow(outputOf(folder)).filter((name) =>
      /features$|tensors$/.test(name),
    )) {
      fs.rmSync(outputOf(folder, file), { force: true }); // so that the next write computes again
    }
  },
  check: async () => [],
};
