/** Small models and data for tests of training. */
import type { Optimizer } from "@tensorflow/tfjs-node-gpu";
import { layers, setSeed, tf } from "../../lib/index";

/** Two clouds of points that a line separates. */
export function points(
  samples = 40,
): [ReturnType<typeof tf.tensor2d>, ReturnType<typeof tf.tensor1d>] {
  const labels = Int32Array.from({ length: samples }, (_, i) => i % 2);
  const values = Float32Array.from({ length: samples * 2 }, (_, i) => {
    const label = labels[Math.floor(i / 2)]!;
    return label * 2 - 1 + Math.sin(i * 12.9898) * 0.8;
  });
  return [tf.tensor2d(values, [samples, 2]), tf.tensor1d(labels, "int32")];
}

/** A compiled classifier of the points; equal seeds give equal weights. */
export function classifier(
  options: { seed?: number; optimizer?: string | Optimizer; dropout?: number } = {},
) {
  const { seed = 1, optimizer = "adam", dropout = 0 } = options;
  setSeed(seed);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: "relu", inputShape: [2] }),
      ...(dropout > 0 ? [layers.dropout({ rate: dropout })] : []),
      tf.layers.dense({ units: 1, activation: "sigmoid" }),
    ],
  });
  model.compile({ optimizer, loss: "binaryCrossentropy", metrics: ["accuracy"] });
  return model;
}

/** A dataset of batches of points. */
export function pointBatches(samples = 40, batchSize = 8) {
  const [x, y] = points(samples);
  const [xs, ys] = [tf.data.array(x.arraySync()), tf.data.array(y.arraySync())];
  tf.dispose([x, y]);
  return tf.data.zip({ xs, ys } as never).batch(batchSize);
}

/** All weights as plain numbers. */
export function numbersOf(model: { getWeights(): { dataSync(): ArrayLike<number> }[] }): number[] {
  return model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
}

/** How many tensors are there. */
export function tensorCount(): number {
  return tf.memory().numTensors;
}
