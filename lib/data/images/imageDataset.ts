/** A dataset of image batches that loads ahead while the last batch is used. */
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import type { Tensor, Tensor4D, TensorContainer } from "@tensorflow/tfjs-node-gpu";
import type { HostArray } from "../../graph";
import { nativeModule } from "../../native";
import { lendTensor, tf } from "../../tfjs";
import { ImageLoader } from "./imageLoader";
import type { ImageFiles } from "./listing";
import { FileCache, MemoryCache, type PixelCache } from "./pixelCache";
import { RandomState } from "./randomState";
import type { ImageDatasetSettings } from "./settings";

/** Images with their labels. */
export type ImageBatch = {
  /** `[batch, height, width, channels]` float32 in [0, 255]. */
  xs: Tensor4D;
  /** int32 `[batch]`, float32 `[batch, 1]` or float32 `[batch, classes]`, by `labelMode`. */
  ys: Tensor;
};

/** Two, so that no core waits for the last image of a batch; more would only take memory. */
const LOADED_AT_ONCE = 2;

/** Pixels in JavaScript's memory; tensors are made of them when they are asked for. */
interface HostBatch {
  pixels: Float32Array;
  /** Numbers of the images. */
  indices: number[];
  /** Told when the tensor made of the pixels is disposed. */
  giveBack: () => void;
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
  /** Batches of a fixed order by their first image; their tensors share the memory, which nobody writes to. */
  private readonly whole: Map<number, HostBatch> | undefined;
  /** Memory of disposed batches, for the next ones. */
  private readonly spare: Float32Array[] = [];

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
    if (settings.cache === true) {
      const fixedOrder = !settings.shuffle || !settings.reshuffleEachIteration;
      if (fixedOrder && dtype === "float32") this.whole = new Map();
      else this.cache = new MemoryCache();
    }
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

  /** Begins a pass. */
  override iterator() {
    return tf.data.generator((() => this.pass()) as unknown as () => Iterator<T>).iterator();
  }

  private async *pass(): AsyncGenerator<T> {
    const batches = this.batchesOfPass();
    const ahead: Promise<HostBatch>[] = [];
    const loadAhead = () => {
      while (ahead.length < this.settings.prefetch && batches.length > 0) {
        const turn = ahead.at(-LOADED_AT_ONCE)?.catch(() => {}); // told when its turn comes, even if that is never
        const wanted = batches.shift()!;
        const batch =
          turn === undefined ? this.loadBatch(wanted) : turn.then(() => this.loadBatch(wanted));
        batch.catch(() => {});
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
    if (shuffle) {
      this.passes++;
      const pass = this.settings.reshuffleEachIteration ? this.passes : 1;
      new RandomState((seed + pass) % 2 ** 32).shuffle(order);
    }
    const length = batchSize ?? 1;
    return Array.from({ length: this.size }, (_, batch) =>
      order.slice(batch * length, (batch + 1) * length),
    );
  }

  private async loadBatch(wanted: number[]): Promise<HostBatch> {
    const { cache, whole } = this;
    if (cache !== undefined) return this.loadBatchThrough(cache, wanted);
    const known = whole?.get(wanted[0]!);
    if (known !== undefined) return known;
    const { pixels, loaded } = await this.load(wanted);
    // Freed as soon as its tensor is: V8 takes each batch that waits for its collector for a reason to collect.
    const { buffer } = pixels as Float32Array<ArrayBuffer>;
    const giveBack = whole === undefined ? () => nativeModule().release(buffer) : () => {};
    const batch = { pixels: pixels as Float32Array, indices: loaded, giveBack };
    whole?.set(wanted[0]!, batch);
    return batch;
  }

  private async loadBatchThrough(cache: PixelCache, wanted: number[]): Promise<HostBatch> {
    const asked = wanted.filter((index) => !this.loader.skipped.has(this.files.paths[index]!));
    if (asked.length > 0 && cache.has(asked)) {
      return this.gathered(cache.read(asked), asked);
    }
    const { pixels, loaded } = await this.load(asked);
    if (loaded.length === 0) return { pixels: new Float32Array(), indices: [], giveBack: () => {} };
    const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    await cache.write(loaded, bytes);
    const batch = await this.gathered([bytes], loaded);
    nativeModule().release(pixels.buffer as ArrayBuffer);
    return batch;
  }

  private async load(wanted: number[]): Promise<{ pixels: HostArray; loaded: number[] }> {
    const paths = wanted.map((index) => this.files.paths[index]!);
    const { pixels, loaded } = await this.loader.load(paths);
    return { pixels, loaded: loaded.map((place) => wanted[place]!) };
  }

  /** Kept images as floats, off the main thread. */
  private async gathered(images: Uint8Array[], indices: number[]): Promise<HostBatch> {
    const length = indices.length * this.loader.imageLength;
    const place = this.spare.findIndex((each) => each.length === length);
    const pixels = place < 0 ? new Float32Array(length) : this.spare.splice(place, 1)[0]!;
    await nativeModule().gather(images, pixels);
    const giveBack = () => {
      if (this.spare.length <= this.settings.prefetch) this.spare.push(pixels);
    };
    return { pixels, indices, giveBack };
  }

  private element({ pixels, indices, giveBack }: HostBatch): T {
    const { height, width, channels, batchSize } = this.settings;
    const single = batchSize === null;
    const shape = [height, width, channels];
    const full = single ? shape : [indices.length, ...shape];
    const xs = lendTensor(pixels, { shape: full, giveBack });
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
