/** A dataset of image batches that loads ahead while the last batch is used. */
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import type { Tensor, Tensor4D, TensorContainer } from "@tensorflow/tfjs-node-gpu";
import { DType, tf } from "../../engine";
import type { HostArray } from "../../graph";
import { collectInOneGo } from "./collectInOneGo";
import { ImageLoader, RunnableGraph } from "./imageLoader";
import type { ImageFiles } from "./listing";

import { FileCache, MemoryCache, type PixelCache } from "./pixelCache";
import { RandomState } from "./randomState";
import { castGraph } from "./resizeGraph";
import type { ImageDatasetSettings } from "./settings";

/** Images with their labels. */
export type ImageBatch = {
  /** `[batch, height, width, channels]` float32 in [0, 255]. */
  xs: Tensor4D;
  /** int32 `[batch]`, float32 `[batch, 1]` or float32 `[batch, classes]`, by `labelMode`. */
  ys: Tensor;
};

/** Pixels in JavaScript's memory; tensors are made of them when they are asked for. */
interface HostBatch {
  pixels: Float32Array;
  /** Numbers of the images. */
  indices: number[];
}

/**
 * Batches of images from files.
 *
 * Each pass makes new tensors; who iterates disposes them. Batches that were loaded ahead are ordinary
 * JavaScript memory: stop asking for the next one, and nothing more is loaded and nothing stays behind.
 */
export class ImageDataset<T extends TensorContainer = ImageBatch> extends tf.data.Dataset<T> {
  /** Number of batches. */
  override readonly size: number;
  /** Names of the classes in the order of their numbers; empty when there are no labels. */
  readonly classNames: string[];
  /** The files in the order in which a dataset that does not shuffle gives them. */
  readonly filePaths: string[];

  /** Passes begun so far. With `shuffle`, the order of a pass follows from its number: set it to repeat one. */
  passes = 0;

  private readonly loader: ImageLoader;
  private readonly cache: PixelCache | undefined;
  private readonly toFloat = new RunnableGraph(castGraph());

  /** Made by `imageDatasetFromDirectory`. */
  constructor(
    private readonly files: ImageFiles,
    private readonly settings: ImageDatasetSettings,
  ) {
    super();
    this.classNames = files.classNames ?? [];
    this.filePaths = files.paths;
    this.size = Math.ceil(files.paths.length / (settings.batchSize ?? 1));
    const { height, width, channels, interpolation, fit } = settings;
    // What goes through a uint8 cache is rounded in the graph, so that every pass gives the same numbers.
    const dtype = settings.cache === false ? "float32" : settings.cacheDtype;
    const resize = { height, width, channels, interpolation, fit, dtype } as const;
    this.loader = new ImageLoader({
      ...resize,
      maxPixels: settings.maxPixels,
      exifOrientation: settings.exifOrientation,
      skipErrors: settings.skipErrors,
      note: (text) => {
        if (settings.verbose) console.log(text);
      },
    });
    if (settings.cache === true) this.cache = new MemoryCache();
    if (typeof settings.cache === "string") {
      this.cache = new FileCache(settings.cache, {
        files: files.paths,
        imageBytes: this.loader.imageLength * (dtype === "uint8" ? 1 : 4),
        settings: [resize, settings.exifOrientation],
      });
    }
  }

