/** Images with a map of values laid over them. */

import type { Tensor } from "@tensorflow/tfjs-node-gpu";
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
import { tf } from "../tfjs";
import { colorTable, intensityScale } from "./color";
import { FuturePicture } from "./futurePicture";
import { columnsOf, composeGrid } from "./imageGrid";
import type { Picture } from "./picture";
import { type ImageSource, type Pixels, readImages, type ValueRange } from "./pixels";

/** Options of `plot.heatmapOverlay`. */
export interface HeatmapOverlayOptions {
  /** What stands above. @default nothing */
  title?: string;
  /** A caption for each image. @default none */
  titles?: readonly string[];
  /** Images in a row. @default as many as fit */
  columns?: number;
  /** Width of an image on the page in pixels. @default 180 */
  size?: number;
  /** How much of the map covers the image, from 0 to 1. @default 0.5 */
  opacity?: number;
  /** Which value of the images is black and which white; `"auto"` decides by dtype and values. @default "auto" */
  range?: ValueRange;
}

/**
 * Draws maps of values from 0 (dark blue) to 1 (yellow) over images, such as `gradCam` gives them.
 *
 * @param images `[n, height, width, 1 | 3 | 4]`, or paths of image files. Tensors stay the caller's.
 * @param heatmaps One for each image: `[rows, columns]` in [0, 1], of any size, which is smoothed. Of one image the map
 *   itself; of several a list, or one tensor `[n, rows, columns]`. They stay the caller's.
 * @throws InvalidArgumentError when images, maps and captions differ in number.
 * @returns The picture.
 * @example
 * import { gradCam, loadModel, plot, tf } from "convnets";
 * const model = await loadModel("convnet.keras");
 * const image = tf.zeros([1, 180, 180, 3]);
 * await plot.heatmapOverlay(image, gradCam(model, image), { opacity: 0.4 }).show();
 */
export function heatmapOverlay(
  images: ImageSource,
  heatmaps: Tensor | readonly Tensor[],
  options: HeatmapOverlayOptions = {},
): FuturePicture {
  return FuturePicture.of(() => drawOverlays(images, heatmaps, options));
}

async function drawOverlays(
  images: ImageSource,
  heatmaps: Tensor | readonly Tensor[],
  options: HeatmapOverlayOptions,
): Promise<Picture> {
  const known: KnownOptions<HeatmapOverlayOptions> = {
    title: true,
    titles: true,
    columns: true,
    size: true,
    opacity: true,
    range: true,
  };
  rejectUnknownOptions(options, known, "plot.heatmapOverlay()");
  const { title, titles, size = 180, opacity = 0.5, range = "auto" } = options;
  checkWhole("columns", options.columns, { low: 1 });
  checkNumber("size", size, { above: 0, high: 10_000 });
  checkString("title", title);
  checkTexts("titles", titles, { what: "titles of images" });
  if (range !== "auto") checkPair("range", range);
  checkNumber("opacity", opacity, { low: 0, high: 1 });
  const tensors = mapTensors(heatmaps);
  const limit = tensors.reduce((sum, tensor) => sum + countOf(tensor), 1);
  // All are read at once: the caller may dispose them as soon as the picture is asked for.
  const [{ images: shown }, ...read] = await Promise.all([
    readImages(images, { limit, range }),
    ...tensors.map(readMaps),
  ]);
  const maps = read.flat();
  for (const [name, list] of Object.entries({ heatmaps: maps, titles })) {
    if (list !== undefined && list.length !== shown.length) {
      throw invalidArgument(name, {
        expected: `one for each of ${counted(shown.length, "image")}`,
        received: list.length,
      });
    }
  }
  const tiles = shown.map((image, i) => ({
    image: overlaid(image, maps[i]!, opacity),
    ...(titles && { caption: titles[i]! }),
  }));
  const columns = options.columns ?? Math.min(tiles.length, columnsOf(size));
  const words = [title ?? counted(tiles.length, "heat map"), ...(titles ?? [])].join(", ");
  const scale = { stops: intensityScale, labels: ["0", "1"] };
  return composeGrid([{ heading: title, scale, tiles, columns, tileWidth: size }], { text: words });
}

interface HeatMap {
  values: ArrayLike<number>;
  rows: number;
  columns: number;
}

/** The tensors of maps, as they come: one, or a list. */
function mapTensors(heatmaps: Tensor | readonly Tensor[]): Tensor[] {
  const list: readonly unknown[] = Array.isArray(heatmaps) ? heatmaps : [heatmaps];
  return list.map((value) => {
    if (value instanceof tf.Tensor && (value.rank === 2 || value.rank === 3)) return value;
    throw invalidArgument("heatmaps", {
      expected: "a tensor [rows, columns] for each image, or one [n, rows, columns]",
      received: value,
    });
  });
}

async function readMaps(tensor: Tensor): Promise<HeatMap[]> {
  const [rows, columns] = tensor.shape.slice(-2) as [number, number];
  const count = countOf(tensor);
  const values = await tensor.data();
  const size = rows * columns;
  return Array.from({ length: count }, (_, i) => ({
    values: values.subarray(i * size, (i + 1) * size),
    rows,
    columns,
  }));
}

function countOf({ rank, shape }: Tensor): number {
  return rank === 3 ? shape[0]! : 1;
}

function overlaid(
  { data, width, height, channels }: Pixels,
  map: HeatMap,
  opacity: number,
): Pixels {
  const colors = colorTable(intensityScale);
  const result = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const value = valueAt(
        map,
        ((y + 0.5) * map.rows) / height,
        ((x + 0.5) * map.columns) / width,
      );
      const color = colors[Math.round(255 * Math.min(1, Math.max(0, value)))]!;
      for (let c = 0; c < 3; c++) {
        const pixel = data[(y * width + x) * channels + (channels < 3 ? 0 : c)]!;
        result[at + c] = Math.round(pixel + (color[c]! - pixel) * opacity);
      }
    }
  }
  return { width, height, channels: 3, data: result };
}

/** The map between its cells' centres, as image resizing does it. */
function valueAt({ values, rows, columns }: HeatMap, y: number, x: number): number {
  const [top, bottom, down] = between(y, rows);
  const [left, right, along] = between(x, columns);
  const row = (r: number) =>
    values[r * columns + left]! * (1 - along) + values[r * columns + right]! * along;
  return row(top) * (1 - down) + row(bottom) * down;
}

function between(place: number, count: number): [before: number, after: number, share: number] {
  const at = Math.min(count - 1, Math.max(0, place - 0.5));
  const before = Math.floor(at);
  return [before, Math.min(count - 1, before + 1), at - before];
}
