/** What writers write: a model, pictures, an archive, files. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import yazl from "yazl";
import { extractFeatures, fit, imageDatasetFromDirectory, tf } from "../../lib/index";
import { writeBitmaps } from "./bitmaps";
import { Dice } from "./dice";
import { sha256 } from "./hashes";

const here = fs.mkdtempSync(path.join(os.tmpdir(), "torture-source-"));
process.on("exit", () => fs.rmSync(here, { recursive: true, force: true }));

export const payload = new Dice(8).bytes(100_000);

let made: tf.LayersModel | undefined;
/** A compiled model with about 100 kB of weights. */
export function model(): tf.LayersModel {
  if (made !== undefined) return made;
  made = tf.sequential({
    layers: [
      tf.layers.dense({ units: 300, activation: "relu", inputShape: [80] }),
      tf.layers.dense({ units: 1 }),
    ],
  });
  made.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  return made;
}

/** Trains for two epochs. */
export async function train(callback: unknown): Promise<void> {
  const [x, y] = [tf.ones([16, 80]), tf.zeros([16, 1])];
  try {
    await fit(model(), [x, y], {
      epochs: 2,
      batchSize: 8,
      verbose: 0,
      engine: "eager",
      callbacks: [callback as never],
    });
  } finally {
    tf.dispose([x, y]);
  }
}

function pictures(cache: string | boolean, count: number) {
  const folder = path.join(here, `pictures-${count}`);
  if (!fs.existsSync(folder)) writeBitmaps(folder, count, { modifiedAt: 1e9 });
  const options = { imageSize: 32, batchSize: 4, shuffle: false, verbose: 0, cache } as const;
  return imageDatasetFromDirectory(folder, options);
}

export async function readPass(cache: string | boolean): Promise<string> {
  const images = await pictures(cache, 20);
  const seen: string[] = [];
  for (let pass = 0; pass < 2; pass++) {
    await images.forEachAsync(({ xs, ys }) => {
      seen.push(sha256(new Uint8Array(new Float32Array(xs.dataSync()).buffer)));
      tf.dispose([xs, ys]);
    });
  }
  return seen.join();
}

export async function features(cacheDir: string | undefined): Promise<string> {
  const base = tf.sequential({
    layers: [tf.layers.averagePooling2d({ poolSize: 2, inputShape: [32, 32, 3] })],
  });
  const found = await extractFeatures(base, await pictures(false, 20), {
    cacheDir,
    verbose: 0,
    engine: "eager",
  });
  const said = sha256(new Uint8Array(new Float32Array(found.features.dataSync()).buffer));
  tf.dispose([found.features, found.labels]);
  base.dispose();
  return said;
}

/** An archive beside the disk. */
export async function archive(): Promise<string> {
  const file = path.join(here, "data.zip");
  if (fs.existsSync(file)) return file;
  const zip = new yazl.ZipFile();
  for (let i = 0; i < 5; i++) {
    zip.addBuffer(payload.subarray(i * 20_000, (i + 1) * 20_000), `${i}.bin`, { compress: false });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  fs.writeFileSync(file, Buffer.concat(chunks));
  return file;
}

/** Files that a subset is made of. */
export function sources(): string {
  const folder = path.join(here, "sources");
  fs.mkdirSync(folder, { recursive: true });
  for (let i = 0; i < 5; i++) fs.writeFileSync(path.join(folder, `cat.${i}.jpg`), payload);
  return folder;
}
