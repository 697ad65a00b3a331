/** What a convolutional network has learnt and what it sees. */

import type { LayersModel, Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { checkTexts, checkWhole, rejectUnknownOptions } from "../checks";
import { invalidArgument } from "../errors";
import { imageLayers, outputsOf } from "../explain";
import { counted } from "../text";
import { type Layer, tf } from "../tfjs";
import { type ColorStop, colorTable, intensityScale } from "./color";
import { FuturePicture } from "./futurePicture";
import {
  columnsOf,
  composeGrid,
  pageWidth,
  type ScaleKey,
  type Section,
  tileWidthOf,
} from "./imageGrid";
import { outputShapeText } from "./layerFacts";
import { short } from "./numbers";
import type { Picture } from "./picture";
import { type Pixels, toBytes } from "./pixels";
import { pixelRatio } from "./raster";

/** Options of `plot.featureMaps`. */
export interface FeatureMapsOptions {
  /**
   * Names of the layers, also of those inside nested models.
   *
   * @default all with outputs `[batch, height, width, channels]` that convolve or pool
   */
  layers?: readonly string[];
  /** Maps in a row. @default as many as fit, none smaller than it is, up to 16 */
  columns?: number;
  /** Most channels shown of each layer. @default 32, of maps wider than 96 16 */
  channels?: number;
}

/** Options of `plot.filters`. */
export interface FiltersOptions {
  /** Filters in a row. @default 16 */
  columns?: number;
  /** Most filters shown. @default 64 */
  limit?: number;
  /** Which input channel's weights are shown, where there are neither 1 nor 3. @default 0 */
  inputChannel?: number;
}

/** Negative blue, zero white, positive red. */
const signedScale: readonly ColorStop[] = [
  [0, "#0072B2"],
  [0.5, "#f7f7f7"],
  [1, "#D55E00"],
];
const greyScale: readonly ColorStop[] = [
  [0, "#000000"],
  [1, "#ffffff"],
];

/**
 * Draws what each channel of a model's layers answers to an image.
 *
 * @param model Any model with outputs `[batch, height, width, channels]` somewhere inside.
 * @param image `[height, width, channels]` or `[1, height, width, channels]`, as the model expects it. Stays the caller's.
 * @returns The picture, one section for each layer.
 * @throws InvalidArgumentError for a layer that is not there, naming those that are.
 * @example
 * import { loadModel, plot, tf } from "convnets";
 * const model = await loadModel("convnet.keras");
 * const picture = await plot.featureMaps(model, tf.zeros([180, 180, 3]), { channels: 16 });
 * picture.show();
 * @see Chollet, "Deep Learning with Python", 2nd edition, section 9.4.1
 */
export function featureMaps(
  model: LayersModel,
  image: Tensor,
  options: FeatureMapsOptions = {},
): FuturePicture {
  return FuturePicture.of(() => drawFeatureMaps(model, image, options));
}

async function drawFeatureMaps(
  model: LayersModel,
  image: Tensor,
  options: FeatureMapsOptions,
): Promise<Picture> {
  rejectUnknownOptions(
    options,
    { layers: true, columns: true, channels: true },
    "plot.featureMaps()",
  );
  checkWhole("columns", options.columns, { low: 1, high: 64 });
  checkWhole("channels", options.channels, { low: 1, high: Infinity });
  checkTexts("layers", options.layers, { what: "names of layers" });
  const chosen = chooseLayers(model, options.layers);
  const activations = tf.tidy(() =>
    outputsOf(model, image.rank === 3 ? image.expandDims(0) : image, chosen),
  ) as Tensor4D[];
  try {
    const sections: Section[] = [];
    for (const [i, layer] of chosen.entries()) {
      const [, height, width, channels] = activations[i]!.shape;
      const data = await activations[i]!.data();
      const shown = Math.min(channels, options.channels ?? (width > 96 ? 16 : 32));
      const maps = Array.from({ length: shown }, (_, channel) =>
        channelImage(data, { height, width, channels, channel }),
      );
      const count =
        shown < channels
          ? `${shown} of ${counted(channels, "channel")}`
          : counted(channels, "channel");
      const columns = options.columns ?? Math.min(16, columnsOf(Math.min(width, pageWidth)));
      sections.push({
        heading: `${layer.name}: ${height} × ${width}, ${count}`,
        scale: { stops: intensityScale, labels: ["least of each", "greatest"] },
        tiles: maps.map((map) => ({ image: map })),
        isExact: true,
        columns,
        tileWidth: tileWidthFor(width, columns),
      });
    }
    const text = chosen.map((layer) => `${layer.name} ${outputShapeText(layer)}`).join("\n");
    return await composeGrid(sections, { text: `Feature maps of ${model.name}\n${text}` });
  } finally {
    tf.dispose(activations);
  }
}

/** The greatest width in a row of so many at which each value takes as many pixels as the next. */
function tileWidthFor(values: number, columns: number): number {
  const room = tileWidthOf(columns);
  return room < values ? room : Math.floor((room * pixelRatio) / values) * (values / pixelRatio);
}

function chooseLayers(model: LayersModel, names: readonly string[] | undefined): Layer[] {
  const drawable = imageLayers(model);
  const chosen =
    names === undefined
      ? drawable.filter((layer) => /conv|pool/i.test(layer.getClassName()))
      : names.map((name) => {
          const found = drawable.find((layer) => layer.name === name);
          if (found !== undefined) return found;
          const known = drawable.map((layer) => layer.name).join(", ");
          throw invalidArgument("layers", {
            expected: `names of layers with outputs [batch, height, width, channels]: ${known}`,
            received: name,
          });
        });
  if (chosen.length === 0) {
    throw invalidArgument("model", {
      expected: "a model with convolution or pooling layers",
      received: model.name,
    });
  }
  return chosen;
}

/** One channel as a coloured image, from its own least to its greatest value; a silent channel is dark. */
function channelImage(
  data: ArrayLike<number>,
  {
    height,
    width,
    channels,
    channel,
  }: { height: number; width: number; channels: number; channel: number },
): Pixels {
  const values = Float32Array.from(
    { length: height * width },
    (_, i) => data[i * channels + channel]!,
  );
  const [low, high] = extent(values);
  return colorize(toBytes(values, low, high), { width, height, scale: intensityScale });
}

/**
 * Draws a convolution layer's kernels: in colour where there are three input channels, in grey where there is one,
 * else the weights of one input channel with blue below and red above zero.
 *
 * @param layer A layer with a kernel `[height, width, input channels, filters]`.
 * @returns The picture.
 * @throws InvalidArgumentError for a layer without such a kernel.
 * @example
 * import { loadModel, plot } from "convnets";
 * const model = await loadModel("convnet.keras");
 * (await plot.filters(model.getLayer("conv2d"))).show();
 */
export function filters(layer: Layer, options: FiltersOptions = {}): FuturePicture {
  return FuturePicture.of(() => drawFilters(layer, options));
}

async function drawFilters(layer: Layer, options: FiltersOptions): Promise<Picture> {
  rejectUnknownOptions(
    options,
    { columns: true, limit: true, inputChannel: true },
    "plot.filters()",
  );
  const kernel = layer.getWeights()[0];
  if (kernel?.rank !== 4) {
    throw invalidArgument("layer", {
      expected: "a two-dimensional convolution layer that has been built",
      received: `${layer.getClassName()} ${layer.name}`,
    });
  }
  const { columns = 16, limit = 64, inputChannel = 0 } = options;
  const [height, width, inputs, count] = kernel.shape as [number, number, number, number];
  checkWhole("columns", columns, { low: 1, high: 64 });
  checkWhole("limit", limit, { low: 1, high: Infinity });
  checkWhole("inputChannel", inputChannel, { low: 0, high: inputs - 1 });
  const data = await kernel.data();
  const shown = Math.min(count, limit);
  const [low, high] = extent(data);
  const bound = Math.max(-low, high);
  const planeOf = (filter: number, channel: number) =>
    toBytes(
      Float32Array.from(
        { length: height * width },
        (_, i) => data[(i * inputs + channel) * count + filter]!,
      ),
      -bound,
      bound,
    );
  const draw = (filter: number): Pixels => {
    if (inputs === 1) return { width, height, channels: 1, data: planeOf(filter, 0) };
    if (inputs === 3) {
      const planes = [0, 1, 2].map((channel) => planeOf(filter, channel));
      const pixels = Uint8Array.from(
        { length: 3 * height * width },
        (_, i) => planes[i % 3]![Math.floor(i / 3)]!,
      );
      return { width, height, channels: 3, data: pixels };
    }
    return colorize(planeOf(filter, inputChannel), { width, height, scale: signedScale });
  };
  const which =
    {
      1: "",
      3: ", weights of red, green and blue",
    }[inputs] ?? `, input channel ${inputChannel} of ${inputs}`;
  const of = shown < count ? `${shown} of ${counted(count, "filter")}` : counted(count, "filter");
  const heading = `${layer.name}: ${of} ${height} × ${width}${which}`;
  const labels = [-bound, 0, bound].map((value) => short(value).replace("-", "−"));
  const scale: ScaleKey = { stops: inputs === 1 || inputs === 3 ? greyScale : signedScale, labels };
  const tiles = Array.from({ length: shown }, (_, filter) => ({ image: draw(filter) }));
  return composeGrid(
    [{ heading, scale, tiles, columns, tileWidth: tileWidthFor(width, columns) }],
    {
      text: `${heading}, from ${short(-bound)} to ${short(bound)}`,
    },
  );
}

function extent(values: Iterable<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function colorize(
  bytes: Uint8Array,
  { width, height, scale }: { width: number; height: number; scale: readonly ColorStop[] },
): Pixels {
  const colors = colorTable(scale);
  const data = new Uint8Array(bytes.length * 3);
  for (const [i, byte] of bytes.entries()) data.set(colors[byte]!, i * 3);
  return { width, height, channels: 3, data };
}
