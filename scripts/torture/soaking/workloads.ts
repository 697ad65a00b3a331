/** What is done again and again, and how memory grows meanwhile. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fit, loadModel, predict, saveModel, tf } from "../../../lib/index";

/** One kind of work. */
interface Workload {
  /** How often in the long form. */
  times: number;
  /** Operations that one turn counts for. @default 1 */
  each?: number;
  /** Part of the turns after which all is warm. @default 0.2 */
  warm?: number;
  /** Makes what all turns share. */
  start(): Promise<(turn: number) => Promise<void>>;
}

/** Growth for 1,000 operations in bytes, and tensors that are left at the end. */
export interface Growth {
  rss: number;
  heapUsed: number;
  external: number;
  tensors: number;
  /** The most that the process has had. */
  peak: number;
}

function model(units = 8) {
  const made = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu", inputShape: [12, 12, 1] }),
      tf.layers.flatten(),
      tf.layers.dense({ units, activation: "relu" }),
      tf.layers.dense({ units: 2, activation: "softmax" }),
    ],
  });
  made.compile({ optimizer: "rmsprop", loss: "sparseCategoricalCrossentropy" });
  return made;
}

const inputs = (count: number) => tf.randomUniform([count, 12, 12, 1]);
const labels = (count: number) => tf.zeros([count], "int32");
const quiet = { verbose: 0 } as const;

/** By name. */
export const workloads: Record<string, Workload> = {
  steps: {
    times: 100_000,
    each: 1000,
    async start() {
      const [made, x, y] = [model(), inputs(64), labels(64)];
      return async () => {
        await fit(made, [x, y], { batchSize: 8, epochs: 125, ...quiet });
      };
    },
  },
  fits: {
    times: 1000,
    // oneDNN keeps what it made for a shape, in each of four threads: until each has seen each of 32 models.
    warm: 0.6,
    async start() {
      const [x, y] = [inputs(32), labels(32)];
      return async (turn) => {
        const made = model(4 + (turn % 32));
        await fit(made, [x, y], { batchSize: 16, ...quiet });
        made.dispose();
      };
    },
  },
  loads: {
    times: 1000,
    async start() {
      const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "convnets-soak-")), "a.keras");
      const made = model();
      await saveModel(made, file);
      made.dispose();
      return async () => {
        (await loadModel(file)).dispose();
      };
    },
  },
  predictions: {
    times: 10_000,
    async start() {
      const [made, x] = [model(), inputs(8)];
      return async () => {
        tf.dispose(await predict(made, x, quiet));
      };
    },
  },
  "predictions of changing sizes": {
    times: 10_000,
    async start() {
      const made = model();
      const all = inputs(64);
      return async (turn) => {
        const x = tf.slice(all, 0, 1 + (turn % 64));
        tf.dispose([x, ...[await predict(made, x, quiet)].flat()]);
      };
    },
  },
};

/** Does it so many times, the first part of them to warm up. */
export async function growthOf(workload: Workload, times: number): Promise<Growth> {
  const { each = 1, warm: part = 0.2 } = workload;
  const turn = await workload.start();
  const turns = Math.max(5, Math.round(times / each));
  const warm = Math.ceil(turns * part);
  for (let i = 0; i < warm; i++) await turn(i);
  const before = await memory();
  for (let i = warm; i < turns; i++) await turn(i);
  const after = await memory();
  const thousands = ((turns - warm) * each) / 1000;
  const grown = (key: "rss" | "heapUsed" | "external") => (after[key] - before[key]) / thousands;
  return {
    rss: grown("rss"),
    heapUsed: grown("heapUsed"),
    external: grown("external"),
    tensors: after.tensors - before.tensors,
    peak: process.resourceUsage().maxRSS * 1024,
  };
}

/** After the collector has had its turns, without what V8 holds in reserve: 30 MiB more or less at any moment. */
async function memory() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
  const { numTensors: tensors } = tf.memory();
  return { rss: rss - (heapTotal - heapUsed), heapUsed, external, tensors };
}
