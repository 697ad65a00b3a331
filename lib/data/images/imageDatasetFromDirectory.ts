/** Keras' `image_dataset_from_directory`. */
import type { Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { InvalidArgumentError, invalidArgument } from "../../errors";
import { type ImageBatch, ImageDataset } from "./imageDataset";
import { type ImageFiles, listImages, shuffleFiles } from "./listing";
import type { ImageDatasetOptions } from "./options";
import { type ImageDatasetSettings, imageDatasetSettings } from "./settings";

/**
 * Makes a dataset of the images in a folder.
 *
 * With `labels: "inferred"`, each subfolder is a class. Names, defaults and order of files are Keras 3.15's, and
 * so are the pixels, to the last bit, of JPEG, PNG, GIF and BMP files. A seed gives the same lists of files,
 * split included, as in Keras. Where we differ: each pass shuffles the whole list (Keras a window of eight
 * batches); `"nearest"` gives float32, not uint8; an empty part of a split is refused; files that Keras refuses (AVIF,
 * TIFF, JPEG as rgba, GIF as grayscale, …) are read, and look as TensorFlow shows the same picture in another kind of
 * file; a BMP file with a palette gives its picture, where Keras takes the numbers of the palette's colours for grey.
 *
 * @param directory The folder.
 * @returns A dataset of `{ xs, ys }`: `xs` `[batch, height, width, channels]` float32 in [0, 255] (bicubic and
 *   Lanczos overshoot it), `ys` by `labelMode`; of the image tensors alone when there are no labels; with
 *   `subset: "both"`, a training and a validation dataset. Who iterates disposes the tensors.
 * @throws InvalidArgumentError for an argument outside what is allowed, or when no image is found.
 * @throws DataFileError while iterating, naming a file that can't be decoded.
 * @example
 * import { imageDatasetFromDirectory } from "convnets";
 * const train = await imageDatasetFromDirectory("cats_vs_dogs_small/train", {
 *   imageSize: [180, 180],
 *   batchSize: 32,
 * });
 * console.log(train.classNames, train.size);
 * @see https://keras.io/api/data_loading/image/#imagedatasetfromdirectory-function
 */
export async function imageDatasetFromDirectory(
  directory: string,
  options: ImageDatasetOptions & ({ labels: null } | { labelMode: null }) & { subset: "both" },
): Promise<[training: ImageDataset<Tensor4D>, validation: ImageDataset<Tensor4D>]>;
export async function imageDatasetFromDirectory(
  directory: string,
  options: ImageDatasetOptions & { subset: "both" },
): Promise<[training: ImageDataset, validation: ImageDataset]>;
export async function imageDatasetFromDirectory(
  directory: string,
  options: ImageDatasetOptions &
    ({ labels: null } | { labelMode: null }) & {
      subset?: "training" | "validation";
    },
): Promise<ImageDataset<Tensor4D>>;
export async function imageDatasetFromDirectory(
  directory: string,
  options?: ImageDatasetOptions & { subset?: "training" | "validation" },
): Promise<ImageDataset>;
export async function imageDatasetFromDirectory(
  directory: string,
  options: ImageDatasetOptions = {},
): Promise<
  | ImageDataset
  | ImageDataset<Tensor4D>
  | [ImageDataset, ImageDataset]
  | [ImageDataset<Tensor4D>, ImageDataset<Tensor4D>]
> {
  const settings = imageDatasetSettings(options);
  const files = await listImages(directory, settings);
  const print = settings.verbose ? (text: string) => console.log(text) : () => {};
  const count = files.paths.length;
  const classes = files.classNames;
  print(
    classes === undefined
      ? `Found ${count} files.`
      : `Found ${count} files belonging to ${classes.length} classes.`,
  );
  if (settings.labelMode === "binary" && classes?.length !== 2) {
    throw invalidArgument("labelMode", {
      expected: `"int" or "categorical" unless there are exactly 2 classes (here: ${classes?.join(", ")})`,
      received: "binary",
    });
  }
  if (count === 0) {
    throw new InvalidArgumentError(
      `No images found in directory ${directory}. Allowed formats: ${settings.formats.join(", ")}`,
    );
  }
  if (settings.shuffle) shuffleFiles(files, settings.seed);
  const { subset } = settings;
  if (subset === undefined) return new ImageDataset<ImageBatch>(files, settings);
  const parts = split(files, settings.validationSplit!);
  if (subset !== "validation") {
    print(`Using ${parts.training.paths.length} files for training.`);
  }
  if (subset !== "training") {
    print(`Using ${parts.validation.paths.length} files for validation.`);
  }
  if (subset !== "both") return new ImageDataset<ImageBatch>(parts[subset], settings);
  return [
    new ImageDataset<ImageBatch>(parts.training, cachedApart(settings, "training")),
    new ImageDataset<ImageBatch>(parts.validation, {
      ...cachedApart(settings, "validation"),
      shuffle: false,
    }),
  ];
}

/** The last part of the list is for validation. */
function split(files: ImageFiles, fraction: number) {
  const count = files.paths.length;
  const validation = Math.trunc(fraction * count);
  if (validation === 0 || validation === count) {
    throw invalidArgument("validationSplit", {
      expected: `such that of ${count} files at least one falls into each part`,
      received: fraction,
    });
  }
  const part = (start: number, end: number): ImageFiles => ({
    paths: files.paths.slice(start, end),
    labels: files.labels?.slice(start, end),
    classNames: files.classNames,
  });
  return { training: part(0, count - validation), validation: part(count - validation, count) };
}

function cachedApart(settings: ImageDatasetSettings, part: string): ImageDatasetSettings {
  const { cache } = settings;
  return { ...settings, cache: typeof cache === "string" ? `${cache}.${part}` : cache };
}
