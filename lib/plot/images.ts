/** Pictures of images: one, or many in a grid with what they are and what a model takes them for. */
import {
  checkNumber,
  checkPair,
  checkString,
  checkTexts,
  checkWhole,
  type KnownOptions,
  rejectUnknownOptions,
} from "../checks";
import { invalidArgument } from "../errors";
import { counted } from "../text";
import { FuturePicture } from "./futurePicture";
import { captionWidth, columnsOf, composeGrid, type Tile } from "./imageGrid";
import { type Numbers, toNumbers } from "./numbers";
import type { Picture } from "./picture";
import { type ImageSource, type Pixels, readImages, type ValueRange } from "./pixels";

/** Class numbers, or names. */
export type Classes = Numbers | readonly string[];

/** Options of `showImages` and `plot.images`. */
export interface ImagesOptions {
  /** What stands above. @default what ✓ and ✗ mean, where they are; else none */
  title?: string;
  /** A caption for each image. @default made of labels and predictions, or none */
  titles?: readonly string[];
  /** Images in a row. @default as many as fit, up to 10 */
  columns?: number;
  /** The true class of each image. @default none */
  labels?: Classes;
  /**
   * The class that a model gave each image; coloured and marked right or wrong where `labels` are given too.
   *
   * @default none
   */
  predictions?: Classes;
  /** Names of the class numbers. @default the numbers */
  classNames?: readonly string[];
  /** Width of an image on the page in pixels. @default 72 to 180, by the size of the images */
  size?: number;
  /** Most images shown. @default 40 */
  limit?: number;
  /** Which value is black and which white; `"auto"`: bytes, 0 to 1, or the values' own range. @default "auto" */
  range?: ValueRange;
}

const known: KnownOptions<ImagesOptions> = {
  title: true,
  titles: true,
  columns: true,
  labels: true,
  predictions: true,
  classNames: true,
  size: true,
  limit: true,
  range: true,
};

/**
 * Shows images in a grid. The tensor stays the caller's.
 *
 * @param source `[n, height, width, 1 | 3 | 4]` or `[n, height, width]`, int32 or float32, or paths of image files.
 * @throws InvalidArgumentError when captions and images differ in number.
 * @example
 * import { datasets, showImages } from "convnets";
 * const [[images, labels]] = await datasets.mnist.loadData();
 * await showImages(images, { labels, limit: 20 });
 */
export function showImages(source: ImageSource, options: ImagesOptions = {}): Promise<void> {
  return FuturePicture.of(async () => {
    rejectUnknownOptions(options, known, "showImages()");
    return drawImages(source, options);
  }).show();
}

/** Options of `showImage`; `size` is 320 where none is given. */
export type ShowImageOptions = Pick<ImagesOptions, "size" | "range"> & {
  /** What stands below. @default none */
  title?: string;
};

/**
 * Shows one image: a tensor `[height, width, 1 | 3 | 4]` or `[height, width]`, or a path.
 *
 * @param source The image; a tensor stays the caller's.
 * @throws InvalidArgumentError when there is no image.
 * @example
 * import { showImage, tf } from "convnets";
 * await showImage(tf.randomUniform([64, 64, 3]), { title: "noise" });
 */
export function showImage(source: ImageSource, options: ShowImageOptions = {}): Promise<void> {
  return FuturePicture.of(async () => {
    rejectUnknownOptions(options, { title: true, size: true, range: true }, "showImage()");
    const { title, ...rest } = options;
    checkString("title", title);
    const titles = title === undefined ? undefined : [title];
    return drawImages(source, { size: 320, limit: 1, ...rest, titles });
  }).show();
}

/**
 * Draws images in a grid.
 *
 * @param source `[n, height, width, 1 | 3 | 4]` or `[n, height, width]`, int32 or float32, or paths of image files.
 * @throws InvalidArgumentError when captions and images differ in number.
 * @returns The picture.
 * @example
 * import { plot } from "convnets";
 * const picture = await plot.images(["cat.0.jpg", "dog.0.jpg"], { titles: ["a cat", "a dog"] });
 * await picture.toPng("pets.png");
 */
