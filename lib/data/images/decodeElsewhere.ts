/** Decodes the pictures that TensorFlow can't, with sharp. */
import sharp from "sharp";
import { ConvnetsError } from "../../errors";
import type { ImageHeader } from "./imageHeader";

/** A decoded picture: `[height, width, channels]` uint8. */
export interface DecodedPixels {
  shape: [height: number, width: number, channels: number];
  data: Uint8Array;
}

/**
 * Why TensorFlow can't decode a file as wanted, or undefined when it can.
 *
 * TensorFlow 2.21 reads JPEG (CMYK too, as RGB), PNG, GIF, BMP and WebP, but not every kind in every colour mode.
 */
export function whyNotTensorFlow(header: ImageHeader, channels: number): string | undefined {
  const { kind, components } = header;
  if (kind === "avif" || kind === "tiff") return kind.toUpperCase();
  if (kind === "gif" && channels !== 3) return "GIF in another colour mode than rgb";
  if (kind === "webp" && channels !== (header.alpha ? 4 : 3)) {
    return `WebP ${header.alpha ? "with" : "without"} alpha in another colour mode`;
  }
  if (kind === "jpeg" && components === 4 && channels !== 3) {
    return "CMYK in another colour mode than rgb";
  }
  if (kind === "jpeg" && channels === 4) return "JPEG in the colour mode rgba";
  return undefined;
}

/**
 * Decodes a file with sharp: the first frame, in sRGB.
 *
 * @param options.channels 1, 3 or 4.
 * @param options.maxPixels More pixels are refused.
 * @param options.upright Whether to follow the EXIF orientation.
 */
export async function decodeWithSharp(
  path: string,
  options: { channels: 1 | 3 | 4; maxPixels: number; upright: boolean },
): Promise<DecodedPixels> {
  const { channels, maxPixels, upright } = options;
  let image = sharp(path, { failOn: "error", limitInputPixels: maxPixels, pages: 1 });
  if (upright) image = image.autoOrient();
  image = image.toColourspace(channels === 1 ? "b-w" : "srgb");
  image = channels === 4 ? image.ensureAlpha() : image.removeAlpha();
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) {
    throw new ConvnetsError(`it has ${info.channels} channels where ${channels} are wanted`);
  }
  return { shape: [info.height, info.width, channels], data };
}

/** The EXIF orientation, 1 (upright) to 8; 1 when there is none. */
export async function exifOrientation(path: string): Promise<number> {
  const { orientation } = await sharp(path).metadata();
  return orientation ?? 1;
}
