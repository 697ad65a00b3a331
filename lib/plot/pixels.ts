/** Images of several kinds as raw pixels. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import sharp from "sharp";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";

/** 8-bit pixels, row by row. */
export interface Pixels {
  width: number;
  height: number;
  /** 1 grey, 3 RGB, 4 RGB and alpha. */
  channels: 1 | 3 | 4;
  data: Uint8Array;
}

/** Images to show: a tensor, which stays the caller's, or the paths of image files. */
export type ImageSource = Tensor | string | readonly string[];

/** Which value is black and which white; `"auto"` decides by dtype and values. */
export type ValueRange = "auto" | readonly [black: number, white: number];

/**
 * Reads up to `limit` images.
 *
 * @param source `[n, height, width, 1 | 3 | 4]`, `[n, height, width]`, one image without `n`, or paths.
 * @param options.isSingle Whether a rank-3 tensor without colour channels can only be wrong.
 */
export async function readImages(
  source: ImageSource,
  options: { limit: number; range: ValueRange },
): Promise<{ images: Pixels[]; total: number }> {
  if (typeof source === "string" || Array.isArray(source)) {
    const paths = [source].flat() as string[];
    const images = await Promise.all(paths.slice(0, options.limit).map(readFile));
    return { images, total: paths.length };
  }
  const batch = source as Tensor;
  const [count, height, width, channels] = batchShape(batch);
  const shown = Math.min(count, options.limit);
  const values = tf.tidy(() => batch.reshape([count, -1]).slice([0, 0], [shown, -1]));
  const data = await values.data().finally(() => values.dispose());
  const [black, white] = options.range === "auto" ? findRange(data, batch.dtype) : options.range;
  const size = height * width * channels;
  const images = Array.from({ length: shown }, (_, i) => ({
    width,
    height,
    channels,
    data: toBytes(data.subarray(i * size, (i + 1) * size), black, white),
  }));
  return { images, total: count };
}

async function readFile(path: string): Promise<Pixels> {
  try {
    const { data, info } = await sharp(path)
      .rotate()
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    return {
      width: info.width,
      height: info.height,
      channels: info.channels as Pixels["channels"],
      data,
    };
  } catch (cause) {
    throw invalidArgument("paths", {
      expected: "paths of readable image files",
      received: path,
      hint: cause instanceof Error ? cause.message : undefined,
    });
  }
}

function batchShape(tensor: Tensor): [number, number, number, Pixels["channels"]] {
  const { shape } = tensor;
  const isColor = (size: number | undefined) => size === 1 || size === 3 || size === 4;
  if (shape.length === 4 && isColor(shape[3]))
    return shape as [number, number, number, Pixels["channels"]];
  if (shape.length === 3 && isColor(shape[2]))
    return [1, shape[0]!, shape[1]!, shape[2] as Pixels["channels"]];
  if (shape.length === 3) return [...(shape as [number, number, number]), 1];
  if (shape.length === 2) return [1, shape[0]!, shape[1]!, 1];
  throw invalidArgument("images", {
    expected:
      "a tensor of shape [n, height, width, 1, 3 or 4], [n, height, width], one such image, or paths",
    received: tensor,
  });
}

/** Integers are bytes. Floats are 0 to 1 or 0 to 255 if they stay within, else their own least to greatest value. */
function findRange(data: Iterable<number>, dtype: string): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (dtype === "bool") return [0, 1];
  if (low >= 0 && high <= 255) return dtype === "int32" || high > 1 ? [0, 255] : [0, 1];
  return [low, high];
}

/** Maps black to 0 and white to 255; what lies outside is cut off. */
export function toBytes(values: ArrayLike<number>, black: number, white: number): Uint8Array {
  const factor = 255 / (white - black || 1);
  // A clamped array rounds and cuts off by itself.
  const bytes = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = (values[i]! - black) * factor;
  return new Uint8Array(bytes.buffer);
}
