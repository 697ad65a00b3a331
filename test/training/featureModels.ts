/** Pictures and a model for the tests of features; as a process, an extraction to be killed: `images cacheDir`. */
import fs from "node:fs";
import path from "node:path";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  extractFeatures,
  type ImageDataset,
  type ImageDatasetOptions,
  imageDatasetFromDirectory,
  tf,
} from "../../lib/index";

/** Ten bitmaps of 8×8 pixels in the classes a and b. */
export function writePictures(folder: string, { brightness = 0 } = {}): void {
  for (let number = 0; number < 10; number++) {
    const file = path.join(folder, number % 2 === 0 ? "a" : "b", `${number}.bmp`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(
      file,
      bitmap((i) => (number * 20 + i + brightness) % 256),
    );
  }
}

/** An uncompressed bitmap, 24 bits a pixel. */
function bitmap(valueAt: (i: number) => number): Buffer {
  const [side, header] = [8, 54];
  const bytes = Buffer.alloc(header + side * side * 3);
  bytes.write("BM");
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(header, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(side, 18);
  bytes.writeInt32LE(side, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let i = 0; i < side * side * 3; i++) bytes[header + i] = valueAt(i);
  return bytes;
}

/** The pictures in batches of four. */
export function pictures(folder: string, options: ImageDatasetOptions = {}): Promise<ImageDataset> {
  return imageDatasetFromDirectory(folder, {
    imageSize: 8,
    batchSize: 4,
    shuffle: false,
    verbose: 0,
    ...options,
  } as ImageDatasetOptions & { subset?: undefined });
}

/** A small base model with fixed weights, whose layers get new names each time. */
export function base({ scale = 1, activation = "relu" as "relu" | "linear" } = {}) {
  const input = tf.input({ shape: [null, null, 3] as unknown as number[] });
  const convolution = tf.layers.conv2d({
    filters: 5,
    kernelSize: 3,
    strides: 2,
    padding: "same",
    activation,
  });
  const model = tf.model({ inputs: input, outputs: convolution.apply(input) as never });
  const kernel = Float32Array.from({ length: 135 }, (_, i) => Math.sin(i) * scale);
  tf.tidy(() => convolution.setWeights([tf.tensor(kernel, [3, 3, 3, 5]), tf.ones([5])]));
  return model;
}

/** The preprocessing of the tests. */
export const half = (images: Tensor): Tensor => images.div(2);

async function main([images, cacheDir]: string[]): Promise<void> {
  let batches = 0;
  const slow = (batch: Tensor): Tensor => {
    if (++batches === 3) {
      process.send!("third batch");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
    }
    return half(batch);
  };
  Object.defineProperties(slow, {
    name: { value: half.name },
    toString: { value: () => String(half) },
  });
  const dataset = await pictures(images!, { shuffle: true, seed: 8 });
  await extractFeatures(base(), dataset, { preprocess: slow, cacheDir, verbose: 0 });
}

if (require.main === module) void main(process.argv.slice(2));
