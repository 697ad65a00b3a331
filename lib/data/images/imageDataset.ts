/** A dataset of image batches that loads ahead while the last batch is used. */
import type { Tensor, Tensor4D, TensorContainer } from "@tensorflow/tfjs-node-gpu";
import { type HostArray, type HostTensor, toTensor } from "../../graph";
import { nativeModule } from "../../native";
import { DType, iteratorOf, lendTensor, tf } from "../../tfjs";
import type { BatchPart, HostDataset, HostElement } from "../dataset";
import { hashContent, wholeOf } from "./identity";
import { ImageLoader } from "./imageLoader";
import { labelTensor } from "./labels";
import type { ImageFiles } from "./listing";
import { MemoryCache } from "./memoryCache";
import { FileCache, type PixelCache } from "./pixelCache";
import { RandomState } from "./randomState";
import type { ImageDatasetSettings } from "./settings";

/** Images with their labels. */
export type ImageBatch = {
  /** `[batch, height, width, channels]` float32 in [0, 255]. */
  xs: Tensor4D;
  /** int32 `[batch]`, float32 `[batch, 1]` or float32 `[batch, classes]`, by `labelMode`. */
  ys: Tensor;
};

/** Pixels as models take them, float32 or uint8. */
type Pixels = Float32Array | Uint8Array;

/** Two, so that no core waits for the last image of a batch; more would only take memory. */
const LOADED_AT_ONCE = 2;

/** Images that were loaded. */
interface LoadedBatch {
  pixels: Pixels;
  /** Numbers of the images. */
  indices: number[];
  /** Told when nobody reads the pixels any more. */
  giveBack: () => void;
}

/** How a pass gives its batches. */
type PassForm = { asBytes: boolean; part?: BatchPart };

/**
 * Batches of images from files.
 *
 * Each pass makes new tensors; who iterates disposes them. Batches that were loaded ahead are ordinary
 * JavaScript memory: stop asking for the next one, and nothing more is loaded and nothing stays behind.
 */
