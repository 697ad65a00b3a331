/** Everything in the library that writes files. */
import fs from "node:fs";
import path from "node:path";
import {
  callbacks,
  downloadFile,
  exportSavedModel,
  loadModel,
  loadWeights,
  makeSubset,
  plot,
  saveModel,
  saveWeights,
  tf,
  unzip,
} from "../../lib/index";
import { archive, features, model, payload, readPass, sources, train } from "./material";
import { honest } from "./misbehaviours/misbehaviour";
import { startServer } from "./scriptedServer";

/** One of them, with something to write. */
export interface Writer {
  name: string;
  /** About how much it writes. */
  bytes: number;
  write(folder: string): Promise<void>;
  /** What is wrong with what it wrote, if anything. */
  faultIn(folder: string): Promise<string | undefined>;
  /** Names that may stay after an error: what the next try goes on from, and what grows line by line. */
  mayStay?: RegExp;
}

async function fine(look: () => unknown): Promise<string | undefined> {
  try {
    await look();
    return undefined;
  } catch (error) {
    return `what was written can't be read: ${error}`;
  }
}

function holds(file: string, bytes: Buffer): string | undefined {
  return fs.readFileSync(file).equals(bytes) ? undefined : `${path.basename(file)} is wrong`;
}

export const writers: readonly Writer[] = [
  {
    name: "saveModel",
    bytes: 120_000,
    write: (folder) => saveModel(model(), path.join(folder, "model.keras")),
    faultIn: (folder) =>
      fine(async () => (await loadModel(path.join(folder, "model.keras"))).dispose()),
  },
  {
    name: "saveWeights",
    bytes: 120_000,
    write: (folder) => saveWeights(model(), path.join(folder, "model.weights.h5")),
    faultIn: (folder) => fine(() => loadWeights(model(), path.join(folder, "model.weights.h5"))),
  },
  {
    name: "exportSavedModel",
    bytes: 120_000,
    write: (folder) => exportSavedModel(model(), path.join(folder, "exported")),
    faultIn: (folder) => fine(() => fs.readFileSync(path.join(folder, "exported/saved_model.pb"))),
  },
  {
    name: "callbacks.backupAndRestore",
    bytes: 300_000,
    write: (folder) =>
      train(
        callbacks.backupAndRestore({
          backupDir: path.join(folder, "backup"),
          deleteCheckpoint: false,
        }),
      ),
    faultIn: (folder) => fine(() => fs.readFileSync(path.join(folder, "backup/state.json"))),
    mayStay: /^backup$/,
  },
  {
    name: "callbacks.csvLogger",
    bytes: 200,
    write: (folder) => train(callbacks.csvLogger(path.join(folder, "log.csv"))),
    faultIn: async (folder) => {
      const lines = fs.readFileSync(path.join(folder, "log.csv"), "utf8").split("\r\n");
      return lines.length === 4 ? undefined : `${lines.length} lines`;
    },
    mayStay: /^log\.csv$/,
  },
  {
    name: "callbacks.tensorBoard",
    bytes: 2000,
    write: (folder) => train(callbacks.tensorBoard({ logDir: path.join(folder, "logs") })),
    faultIn: (folder) => fine(() => fs.readdirSync(path.join(folder, "logs"))),
    mayStay: /^logs$/,
  },
  {
    name: "a cache of pixels",
    bytes: 70_000,
    write: async (folder) => {
      const found = await readPass(path.join(folder, "pixels"));
      if (found !== (await readPass(true))) throw new Error("other pixels");
    },
    faultIn: (folder) => fine(() => fs.readFileSync(path.join(folder, "pixels"))),
  },
  {
    name: "features",
    bytes: 80_000,
    write: async (folder) => {
      const found = await features(path.join(folder, "features"));
      if (found !== (await features(undefined))) throw new Error("other features");
    },
    faultIn: (folder) => fine(() => features(path.join(folder, "features"))),
    mayStay: /^features$/,
  },
  {
    name: "unzip",
    bytes: 100_000,
    write: async (folder) => {
      await unzip(await archive(), { into: path.join(folder, "out"), quiet: true });
    },
    faultIn: async (folder) => holds(path.join(folder, "out/4.bin"), payload.subarray(80_000)),
    mayStay: /^out$/,
  },
  {
    name: "makeSubset",
    bytes: 500_000,
    write: async (folder) => {
      await makeSubset({
        from: sources(),
        into: path.join(folder, "subset"),
        subsets: { train: [0, 5] },
        classes: ["cat"],
        verbose: 0,
      });
    },
    faultIn: async (folder) => holds(path.join(folder, "subset/train/cat/cat.4.jpg"), payload),
  },
  {
    name: "downloadFile",
    bytes: 100_000,
    write: async (folder) => {
      const server = await startServer((asked) =>
        honest(asked, { file: payload, etag: '"1"', cut: 0, url: "" }),
      );
      try {
        const options = { quiet: true, retries: 1, retryDelayMs: 1, resume: false };
        await downloadFile(server.url, { ...options, output: path.join(folder, "file.bin") });
      } finally {
        await server.close();
      }
    },
    faultIn: async (folder) => holds(path.join(folder, "file.bin"), payload),
  },
  {
    name: "a picture",
    bytes: 20_000,
    write: async (folder) => {
      const layer = tf.layers.conv2d({ filters: 16, kernelSize: 3, inputShape: [8, 8, 3] });
      const holder = tf.sequential({ layers: [layer] });
      const picture = await plot.filters(layer);
      holder.dispose();
      await picture.toPng(path.join(folder, "picture.png"));
    },
    faultIn: async (folder) => {
      const bytes = fs.readFileSync(path.join(folder, "picture.png"));
      return bytes.subarray(-8, -4).toString() === "IEND" ? undefined : "half a picture";
    },
  },
];