  /** Files that could not be decoded and were left out so far (`onError: "skip"`), by path, with the reasons. */
  get skipped(): { path: string; reason: string }[] {
    return [...this.loader.skipped]
      .map(([path, error]) => ({ path, reason: error.message }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /**
   * A hash of everything that the batches follow from: the files' bytes in their order, the labels, and the options
   * that shape images, labels and batches. Names and places of files don't count.
   */
  async contentHash(): Promise<string> {
    const { verbose: _, maxPixels, prefetch, cache, seed, ...shaping } = this.settings;
    const options = {
      ...shaping,
      seed: shaping.shuffle ? seed : null,
      cacheDtype: cache === false ? null : shaping.cacheDtype,
    };
    const hash = createHash("sha256").update(JSON.stringify([options, this.files.labels ?? null]));
    for (const path of this.files.paths) {
      const bytes = await fs.readFile(path);
      hash.update(`${bytes.length} `).update(bytes);
    }
    return hash.digest("hex");
  }

  override iterator() {
    return tf.data.generator((() => this.pass()) as unknown as () => Iterator<T>).iterator();
  }

  private async *pass(): AsyncGenerator<T> {
    collectInOneGo();
    const batches = this.batchesOfPass();
    const ahead: Promise<HostBatch>[] = [];
    // One after the other: a batch alone keeps every core busy, two at once get in each other's way.
    let last: Promise<unknown> = Promise.resolve();
    const loadAhead = () => {
      while (ahead.length < this.settings.prefetch && batches.length > 0) {
        const wanted = batches.shift()!;
        const batch = last.then(() => this.loadBatch(wanted));
        last = batch.catch(() => {}); // told when its turn comes, even if that is never
        ahead.push(batch);
      }
    };
    for (loadAhead(); ahead.length > 0; loadAhead()) {
      const batch = await ahead.shift()!;
      loadAhead();
      if (batch.indices.length > 0) yield this.element(batch);
    }
  }

  /** Numbers of the images of each batch, in this pass' order. */
  private batchesOfPass(): number[][] {
    const order = [...this.files.paths.keys()];
    const { shuffle, seed, batchSize } = this.settings;
    if (shuffle) new RandomState((seed + ++this.passes) % 2 ** 32).shuffle(order);
    const length = batchSize ?? 1;
    return Array.from({ length: this.size }, (_, batch) =>
      order.slice(batch * length, (batch + 1) * length),
    );
  }

  private async loadBatch(wanted: number[]): Promise<HostBatch> {
    const { files, loader, cache } = this;
    if (cache === undefined) {
      const { pixels, loaded } = await loader.load(wanted.map((index) => files.paths[index]!));
      return { pixels: pixels as Float32Array, indices: loaded.map((place) => wanted[place]!) };
    }
    const asked = wanted.filter((index) => !loader.skipped.has(files.paths[index]!));
    if (asked.length > 0 && cache.has(asked)) {
      return { pixels: await this.floats(cache.read(asked), asked.length), indices: asked };
    }
    const { pixels, loaded } = await loader.load(asked.map((index) => files.paths[index]!));
    const indices = loaded.map((place) => asked[place]!);
    const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    if (indices.length > 0) await cache.write(indices, bytes);
    return { pixels: await this.floats(bytes, indices.length), indices };
  }

  private async floats(bytes: Uint8Array, count: number): Promise<Float32Array> {
    const { height, width, channels, cacheDtype } = this.settings;
    if (cacheDtype === "float32") {
      return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    }
    const shape = [count, height, width, channels];
    const result: HostArray = await this.toFloat.run({ dtype: DType.uint8, shape, data: bytes });
    return result as Float32Array;
  }

  private element({ pixels, indices }: HostBatch): T {
    const { height, width, channels, batchSize } = this.settings;
    const single = batchSize === null;
    const shape = [height, width, channels];
    const xs = tf.tensor(pixels, single ? shape : [indices.length, ...shape], "float32");
    if (this.files.labels === undefined) return xs as unknown as T;
    const labels = indices.map((index) => this.files.labels![index]!);
    return { xs, ys: this.labelTensor(labels, single) } as unknown as T;
  }

  private labelTensor(labels: number[], single: boolean): Tensor {
    const count = single ? [] : [labels.length];
    const { labelMode } = this.settings;
    if (labelMode === "int") return tf.tensor(labels, count, "int32");
    if (labelMode === "binary") return tf.tensor(labels, [...count, 1], "float32");
    const classes = this.classNames.length;
    const oneHot = new Float32Array(labels.length * classes);
    for (const [row, label] of labels.entries()) {
      if (label >= 0 && label < classes) oneHot[row * classes + label] = 1;
    }
    return tf.tensor(oneHot, [...count, classes], "float32");
  }
}