export class ImageDataset<T extends TensorContainer = ImageBatch>
  extends tf.data.Dataset<T>
  implements HostDataset
{
  /** Number of batches. */
  override readonly size: number;
  /** Names of the classes in the order of their numbers; empty when there are no labels. */
  readonly classNames: string[];
  /** The files in the order in which a dataset that does not shuffle gives them. */
  readonly filePaths: string[];
  /** The class number of each of `filePaths`; empty when there are no labels. */
  readonly labels: number[];

  /** Passes begun so far. With `shuffle`, the order of a pass follows from its number: set it to repeat one. */
  passes = 0;

  private readonly loader: ImageLoader;
  private readonly cache: PixelCache | undefined;
  /** Batches of a fixed order by their first image and length; their tensors share the memory, which nobody writes to. */
  private readonly whole: Map<string, LoadedBatch> | undefined;
  /** Memory of disposed batches, for the next ones. */
  private readonly spare: Pixels[] = [];

  /** Made by `imageDatasetFromDirectory`. */
  constructor(
    private readonly files: ImageFiles,
    private readonly settings: ImageDatasetSettings,
  ) {
    super();
    this.classNames = files.classNames ?? [];
    this.filePaths = files.paths;
    this.labels = files.labels ?? [];
    this.size = Math.ceil(files.paths.length / (settings.batchSize ?? 1));
    const { height, width, channels, interpolation, fit } = settings;
    // What goes through a uint8 cache is rounded in the graph, so that every pass gives the same numbers.
    const dtype = settings.cache === false ? "float32" : settings.cacheDtype;
    const resize = { height, width, channels, interpolation, fit, dtype } as const;
    const { maxPixels, exifOrientation, skipErrors } = settings;
    const note = (text: string) => {
      if (settings.verbose) console.log(text);
    };
    this.loader = new ImageLoader({ ...resize, maxPixels, exifOrientation, skipErrors, note });
    if (settings.cache === true) {
      const fixedOrder = !settings.shuffle || !settings.reshuffleEachIteration;
      if (fixedOrder && dtype === "float32") this.whole = new Map();
      else this.cache = new MemoryCache();
    }
    if (typeof settings.cache === "string") {
      this.cache = new FileCache(settings.cache, {
        files: files.paths,
        imageBytes: this.loader.imageLength * (dtype === "uint8" ? 1 : 4),
        settings: [resize, exifOrientation],
        note,
      });
    }
  }

  /** Files that could not be decoded and were left out so far (`onError: "skip"`), by path, with the reasons. */
  get skipped(): { path: string; reason: string }[] {
    return [...this.loader.skipped]
      .map(([file, error]) => ({ path: file, reason: error.message }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /**
   * A hash of everything that the batches follow from: the files' bytes in their order, the labels, and the options
   * that shape images, labels and batches. Names and places of files don't count.
   */
  contentHash(): Promise<string> {
    return hashContent(this.files, this.settings);
  }

  /** Begins a pass. */
  override iterator() {
    return iteratorOf(() =>
      this.pass({ asBytes: false }, ({ xs, ys, release }) => {
        const images = lend(xs, release);
        const element = ys === undefined ? images : { xs: images, ys: toTensor(ys) };
        // biome-ignore lint/plugin/casts: whether there are labels decides T, which only the overloads of the maker tell
        return element as unknown as T;
      }),
    );
  }

  /** The batches of a pass without tensors, as `fit` and the like take them; pixels that are kept as uint8 stay it. */
  hostElements(part?: BatchPart): AsyncGenerator<HostElement> {
    const asBytes = this.cache !== undefined && this.settings.cacheDtype === "uint8";
    // How many images a batch has left is known to who decodes them all.
    const form = { asBytes, part: this.settings.skipErrors ? undefined : part };
    return this.pass(form, (element) => element);
  }

  private async *pass<Given>(
    as: PassForm,
    given: (element: HostElement) => Given,
  ): AsyncGenerator<Given> {
    const batches = this.batchesOfPass();
    const wholes = as.part && [...batches];
    const ahead: Promise<LoadedBatch>[] = [];
    const loadAhead = () => {
      while (ahead.length < this.settings.prefetch && batches.length > 0) {
        const turn = ahead.at(-LOADED_AT_ONCE)?.catch(() => {}); // told when its turn comes, even if that is never
        const whole = batches.shift()!;
        const { start, end } = as.part?.(whole.length) ?? { start: 0, end: whole.length };
        const wanted = whole.slice(start, end);
        const load = () => this.loadBatch(wanted, as);
        const batch = turn === undefined ? load() : turn.then(load);
        batch.catch(() => {});
        ahead.push(batch);
      }
    };
    for (loadAhead(); ahead.length > 0; loadAhead()) {
      const batch = await ahead.shift()!;
      loadAhead();
      const ofWhole = wholeOf(this.files, wholes?.shift());
      if (batch.indices.length > 0) yield given({ ...this.element(batch), ...ofWhole });
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

  private async loadBatch(wanted: number[], as: PassForm): Promise<LoadedBatch> {
    const { cache, whole } = this;
    if (cache !== undefined) return this.loadBatchThrough(cache, wanted, as);
    const key = `${wanted[0]} ${wanted.length}`;
    const known = whole?.get(key);
    if (known !== undefined) return known;
    const { pixels, loaded } = await this.load(wanted);
    // Freed as soon as its tensor is: V8 takes each batch that waits for its collector for a reason to collect.
    const { buffer } = pixels as Float32Array<ArrayBuffer>;
    const giveBack = whole === undefined ? () => nativeModule().release(buffer) : () => {};
    const batch = { pixels: pixels as Float32Array, indices: loaded, giveBack };
    whole?.set(key, batch);
    return batch;
  }

  private async loadBatchThrough(
    cache: PixelCache,
    wanted: number[],
    as: { asBytes: boolean },
  ): Promise<LoadedBatch> {
    const asked = wanted.filter((index) => !this.loader.skipped.has(this.files.paths[index]!));
    const kept = asked.length > 0 && cache.has(asked) ? cache.read(asked) : undefined;
    if (kept !== undefined) return this.gathered(kept, asked, as);
    const { pixels, loaded } = await this.load(asked);
    if (loaded.length === 0) return { pixels: new Float32Array(), indices: [], giveBack: () => {} };
    const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    await cache.write(loaded, bytes);
    const batch = await this.gathered([bytes], loaded, as);
    nativeModule().release(pixels.buffer as ArrayBuffer);
    return batch;
  }

  private async load(wanted: number[]): Promise<{ pixels: HostArray; loaded: number[] }> {
    const paths = wanted.map((index) => this.files.paths[index]!);
    const { pixels, loaded } = await this.loader.load(paths);
    return { pixels, loaded: loaded.map((place) => wanted[place]!) };
  }

  /** Kept images put together, off the main thread; floats unless they are wanted as bytes. */
  private async gathered(
    images: Uint8Array[],
    indices: number[],
    { asBytes }: { asBytes: boolean },
  ): Promise<LoadedBatch> {
    const length = indices.length * this.loader.imageLength;
    const type = asBytes ? Uint8Array : Float32Array;
    const place = this.spare.findIndex((each) => each instanceof type && each.length === length);
    const pixels = place < 0 ? new type(length) : this.spare.splice(place, 1)[0]!;
    await nativeModule().gather(images, pixels);
    const giveBack = () => {
      if (this.spare.length <= this.settings.prefetch) this.spare.push(pixels);
    };
    return { pixels, indices, giveBack };
  }

  private element({ pixels, indices, giveBack }: LoadedBatch): HostElement {
    const { height, width, channels, batchSize } = this.settings;
    const count = batchSize === null ? [] : [indices.length];
    const shape = [...count, height, width, channels];
    const dtype = pixels instanceof Uint8Array ? DType.uint8 : DType.float32;
    const xs = { dtype, shape, data: pixels };
    const { labels } = this.files;
    const ys =
      labels &&
      labelTensor(
        indices.map((index) => labels[index]!),
        { count, labelMode: this.settings.labelMode, classes: this.classNames.length },
      );
    return { xs, ys, release: giveBack };
  }
}

function lend({ data, shape }: HostTensor, giveBack: () => void): Tensor {
  return lendTensor(data as Float32Array, { shape: [...shape], giveBack });
}
