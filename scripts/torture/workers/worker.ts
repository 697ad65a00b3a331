/** A process that trains with others as often as it is told to, and says how each time has ended. */
import { setTimeout as pause } from "node:timers/promises";
import {
  callbacks,
  fit,
  layers,
  multiWorkerMirrored,
  optimizers,
  setSeed,
  tf,
} from "../../../lib/index";
import type { Orders, Report } from "./messages";

const BATCHES = 12;
const BATCH = 9; // shares of two and of three workers differ
const SIDE = 6;

function report(what: Report): void {
  process.send?.(what);
}

/** The same on all workers. */
function dataset(): [tf.Tensor, tf.Tensor] {
  const images = tf.randomUniform([BATCHES * BATCH, SIDE, SIDE, 1], 0, 1, "float32", 5);
  return [images, tf.tidy(() => images.mean([1, 2, 3]).mul(40).floor().mod(4))];
}

/** A model with all that a resumed run must get back: slots, moving statistics, and keys of dropout. */
function makeModel(): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [SIDE, SIDE, 1], filters: 4, kernelSize: 3, useBias: false }),
      tf.layers.batchNormalization({ momentum: 0.9 }),
      tf.layers.activation({ activation: "relu" }),
      tf.layers.flatten(),
      layers.dropout({ rate: 0.2 }),
      tf.layers.dense({ units: 4, activation: "softmax" }),
    ],
  });
  const loss = "sparseCategoricalCrossentropy";
  model.compile({
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    loss,
    metrics: ["accuracy"],
  });
  return model;
}

async function train(orders: Orders): Promise<Report> {
  const { addresses, index, epochs, backupDir, timeoutSeconds, pauseMs } = orders;
  const cluster = { worker: addresses };
  const strategy =
    addresses.length === 0
      ? undefined
      : multiWorkerMirrored({ cluster, task: { type: "worker", index }, timeoutSeconds });
  setSeed(11);
  const data = dataset();
  const model = makeModel();
  let steps = 0;
  try {
    await fit(model, data, {
      ...{ epochs, batchSize: BATCH, verbose: 0, strategy },
      callbacks: [
        ...(backupDir === undefined ? [] : [callbacks.backupAndRestore({ backupDir })]),
        {
          async onTrainBatchEnd() {
            steps++;
            report({ kind: "step" });
            await pause(pauseMs);
          },
        },
      ],
    });
    const weights = model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
    return { kind: "trained", weights, steps };
  } catch (error) {
    const { name, message } = error as Error;
    return { kind: "failed", name, message };
  } finally {
    model.dispose();
    tf.dispose(data);
  }
}

process.on("message", async (orders: Orders) => report(await train(orders)));
process.on("disconnect", () => process.exit());
