/** What workers do beside what one process would: each case gives what the test asks of every worker. */
import fs from "node:fs";
import path from "node:path";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  Callback,
  callbacks,
  type FitOptions,
  fit,
  getLearningRate,
  imageDatasetFromDirectory,
  type Mirrored,
  type MultiWorkerMirrored,
  optimizers,
  setLearningRate,
  setSeed,
  tf,
} from "../../lib/index";

/** A case; `folder` is one that all workers have. */
export type Behaviour = (
  strategy: Mirrored | MultiWorkerMirrored | undefined,
  use: { rank: number; folder: string },
) => Promise<unknown>;

function line(samples = 24): [Tensor, Tensor] {
  const x = tf.randomNormal([samples, 3], 0, 1, "float32", 3);
  return [x, tf.sum(x, 1, true)];
}

function linear(seed: number, learningRate = 0.05): LayersModel {
  setSeed(seed);
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: 1 })] });
  model.compile({ optimizer: optimizers.adam({ learningRate }), loss: "meanSquaredError" });
  return model;
}

const weightsOf = (model: LayersModel) => model.getWeights().flatMap((w) => [...w.dataSync()]);

/** By name. */
export const behaviours: Record<string, Behaviour> = {
  /** A step of rate 1 on the mean of the outputs moves each weight by the mean of its inputs, which dropout has doubled. */
  dropout: async (strategy, { rank }) => {
    const moves = async (seed: number) => {
      const kernelInitializer = "zeros";
      const model = tf.sequential({
        layers: [
          tf.layers.dropout({ inputShape: [2000], rate: 0.5 }),
          tf.layers.dense({ units: 1, useBias: false, kernelInitializer }),
        ],
      });
      model.compile({ optimizer: tf.train.sgd(1), loss: (_: Tensor, y: Tensor) => tf.mean(y, 1) });
      setSeed(seed + rank); // the chief's counts
      const data: [Tensor, Tensor] = [tf.ones([2, 2000]), tf.zeros([2, 1])];
      await fit(model, data, { verbose: 0, batchSize: 2, strategy });
      return weightsOf(model).map((weight) => Math.round(-weight));
    };
    return { first: await moves(1), again: await moves(1), other: await moves(5) };
  },
  "statistics of each worker's part": async (strategy, { rank }) => {
    setSeed(1 + rank);
    const model = tf.sequential({
      layers: [tf.layers.batchNormalization({ inputShape: [1], momentum: 0 })],
    });
    model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
    const x = tf.tensor2d([0, 1, 5, 7, 20], [5, 1]);
    await fit(model, [x, x], { verbose: 0, batchSize: 5, shuffle: false, strategy });
    return weightsOf(model).slice(2);
  },
  "early stopping that restores": async (strategy, { rank }) => {
    const model = linear(rank);
    const stopping = callbacks.earlyStopping({
      ...{ monitor: "loss", mode: "max", patience: 1, restoreBestWeights: true },
    });
    const { history } = await fit(model, line(), {
      ...{ epochs: 9, verbose: 0, callbacks: stopping, strategy },
    });
    return { epochs: history.loss!.length, weights: weightsOf(model) };
  },
  "who decides": async (strategy, { rank }) => {
    const model = linear(rank);
    const only = (chief: Partial<Callback>, other: Partial<Callback>) =>
      Object.assign(new Callback(), rank === 0 ? chief : other);
    const decides = only(
      {
        onEpochBegin: (epoch) => setLearningRate(model, 0.1 / (1 + epoch)),
        onTrainBatchEnd: (batch) => {
          if (batch === 1) model.stopTraining = true;
        },
      },
      {
        onEpochBegin: () => setLearningRate(model, 7),
        onTrainBatchBegin: (batch) => {
          if (batch === 1) model.stopTraining = true;
        },
      },
    );
    const options: FitOptions = { epochs: 3, batchSize: 4, verbose: 0, strategy };
    const { history } = await fit(model, line(), { ...options, callbacks: decides });
    return { history, rate: getLearningRate(model), weights: weightsOf(model) };
  },
  "weights that a callback changes between steps": async (strategy, { rank }) => {
    const model = linear(rank);
    const callback = Object.assign(new Callback(), {
      onTrainBatchEnd: (batch: number) => {
        if (rank !== 0 || batch !== 2) return;
        tf.tidy(() => model.setWeights(model.getWeights().map((each) => tf.zerosLike(each))));
      },
    });
    const options: FitOptions = { batchSize: 4, verbose: 0, strategy };
    await fit(model, line(), { ...options, callbacks: callback });
    return weightsOf(model);
  },
  "who saves, and where a run goes on": async (strategy, { rank, folder }) => {
    const own = path.join(folder, strategy === undefined ? "alone" : `worker-${rank}`);
    const files = () => [
      callbacks.csvLogger(path.join(own, "log.csv")),
      callbacks.modelCheckpoint({ filepath: path.join(own, "best.keras") }),
      callbacks.backupAndRestore({
        backupDir: path.join(own, "backup"),
        deleteCheckpoint: false,
      }),
    ];
    fs.mkdirSync(own, { recursive: true });
    const options: FitOptions = { batchSize: 5, verbose: 0, strategy };
    await fit(linear(rank), line(), { ...options, epochs: 2, callbacks: files() });
    const model = linear(rank);
    const resumed = await fit(model, line(), { ...options, epochs: 4, callbacks: files() });
    return {
      files: fs.readdirSync(own).sort(),
      losses: resumed.history.loss,
      weights: weightsOf(model),
    };
  },
  "pictures of a folder": async (strategy, { rank, folder }) => {
    const pictures = await imageDatasetFromDirectory(path.join(folder, "pictures"), {
      ...{ imageSize: [4, 4], batchSize: 5, seed: 2, verbose: 0, cache: false },
    });
    setSeed(rank);
    const model = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [4, 4, 3] }),
        tf.layers.dense({ units: 1, activation: "sigmoid" }),
      ],
    });
    model.compile({ optimizer: tf.train.sgd(1e-4), loss: "binaryCrossentropy" });
    const { history } = await fit(model, pictures, { epochs: 2, verbose: 0, strategy });
    return { losses: history.loss, weights: weightsOf(model) };
  },
  /** The last one: no worker has anybody to train with after it. */
  "a worker with another model": async (strategy, { rank }) => {
    const units = rank === 1 && strategy !== undefined ? 2 : 1;
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units })] });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const message = (work: Promise<unknown>) =>
      work.then(
        () => "",
        (error: Error) => error.message,
      );
    const [x, y] = line();
    const data: [Tensor, Tensor] = [x, tf.tile(y, [1, units])];
    const refused = await message(fit(model, data, { verbose: 0, strategy }));
    const later = await message(fit(model, data, { verbose: 0, strategy }));
    return { refused, later, alone: await message(fit(model, data, { verbose: 0 })) };
  },
};
