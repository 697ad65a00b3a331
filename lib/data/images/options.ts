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
/** How pixels between pixels are found. */
export type Interpolation = (typeof interpolations)[number];

/** Channels of the colour modes. */
export const channelsOf = { grayscale: 1, rgb: 3, rgba: 4 } as const;

/** The extensions that Keras 3.15 takes. */
export const kerasFormats: readonly string[] = [".bmp", ".gif", ".jpeg", ".jpg", ".png"];

/** Options of `imageDatasetFromDirectory`; names and defaults are Keras', the last nine are ours. */
export interface ImageDatasetOptions {
  /** `"inferred"` from the subfolders, null for none, or one integer per file in alphanumeric order of the paths. `"inferred"` by default. */
  labels?: "inferred" | null | readonly number[];
  /** `"int"`: int32 `[batch]`; `"binary"`: float32 `[batch, 1]`; `"categorical"`: float32 `[batch, classes]`; null: none. `"int"` by default. */
  labelMode?: "int" | "binary" | "categorical" | null;
  /** The subfolders to take, in the order of their class numbers. All, by name, by default. */
  classNames?: readonly string[];
  /** 1, 3 or 4 channels. `"rgb"` by default. */
  colorMode?: keyof typeof channelsOf;
  /** Images in a batch; null for single images. 32 by default. */
  batchSize?: number | null;
  /** Height and width in pixels, or one number for both. `[256, 256]` by default. */
  imageSize?: number | readonly [height: number, width: number];
  /** Whether the files are shuffled, anew for each pass. True by default. */
  shuffle?: boolean;
  /** Integer in [0, 2^32) that the order of files and passes follows from. Random by default (seeded by `setSeed`). */
  seed?: number;
  /** Fraction of the files kept for validation, in (0, 1). None by default. */
  validationSplit?: number;
  /** Which part to return; needs `validationSplit`. `"both"` returns the two. */
  subset?: "training" | "validation" | "both";
  /** How images are resized. `"bilinear"` by default. */
  interpolation?: Interpolation;
  /** Whether links to folders are followed. False by default. */
  followLinks?: boolean;
  /** Keeps the aspect ratio by cutting off what sticks out. False by default. */
  cropToAspectRatio?: boolean;
  /** Keeps the aspect ratio by filling up with zeros. False by default. */
  padToAspectRatio?: boolean;
  /** 1 prints how many files were found, 0 nothing. 1 by default. */
  verbose?: 0 | 1;
  /** Extensions that count as images. Keras' by default: .bmp .gif .jpeg .jpg .png; .webp, .avif and .tiff can be added. */
  formats?: readonly string[];
  /** Whether to turn images upright by their EXIF orientation, which Keras ignores. False by default. */
  exifOrientation?: boolean;
  /** What to do with a file that can't be decoded: stop with an error that names it, or leave it out and count it in `skipped`. `"error"` by default. */
  onError?: "error" | "skip";
  /** Images of more pixels than this are refused before memory is taken for them. 100 million by default. */
  maxPixels?: number;
  /** Keeps the resized images after the first pass: true in memory, a path in that file, which later runs use too. False by default. */
  cache?: boolean | string;
  /** What the cache holds: `"uint8"` rounds resized pixels to whole numbers (in every pass, the first too), `"float32"` keeps Keras' exact values in four times the space. Whole batches of float32 in memory are handed out again without a copy where the order is fixed, by `shuffle: false` or `reshuffleEachIteration: false`, as `tf.data`'s `cache` does; otherwise each pass puts its batches together. `"uint8"` by default. */
  cacheDtype?: "uint8" | "float32";
  /** Whether each pass has an order of its own; false repeats the first one's, as a Keras dataset with `.cache()` does. True by default. */
  reshuffleEachIteration?: boolean;
  /** Batches that are read ahead while one is used; bounds the memory. 2 by default. */
  prefetch?: number;
}
