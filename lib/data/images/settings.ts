/** Checks what `imageDatasetFromDirectory` is told and fills in the defaults. */
import {
  checkBoolean,
  checkList,
  checkNumber,
  checkOneOf,
  checkSides,
  checkText,
  checkTexts,
  checkVerbose,
  checkWhole,
  type KnownOptions,
  rejectUnknownOptions,
} from "../../checks";
import { hostUniform } from "../../engine";
import { InvalidArgumentError, invalidArgument } from "../../errors";
import {
  channelsOf,
  type ImageDatasetOptions,
  type Interpolation,
  interpolations,
  kerasFormats,
} from "./options";

/** Where an image of another aspect ratio goes. */
type Fit = "stretch" | "crop" | "pad";

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
  verbose: 0 | 1;
  formats: readonly string[];
  exifOrientation: boolean;
  skipErrors: boolean;
  maxPixels: number;
  cache: boolean | string;
  cacheDtype: "uint8" | "float32";
  reshuffleEachIteration: boolean;
  prefetch: number;
}

const known: KnownOptions<ImageDatasetOptions> = {
  labels: true,
  labelMode: true,
  classNames: true,
  colorMode: true,
  batchSize: true,
  imageSize: true,
  shuffle: true,
  seed: true,
  validationSplit: true,
  subset: true,
  interpolation: true,
  followLinks: true,
  cropToAspectRatio: true,
  padToAspectRatio: true,
  verbose: true,
  formats: true,
  exifOrientation: true,
  onError: true,
  maxPixels: true,
  cache: true,
  cacheDtype: true,
  reshuffleEachIteration: true,
  prefetch: true,
};

/** Checks the options and fills in the defaults; throws InvalidArgumentError. */
export function imageDatasetSettings(options: ImageDatasetOptions): ImageDatasetSettings {
  rejectUnknownOptions(options, known, "imageDatasetFromDirectory");
  checkValues(options);
  const { imageSize = [256, 256] } = options;
  const [height, width] = typeof imageSize === "number" ? [imageSize, imageSize] : imageSize;
  const settings: ImageDatasetSettings = {
    ...labelSettings(options),
    ...splitSettings(options),
    channels: channelsOf[options.colorMode ?? "rgb"],
    batchSize: options.batchSize === undefined ? 32 : options.batchSize,
    height,
    width,
    interpolation: options.interpolation ?? "bilinear",
    fit: fitOf(options),
    followLinks: options.followLinks ?? false,
    verbose: options.verbose ?? 1,
    formats: (options.formats ?? kerasFormats).map((format) => format.toLowerCase()),
    exifOrientation: options.exifOrientation ?? false,
    skipErrors: options.onError === "skip",
    maxPixels: options.maxPixels ?? 1e8,
    cache: options.cache ?? false,
    cacheDtype: options.cacheDtype ?? "uint8",
    reshuffleEachIteration: options.reshuffleEachIteration ?? true,
    prefetch: options.prefetch ?? 2,
  };
  checkCropping(settings.interpolation, settings.fit === "crop", "cropToAspectRatio");
  return settings;
}

/** Refuses to crop with two of the interpolations; `option` is what the caller asked for it with. */
export function checkCropping(
  interpolation: Interpolation | undefined,
  isCropped: boolean | undefined,
  option: string,
): void {
  if (!isCropped || !/gaussian|mitchellcubic/.test(interpolation ?? "")) return;
  throw invalidArgument("interpolation", {
    expected: `one of ${interpolations.slice(0, -2).join(", ")} when \`${option}\` is true, as in Keras`,
    received: interpolation,
  });
}

function checkValues(options: ImageDatasetOptions): void {
  checkOneOf("labelMode", options.labelMode, ["int", "categorical", "binary", null]);
  checkOneOf("colorMode", options.colorMode, Object.keys(channelsOf));
  if (options.batchSize !== null) checkWhole("batchSize", options.batchSize, { low: 1 });
  checkSides("imageSize", options.imageSize);
  checkWhole("seed", options.seed, { low: 0, high: 0xffffffff });
  checkNumber("validationSplit", options.validationSplit, { above: 0, below: 1 });
  checkOneOf("subset", options.subset, ["training", "validation", "both"]);
  checkOneOf("interpolation", options.interpolation, interpolations);
  checkVerbose(options.verbose);
  checkList("formats", options.formats, {
    what: "extensions of files",
    fits: (format) => typeof format === "string" && format !== "",
  });
  checkOneOf("onError", options.onError, ["error", "skip"]);
  checkWhole("maxPixels", options.maxPixels, { low: 1, high: Number.MAX_SAFE_INTEGER });
  if (options.cache !== undefined && typeof options.cache !== "boolean") {
    checkText("cache", options.cache, { what: "true, false or a file's path" });
  }
  checkTexts("classNames", options.classNames, { what: "names of classes" });
  checkOneOf("cacheDtype", options.cacheDtype, ["uint8", "float32"]);
  checkWhole("prefetch", options.prefetch, { low: 1 });
  for (const name of [
    "shuffle",
    "followLinks",
    "cropToAspectRatio",
    "padToAspectRatio",
    "exifOrientation",
    "reshuffleEachIteration",
  ] as const) {
    checkBoolean(name, options[name]);
  }
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
  if ((validationSplit === undefined) !== (subset === undefined)) {
    throw new InvalidArgumentError(
      "If `subset` is set, `validationSplit` must be set, and inversely. " +
        `Received: subset=${subset}, validationSplit=${validationSplit}`,
    );
  }
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

function isListOfIntegers(value: unknown): boolean {
  return Array.isArray(value) && value.every(Number.isInteger);
}
