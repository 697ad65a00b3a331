/** Pictures that TensorFlow can't give as wanted: which these are, and who decodes them. */
import fs from "node:fs/promises";
import sharp from "sharp";
import { ConvnetsError } from "../../errors";
import { decodeBmp, whyNotTensorFlow as whyNotAsBmp } from "./bmp";
import type { ImageHeader } from "./imageHeader";
import type { DecodedPixels } from "./pixels";

/** How a file comes to be pixels. */
export interface Route {
  /**
   * `"batch"`: TensorFlow gives them as wanted, many files at once. `"tensorflow"`: it decodes the file in the channels
   * that it can, and they are changed here. So that a picture looks alike whatever way it came, sharp decodes only what
   * TensorFlow doesn't know at all.
   */
  by: "batch" | "tensorflow" | "bmp" | "sharp";
  /** What TensorFlow decodes. */
  channels: 1 | 3 | 4;
  /** What is special about the file; undefined of a batch's. */
  reason?: string;
  /** How it has to be turned, in EXIF's numbers; 1 where it stays. */
  orientation: number;
}

/**
 * The way for a file.
 *
 * TensorFlow 2.21 reads JPEG (CMYK too, as RGB), PNG, GIF, BMP and WebP, but not every kind in every colour mode.
 */
export function routeOf(header: ImageHeader, channels: 1 | 3 | 4): Route {
  const { kind } = header;
  const route = (by: Route["by"], reason?: string, decoded = channels): Route => ({
    by,
    channels: decoded,
    reason,
    orientation: 1,
  });
  if (kind === "avif" || kind === "tiff") return route("sharp", kind.toUpperCase());
  if (kind === "gif" && channels === 4) return route("sharp", "GIF in the colour mode rgba");
  if (kind === "gif" && channels === 1) {
    return route("tensorflow", "GIF in the colour mode grayscale", 3);
  }
  if (kind === "webp") {
    const own = header.alpha ? 4 : 3;
    const alpha = `${header.alpha ? "with" : "without"} alpha`;
    if (header.isAnimated) return route("sharp", "animated WebP");
    if (channels !== own) return route("tensorflow", `WebP ${alpha} in another colour mode`, own);
  }
  if (kind === "jpeg" && header.components === 4 && channels !== 3) {
    return route("tensorflow", "CMYK in another colour mode than rgb", 3);
  }
  if (kind === "jpeg" && channels === 4) {
    return route("tensorflow", "JPEG in the colour mode rgba", 3);
  }
  if (kind === "bmp" && header.bmp !== undefined) {
    const reason = whyNotAsBmp(header.bmp);
    if (reason !== undefined) return route("bmp", reason);
    if (channels === 1) return route("bmp", "BMP in the colour mode grayscale");
  }
  return route("batch");
}

/** Kinds whose EXIF orientation TensorFlow passes over; sharp follows that of the others by itself. */
export function mayLie({ kind }: ImageHeader): boolean {
  return kind === "jpeg" || kind === "png" || kind === "webp";
}

/** The EXIF orientation, 1 (upright) to 8; 1 when there is none. */
export async function exifOrientation(path: string): Promise<number> {
  const { orientation } = await sharp(path).metadata();
  return orientation ?? 1;
}

/** Decodes a BMP file of any kind. */
export async function decodeBmpFile(path: string): Promise<DecodedPixels> {
  return decodeBmp(await fs.readFile(path));
}

/**
 * Decodes a file with sharp: the first frame, in sRGB, with alpha.
 *
 * @param options.maxPixels More pixels are refused.
 * @param options.upright Whether to follow the EXIF orientation.
 */
export async function decodeWithSharp(
  path: string,
  options: { maxPixels: number; upright: boolean },
): Promise<DecodedPixels> {
  const { maxPixels, upright } = options;
  let image = sharp(path, { failOn: "error", limitInputPixels: maxPixels, pages: 1 });
  if (upright) image = image.autoOrient();
  image = image.toColourspace("srgb").ensureAlpha();
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  if (info.channels !== 4) throw new ConvnetsError(`it has ${info.channels} channels`);
  return { shape: [info.height, info.width, 4], data };
}
