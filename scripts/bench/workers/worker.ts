/** One worker of a measurement: trains, and writes what it has seen. worker_keras.py does the same in Keras. */
import fs from "node:fs";
import { fit, layers, multiWorkerMirrored, optimizers, tf } from "../../../lib/index";
import type { Part, Seen } from "./plan";

const pictures = (): tf.layers.Layer[] => [
  layers.rescaling({ scale: 1 / 255, inputShape: [180, 180, 3] }),
  ...[32, 64, 128, 256, 256].flatMap((filters, i) => [
    tf.layers.conv2d({ filters, kernelSize: 3, activation: "relu" }),
    ...(i < 4 ? [tf.layers.maxPooling2d({ poolSize: 2 })] : []),
  ]),
  tf.layers.flatten(),
];

/** Two layers of 2.8 million weights: little to compute, much to send. */
const wide = (): tf.layers.Layer[] => [
  tf.layers.dense({ units: 2150, activation: "relu", inputShape: [784] }),
  tf.layers.dense({ units: 512, activation: "relu" }),
];

const shapes = { pictures: [180, 180, 3], wide: [784] } as const;

function makeModel(kind: Part["model"]): tf.LayersModel {
  const head = tf.layers.dense({ units: 1, activation: "sigmoid" });
  const model = tf.sequential({ layers: [...(kind === "wide" ? wide() : pictures()), head] });
  model.compile({
    optimizer: optimizers.rmsprop(),
    loss: "binaryCrossentropy",
    metrics: ["accuracy"],
  });
  // As Keras has them on its side: whatever a formula gives, within Glorot's limits.
  const weights = model.getWeights().map((weight, k) => {
    const last = weight.shape.at(-1)!;
    const limit = weight.rank === 1 ? 0 : Math.sqrt(6 / (weight.size / last + last));
    const value = (_: unknown, i: number) => (((i * 7919 + 13 * k) % 2001) / 1000 - 1) * limit;
    return tf.tensor(Float32Array.from({ length: weight.size }, value), weight.shape);
  });
  model.setWeights(weights);
  tf.dispose(weights);
  return model;
}

function dataOf(kind: Part["model"], count: number): [tf.Tensor, tf.Tensor] {
  const [shape, most] = [shapes[kind], kind === "wide" ? 255 : 1];
  const length = count * shape.reduce((product, size) => product * size, 1);
  const values = Float32Array.from({ length }, (_, i) => ((i * 7919) % 256) / most);
  const labels = Float32Array.from({ length: count }, (_, i) => i % 2);
  return [tf.tensor(values, [count, ...shape]), tf.tensor(labels, [count, 1])];
}

/** Bytes that the loopback has received, each once. */
function loopbackBytes(): number {
  const [, bytes] = /lo:\s*(\d+)/.exec(fs.readFileSync("/proc/net/dev", "utf8")) ?? [];
  return Number(bytes);
}

async function main(part: Part): Promise<void> {
  const { addresses, index, batchSize, steps, epochs, gradientPrecision } = part;
  const model = makeModel(part.model);
  const parameters = model.countParams();
  const seen: Seen = { ms: [], cpuMs: [], bytes: [], losses: [], parameters };
  const read = () => ({
    ms: performance.now(),
    cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1000,
    bytes: loopbackBytes(),
  });
  let before = read();
  const { history } = await fit(model, dataOf(part.model, batchSize * steps), {
    ...{ batchSize, epochs, shuffle: false, verbose: 0, engine: "graph" },
    strategy:
      addresses.length === 0
        ? undefined
        : multiWorkerMirrored({
            cluster: { worker: addresses },
            task: { type: "worker", index },
            gradientPrecision,
          }),
    callbacks: {
      async onEpochBegin() {
        before = read();
      },
      async onEpochEnd(epoch) {
        const now = read();
        if (epoch === 0) return;
        for (const what of ["ms", "cpuMs", "bytes"] as const) {
          seen[what].push((now[what] - before[what]) / steps);
        }
      },
    },
  });
  seen.losses = history.loss as number[];
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}

void main(JSON.parse(process.argv[2]!) as Part);
