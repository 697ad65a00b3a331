/** Checks what `imageDatasetFromDirectory` is told and fills in the defaults. */
import { hostUniform } from "../../engine";
import { InvalidArgumentError, invalidArgument, rejectUnknownOptions } from "../../errors";
import {
  channelsOf,
  type ImageDatasetOptions,
  type Interpolation,
  interpolations,
  kerasFormats,
} from "./options";

/** Where an image of another aspect ratio goes. */
export type Fit = "stretch" | "crop" | "pad";

/** What a batch is resized to. */
export interface ResizeSettings {
  height: number;
  width: number;
  channels: 1 | 3 | 4;
  interpolation: Interpolation;
  fit: Fit;
  /** dtype of the pixels that come out: float32 as resized, or uint8, rounded and clipped to [0, 255]. */
  dtype: "uint8" | "float32";
}

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
  reshuffleEachIteration: boolean;
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
  "reshuffleEachIteration",
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
    reshuffleEachIteration: options.reshuffleEachIteration ?? true,
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
      "If `subset` is set, `validationSplit` must be set, and inversely. " +
        `Received: subset=${subset}, validationSplit=${validationSplit}`,
    );
  }
  if (subset !== undefined) oneOf("subset", subset, ["training", "validation", "both"]);
  if (validationSplit !== undefined && shuffle && seed === undefined) {
    throw new InvalidArgumentError(
      "If using `validationSplit` and shuffling the data, you must give a `seed`, " +
        "so that the training and validation subsets do not overlap.",
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
