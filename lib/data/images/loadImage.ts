/** One picture from a file, and pictures from a list of files. */
import type { Tensor4D } from "@tensorflow/tfjs-node-gpu";
import {
  checkBoolean,
  checkOneOf,
  checkSides,
  checkText,
  checkWhole,
  type KnownOptions,
  rejectUnknownOptions,
} from "../../checks";
import { invalidArgument } from "../../errors";
import { toTensor } from "../../graph";
import { DType } from "../../tfjs";
import { ImageDataset } from "./imageDataset";
import { ImageLoader } from "./imageLoader";
import { channelsOf, type Interpolation, interpolations } from "./options";
import { checkCropping, imageDatasetSettings } from "./settings";

/** Options of `loadImage`. */
export interface LoadImageOptions {
  /** Height and width in pixels, or one number for both. @default the picture's own */
  size?: number | readonly [height: number, width: number];
  /** 1 (`"grayscale"`), 3 or 4 channels. @default "rgb" */
  colorMode?: keyof typeof channelsOf;
  /** How the picture is resized; only with `size`. @default "bilinear", as `imageDatasetFromDirectory` has it */
  interpolation?: Interpolation;
  /** Cuts off what sticks out, instead of stretching the picture; only with `size`. @default false */
  keepAspectRatio?: boolean;
  /** Whether to turn the picture upright by its EXIF orientation. @default false */
  exifOrientation?: boolean;
  /** A picture of more pixels is refused before memory is taken for it. @default 1e8 */
  maxPixels?: number;
}

/**
 * Reads one picture as a batch of one, ready for `predict` and `gradCam`.
 *
 * The pixels are those that `imageDatasetFromDirectory` gives for the same file, to the last bit. Keras' `load_img`
 * resizes by another program, and with `"nearest"`.
 *
 * @param path A JPEG, PNG, GIF, BMP, WebP, AVIF or TIFF file.
 * @returns `[1, height, width, channels]` float32 in [0, 255]. The caller disposes it.
 * @throws DataFileError when the file is missing or can't be decoded; InvalidArgumentError for other options.
 * @example
 * import { loadImage, showImages } from "convnets";
 * const picture = await loadImage("holiday/cat.jpg", { size: 180 });
 * await showImages(picture);
 * picture.dispose();
 * @see https://keras.io/api/data_loading/image/#loadimg-function
 */
export async function loadImage(path: string, options: LoadImageOptions = {}): Promise<Tensor4D> {
  const known: KnownOptions<LoadImageOptions> = {
    size: true,
    colorMode: true,
    interpolation: true,
    keepAspectRatio: true,
    exifOrientation: true,
    maxPixels: true,
  };
  rejectUnknownOptions(options, known, "loadImage");
  checkText("path", path, { required: true, what: "a file's path" });
  checkSides("size", options.size);
  checkOneOf("colorMode", options.colorMode, Object.keys(channelsOf));
  checkOneOf("interpolation", options.interpolation, interpolations);
  checkBoolean("keepAspectRatio", options.keepAspectRatio);
  checkBoolean("exifOrientation", options.exifOrientation);
  checkWhole("maxPixels", options.maxPixels, { low: 1, high: Number.MAX_SAFE_INTEGER });
  const { size, colorMode, interpolation, keepAspectRatio, exifOrientation, maxPixels } = options;
  for (const [name, value] of Object.entries({ interpolation, keepAspectRatio })) {
    if (size !== undefined || value === undefined || value === false) continue;
    throw invalidArgument(name, { expected: "left out unless `size` is given", received: value });
  }
  checkCropping(interpolation, keepAspectRatio, "keepAspectRatio");
  const settings = imageDatasetSettings({
    ...{ imageSize: size, colorMode, interpolation, exifOrientation, maxPixels },
    cropToAspectRatio: keepAspectRatio,
    seed: 0, // nothing is drawn
  });
  const loader = new ImageLoader({ ...settings, dtype: "float32", note: () => {} });
  if (size === undefined) {
    const { shape, data } = await loader.loadWhole(path);
    return tensorOf(Float32Array.from(data), shape);
  }
  const { pixels } = await loader.load([path]);
  return tensorOf(pixels as Float32Array, [settings.height, settings.width, settings.channels]);
}

function tensorOf(data: Float32Array, shape: readonly number[]): Tensor4D {
  return toTensor({ dtype: DType.float32, shape: [1, ...shape], data }) as Tensor4D;
}

/** Batches of the pictures of a list of files, in its order. */
export function imagesOf(
  paths: readonly string[],
  options: { size: readonly [height: number, width: number]; channels: number; batchSize: number },
): ImageDataset<Tensor4D> {
  const { size, channels, batchSize } = options;
  const modes = Object.keys(channelsOf) as (keyof typeof channelsOf)[];
  const settings = imageDatasetSettings({
    imageSize: size,
    colorMode: modes.find((mode) => channelsOf[mode] === channels),
    batchSize,
    labels: null,
    shuffle: false,
    seed: 0,
    verbose: 0,
  });
  const files = { paths: [...paths], labels: undefined, classNames: undefined };
  return new ImageDataset<Tensor4D>(files, settings);
}