export function images(source: ImageSource, options: ImagesOptions = {}): FuturePicture {
  return FuturePicture.of(async () => {
    rejectUnknownOptions(options, known, "plot.images()");
    return drawImages(source, options);
  });
}

async function drawImages(source: ImageSource, options: ImagesOptions): Promise<Picture> {
  const { limit = 40, range = "auto" } = options;
  checkString("title", options.title);
  checkWhole("limit", limit, { low: 1, high: Infinity });
  checkWhole("columns", options.columns, { low: 1 });
  checkNumber("size", options.size, { above: 0, high: 10_000 });
  checkTexts("titles", options.titles, { what: "titles of images" });
  checkTexts("classNames", options.classNames, { what: "names of classes" });
  if (range !== "auto") checkPair("range", range);
  const { images: shown, total } = await readImages(source, { limit, range });
  if (shown.length === 0)
    throw invalidArgument("images", { expected: "at least one image", received: source });
  const captions = captionsOf(options, shown.length, total);
  const tileWidth =
    options.size ??
    defaultSize(shown[0]!, { count: shown.length, longest: longestCaption(captions) });
  const columns = options.columns ?? Math.min(10, shown.length, columnsOf(tileWidth));
  const tiles = shown.map((image, i): Tile => ({ image, ...captions[i] }));
  const isJudged = captions.some(({ verdict }) => verdict !== undefined);
  const heading = options.title ?? (isJudged ? "✓ right, ✗ predicted (true)" : undefined);
  const count =
    total > shown.length
      ? `the first ${shown.length} of ${counted(total, "image")}`
      : counted(total, "image");
  const { width, height } = shown[0]!;
  const words = captions.map(({ caption }) => caption).filter((caption) => caption !== undefined);
  const text = [
    ...(options.title === undefined ? [] : [options.title]),
    `${count}, ${height} × ${width}`,
    ...(words.length > 0 ? [words.join(", ")] : []),
  ].join(": ");
  return composeGrid([{ heading, tiles, columns, tileWidth }], { text });
}

/** Small images are enlarged a little; a caption gets the room that it needs, within reason. */
function defaultSize(
  { width }: Pixels,
  { count, longest }: { count: number; longest: number },
): number {
  const size = width <= 48 ? 72 : count <= 4 ? 180 : 120;
  return Math.max(size, Math.min(160, Math.ceil(longest)));
}

function longestCaption(captions: readonly Pick<Tile, "caption">[]): number {
  return captions.reduce((most, { caption = "" }) => Math.max(most, captionWidth(caption)), 0);
}

function captionsOf(
  options: ImagesOptions,
  count: number,
  total: number,
): Pick<Tile, "caption" | "verdict">[] {
  const { titles, classNames } = options;
  const labels = toClasses("labels", options.labels);
  const predictions = toClasses("predictions", options.predictions);
  for (const [name, list] of Object.entries({ titles, labels, predictions })) {
    if (list !== undefined && list.length !== count && list.length !== total) {
      throw invalidArgument(name, {
        expected: `${total} values, one for each image`,
        received: list.length,
      });
    }
  }
  const nameOf = (value: number | string) =>
    typeof value === "number" ? (classNames?.[value] ?? String(value)) : value;
  return Array.from({ length: count }, (_, i) => {
    if (titles !== undefined) return { caption: titles[i]! };
    if (predictions === undefined)
      return labels === undefined ? {} : { caption: nameOf(labels[i]!) };
    const predicted = nameOf(predictions[i]!);
    if (labels === undefined) return { caption: predicted };
    const truth = nameOf(labels[i]!);
    return predicted === truth
      ? { caption: `✓ ${predicted}`, verdict: "right" }
      : { caption: `✗ ${predicted} (${truth})`, verdict: "wrong" };
  });
}

function toClasses(
  argument: string,
  classes: Classes | undefined,
): readonly (number | string)[] | undefined {
  if (classes === undefined || Array.isArray(classes)) return classes as (number | string)[];
  return toNumbers(classes as Numbers, argument);
}
