/** What `imageDatasetFromDirectory` can be told. */

/** Ways of resizing. */
export const interpolations = [
  "bilinear",
  "nearest",
  "bicubic",
  "area",
  "lanczos3",
  "lanczos5",
  "gaussian",
  "mitchellcubic",
] as const;
/** How pixels between pixels are found. @inline */
export type Interpolation = (typeof interpolations)[number];

/** Channels of the colour modes. */
export const channelsOf = { grayscale: 1, rgb: 3, rgba: 4 } as const;

/** The extensions that Keras 3.15 takes. */
export const kerasFormats: readonly string[] = [".bmp", ".gif", ".jpeg", ".jpg", ".png"];

/** Options of `imageDatasetFromDirectory`; names and defaults are Keras', those from `formats` on are ours. */
export interface ImageDatasetOptions {
  /**
   * `"inferred"` from the subfolders, null for none, or one integer per file in alphanumeric order of the paths.
   *
   * @default "inferred"
   */
  labels?: "inferred" | null | readonly number[];
  /**
   * `"int"`: int32 `[batch]`; `"binary"`: float32 `[batch, 1]`; `"categorical"`: float32 `[batch, classes]`; null:
   * none.
   *
   * @default "int"
   */
  labelMode?: "int" | "binary" | "categorical" | null;
  /** The subfolders to take, in the order of their class numbers. @default all, by name */
  classNames?: readonly string[];
  /** 1 (`"grayscale"`), 3 or 4 channels. @default "rgb" */
  colorMode?: keyof typeof channelsOf;
  /** Images in a batch; null for single images. @default 32 */
  batchSize?: number | null;
  /** Height and width in pixels, or one number for both. @default [256, 256] */
  imageSize?: number | readonly [height: number, width: number];
  /** Whether the files are shuffled, anew for each pass. @default true */
  shuffle?: boolean;
  /** Integer in [0, 2^32) that the order of files and passes follows from. @default random, as `setSeed` has it */
  seed?: number;
  /** Fraction of the files kept for validation, in (0, 1). @default none */
  validationSplit?: number;
  /** Which part to return; needs `validationSplit`. `"both"` returns the two. @default the whole */
  subset?: "training" | "validation" | "both";
  /** How images are resized. @default "bilinear" */
  interpolation?: Interpolation;
  /** Whether links to folders are followed. @default false */
  followLinks?: boolean;
  /** Keeps the aspect ratio by cutting off what sticks out. @default false */
  cropToAspectRatio?: boolean;
  /** Keeps the aspect ratio by filling up with zeros. @default false */
  padToAspectRatio?: boolean;
  /** 1 prints how many files were found, 0 nothing. @default 1 */
  verbose?: 0 | 1;
  /**
   * Extensions that count as images; `.webp`, `.avif` and `.tiff` can be added. Of a file that moves, the first picture
   * counts.
   *
   * @default [".bmp", ".gif", ".jpeg", ".jpg", ".png"], which are Keras'
   */
  formats?: readonly string[];
  /** Whether to turn images upright by their EXIF orientation, which Keras ignores. @default false */
  exifOrientation?: boolean;
  /**
   * What to do with a file that can't be decoded: stop with an error that names it, or leave it out and count it in
   * `skipped`.
   *
   * @default "error"
   */
  onError?: "error" | "skip";
  /** Images of more pixels than this are refused before memory is taken for them. @default 1e8 */
  maxPixels?: number;
  /**
   * Keeps the resized images after the first pass: true in memory, a path in that file, which later runs use too.
   *
   * @default false
   */
  cache?: boolean | string;
  /**
   * What the cache holds: `"uint8"` rounds resized pixels to whole numbers (in every pass, the first too), `"float32"`
   * keeps Keras' exact values in four times the space. Whole batches of float32 in memory are handed out again without
   * a copy where the order is fixed, by `shuffle: false` or `reshuffleEachIteration: false`, as `tf.data`'s `cache`
   * does; otherwise each pass puts its batches together.
   *
   * @default "uint8"
   */
  cacheDtype?: "uint8" | "float32";
  /**
   * Whether each pass has an order of its own; false repeats the first one's, as a Keras dataset with `.cache()` does.
   *
   * @default true
   */
  reshuffleEachIteration?: boolean;
  /** Batches that are read ahead while one is used; bounds the memory. @default 2 */
  prefetch?: number;
}
