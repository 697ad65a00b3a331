/** What `imageDatasetFromDirectory` can be told, and the checks of it. */
import { hostUniform } from "../../engine";
import { InvalidArgumentError, invalidArgument, rejectUnknownOptions } from "../../errors";

const interpolations = [
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

const channelsOf = { grayscale: 1, rgb: 3, rgba: 4 } as const;

/** The extensions that Keras 3.15 takes. */
export const kerasFormats: readonly string[] = [".bmp", ".gif", ".jpeg", ".jpg", ".png"];

/** Options of `imageDatasetFromDirectory`; names and defaults are Keras', the last eight are ours. */
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
  /** Whether each pass has an order of its own. True by default. */
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
  /** Whether to print how many files were found. True by default. */
  verbose?: boolean;
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
  /** What the cache holds: `"uint8"` rounds resized pixels to whole numbers (in every pass, the first too), `"float32"` keeps Keras' exact values in four times the space. `"uint8"` by default. */
  cacheDtype?: "uint8" | "float32";
  /** Batches that are read ahead while one is used; bounds the memory. 2 by default. */
  prefetch?: number;
}

/** Where an image of another aspect ratio goes. */
export type Fit = "stretch" | "crop" | "pad";

/** The options with every default filled in. */
export interface ImageDatasetSettings {
  labels: "inferred" | null | readonly number[];
  labelMode: "int" | "binary" | "categorical" | null;
  classNames: readonly string[] | undefined;
  channels: 1 | 3 | 4;
  batchSize: number | null;
  height: number;
  width: number;
  shuffle: boolean;
  seed: number;
  validationSplit: number | undefined;
  subset: "training" | "validation" | "both" | undefined;
  interpolation: Interpolation;
  followLinks: boolean;
  fit: Fit;
  verbose: boolean;
  formats: readonly string[];
  exifOrientation: boolean;
  skipErrors: boolean;
  maxPixels: number;
  cache: boolean | string;
  cacheDtype: "uint8" | "float32";
  prefetch: number;
}

const names: readonly (keyof ImageDatasetOptions)[] = [
  "labels",
  "labelMode",
  "classNames",
  "colorMode",
  "batchSize",
  "imageSize",
  "shuffle",
  "seed",
  "validationSplit",
  "subset",
  "interpolation",
  "followLinks",
  "cropToAspectRatio",
  "padToAspectRatio",
  "verbose",
  "formats",
  "exifOrientation",
  "onError",
  "maxPixels",
  "cache",
  "cacheDtype",
  "prefetch",
];

/** Checks the options and fills in the defaults; throws InvalidArgumentError. */
export function imageDatasetSettings(options: ImageDatasetOptions): ImageDatasetSettings {
  rejectUnknownOptions(options, names, "imageDatasetFromDirectory");
  const [height, width] = sizeOf(options.imageSize ?? [256, 256]);
  const settings: ImageDatasetSettings = {
    ...labelSettings(options),
    ...splitSettings(options),
    channels: channelsOf[oneOf("colorMode", options.colorMode ?? "rgb", keysOf(channelsOf))],
    batchSize: options.batchSize === undefined ? 32 : options.batchSize,
    height,
    width,
    interpolation: oneOf("interpolation", options.interpolation ?? "bilinear", interpolations),
    fit: fitOf(options),
    followLinks: options.followLinks ?? false,
    verbose: options.verbose ?? true,
    formats: (options.formats ?? kerasFormats).map((format) => format.toLowerCase()),
    exifOrientation: options.exifOrientation ?? false,
    skipErrors: oneOf("onError", options.onError ?? "error", ["error", "skip"]) === "skip",
    maxPixels: positiveInteger("maxPixels", options.maxPixels ?? 1e8),
    cache: options.cache ?? false,
    cacheDtype: oneOf("cacheDtype", options.cacheDtype ?? "uint8", ["uint8", "float32"]),
    prefetch: positiveInteger("prefetch", options.prefetch ?? 2),
  };
  if (settings.batchSize !== null) positiveInteger("batchSize", settings.batchSize);
  if (settings.fit === "crop" && /gaussian|mitchellcubic/.test(settings.interpolation)) {
    throw invalidArgument("interpolation", {
      expected: `one of ${interpolations.slice(0, -2).join(", ")} when \`cropToAspectRatio\` is true, as in Keras`,
      received: settings.interpolation,
    });
  }
  return settings;
}

