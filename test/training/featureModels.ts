/** Pictures and a model for the tests of features; as a process, an extraction to be killed: `images cacheDir`. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  extractFeatures,
  type ImageDataset,
  type ImageDatasetOptions,
  imageDatasetFromDirectory,
  tf,
} from "../../lib/index";
import { writeBitmaps } from "../../scripts/torture/bitmaps";

/** Ten bitmaps of 8×8 pixels in the classes a and b. */
export function writePictures(folder: string, options: { brightness?: number } = {}): void {
  writeBitmaps(folder, 10, options);
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
