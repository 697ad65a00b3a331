/** Backups of training. */
import fs from "node:fs";
import path from "node:path";
import { callbacks, fit, setSeed, tf } from "../../../lib/index";
import { sha256 } from "../hashes";
import type { Subject } from "./subject";

/** Trains, or goes on from what is kept in the folder; says what the weights are then. */
async function trained(folder: string, epochs: number): Promise<string> {
  setSeed(3);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, activation: "relu", inputShape: [2] }),
      tf.layers.dense({ units: 1, activation: "sigmoid" }),
    ],
  });
  model.compile({ optimizer: "rmsprop", loss: "binaryCrossentropy" });
  const x = tf.tensor2d(
    Float32Array.from({ length: 32 }, (_, i) => Math.sin(i * 7)),
    [16, 2],
  );
  const y = tf.tensor1d(Float32Array.from({ length: 16 }, (_, i) => i % 2));
  const before = model.getWeights().map((weight) => weight.dataSync().slice());
  try {
    await fit(model, [x, y], {
      epochs,
      batchSize: 8,
      verbose: 0,
      engine: "eager",
      callbacks: [
        callbacks.backupAndRestore({
          backupDir: path.join(folder, "backup"),
          deleteCheckpoint: false,
        }),
        callbacks.earlyStopping({ monitor: "loss", patience: 50, restoreBestWeights: true }),
      ],
    });
    const weights = model.getWeights().map((weight) => weight.dataSync());
    return sha256(Buffer.from(JSON.stringify(weights.map((each) => Array.from(each)))));
  } catch (error) {
    const after = model.getWeights().map((weight) => weight.dataSync());
    const isSame = after.every((each, i) => each.every((value, k) => value === before[i]![k]));
    if (!isSame) throw new Error("an error, and other weights in the model", { cause: error });
    throw error;
  } finally {
    tf.dispose([x, y]);
    model.dispose();
  }
}

export const backup: Subject = {
  name: "backup",
  share: 300,
  async make(folder) {
    await trained(folder, 2);
    return fs.readdirSync(path.join(folder, "backup")).map((name) => path.join("backup", name));
  },
  read: (folder) => trained(folder, 2),
};