function labelSettings({
  labels = "inferred",
  labelMode = "int",
  classNames,
}: ImageDatasetOptions) {
  if (labels !== null && labels !== "inferred" && !isListOfIntegers(labels)) {
    throw invalidArgument("labels", {
      expected: '"inferred", null, or a list of one integer for each image file',
      received: labels,
    });
  }
  if (labelMode !== null) oneOf("labelMode", labelMode, ["int", "categorical", "binary"]);
  if (classNames !== undefined && labels !== "inferred") {
    throw invalidArgument("classNames", {
      expected: 'left out unless `labels` is "inferred"',
      received: classNames,
    });
  }
  const none = labels === null || labelMode === null;
  return none ? { labels: null, labelMode: null, classNames } : { labels, labelMode, classNames };
}

function splitSettings(options: ImageDatasetOptions) {
  const { validationSplit, subset, shuffle = true, seed } = options;
  if (validationSplit !== undefined && !(validationSplit > 0 && validationSplit < 1)) {
    throw invalidArgument("validationSplit", {
      expected: "between 0 and 1",
      received: validationSplit,
    });
  }
  if ((validationSplit === undefined) !== (subset === undefined)) {
    throw new InvalidArgumentError(
      `If \`subset\` is set, \`validationSplit\` must be set, and inversely. Received: subset=${subset}, validationSplit=${validationSplit}`,
    );
  }
  if (subset !== undefined) oneOf("subset", subset, ["training", "validation", "both"]);
  if (validationSplit !== undefined && shuffle && seed === undefined) {
    throw new InvalidArgumentError(
      "If using `validationSplit` and shuffling the data, you must give a `seed`, so that the training and validation subsets do not overlap.",
    );
  }
  return { validationSplit, subset, shuffle, seed: seed ?? Math.floor(hostUniform() * 1e6) };
}

function fitOf({ cropToAspectRatio = false, padToAspectRatio = false }: ImageDatasetOptions): Fit {
  if (cropToAspectRatio && padToAspectRatio) {
    throw new InvalidArgumentError(
      "Only one of `padToAspectRatio`, `cropToAspectRatio` can be set to true.",
    );
  }
  if (cropToAspectRatio) return "crop";
  return padToAspectRatio ? "pad" : "stretch";
}

function sizeOf(imageSize: number | readonly [number, number]): readonly [number, number] {
  const pair = typeof imageSize === "number" ? ([imageSize, imageSize] as const) : imageSize;
  if (
    !Array.isArray(pair) ||
    pair.length !== 2 ||
    !pair.every((length) => Number.isInteger(length) && length > 0)
  ) {
    throw invalidArgument("imageSize", {
      expected: "one or two positive integers: height and width",
      received: imageSize,
    });
  }
  return pair;
}

function oneOf<Value extends string>(
  name: string,
  value: string,
  allowed: readonly Value[],
): Value {
  const found = allowed.find((each) => each === value);
  if (found === undefined) {
    throw invalidArgument(name, { expected: `one of ${allowed.join(", ")}`, received: value });
  }
  return found;
}

function positiveInteger(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw invalidArgument(name, { expected: "a positive integer", received: value });
}

function isListOfIntegers(value: unknown): boolean {
  return Array.isArray(value) && value.every(Number.isInteger);
}

function keysOf<Name extends string>(object: Record<Name, unknown>): Name[] {
  return Object.keys(object) as Name[];
}
