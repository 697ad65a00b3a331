/** Lays images out in a grid with captions and composes one picture. */
import sharp from "sharp";
import { Picture } from "./picture";
import type { Pixels } from "./pixels";
import { escapeMarkup, pixelRatio, rasterize } from "./raster";
import { ink } from "./style";

export interface Tile {
  image: Pixels;
  caption?: string;
  /** What the caption is written in. @default the colour of text */
  captionColor?: string;
}

/** Tiles of one size under a common heading. */
export interface Section {
  heading?: string;
  tiles: readonly Tile[];
  columns: number;
  /** Width of a tile in pixels of the page; its height follows from the first image. */
  tileWidth: number;
}

const margin = 12;
const gap = 8;
const captionHeight = 20;
const headingHeight = 28;

/** Composes sections from top to bottom. Small images keep their pixels sharp, large ones are scaled down smoothly. */
export async function composeGrid(
  sections: readonly Section[],
  options: { text: string },
): Promise<Picture> {
  let y = margin;
  let width = 0;
  const texts: string[] = [];
  const placed: { left: number; top: number; tile: Tile; tileWidth: number; tileHeight: number }[] =
    [];
  for (const { heading, tiles, columns, tileWidth } of sections) {
    if (heading !== undefined) {
      texts.push(
        `<text x="${margin}" y="${y + 16}" font-size="13" font-weight="600" fill="${ink.text}">${escapeMarkup(heading)}</text>`,
      );
      y += headingHeight;
    }
    const first = tiles[0]?.image;
    if (first === undefined) continue;
    const tileHeight = Math.round((tileWidth * first.height) / first.width);
    const hasCaptions = tiles.some(({ caption }) => caption !== undefined);
    const rowHeight = tileHeight + gap + (hasCaptions ? captionHeight : 0);
    for (const [index, tile] of tiles.entries()) {
      const left = margin + (index % columns) * (tileWidth + gap);
      const top = y + Math.floor(index / columns) * rowHeight;
      placed.push({ left, top, tile, tileWidth, tileHeight });
      if (tile.caption !== undefined) {
        const text = escapeMarkup(shorten(tile.caption, tileWidth + gap - 4));
        const place = `x="${left + tileWidth / 2}" y="${top + tileHeight + 15}" text-anchor="middle"`;
        const font = `font-size="12" fill="${tile.captionColor ?? ink.text}"`;
        texts.push(`<text ${place} ${font}>${text}</text>`);
      }
    }
    y += Math.ceil(tiles.length / columns) * rowHeight;
    width = Math.max(width, Math.min(columns, tiles.length) * (tileWidth + gap) - gap);
    if (heading !== undefined) width = Math.max(width, textWidth(heading, 13.5));
  }
  const size = { width: Math.ceil(width + 2 * margin), height: Math.ceil(y - gap + margin) };
  const area = `width="${size.width}" height="${size.height}"`;
  const background = rasterize(
    [
      `<svg xmlns="http://www.w3.org/2000/svg" ${area} font-family="Inter">`,
      `<rect width="100%" height="100%" fill="#fff"/>${texts.join("")}</svg>`,
    ].join(""),
  );
  const layers = await Promise.all(
    placed.map(async ({ left, top, tile, tileWidth, tileHeight }) => ({
      input: await scale(tile.image, tileWidth * pixelRatio, tileHeight * pixelRatio),
      left: Math.round(left * pixelRatio),
      top: Math.round(top * pixelRatio),
    })),
  );
  const png = await sharp(background).composite(layers).png({ compressionLevel: 9 }).toBuffer();
  return new Picture(png, { ...options, jpeg: await asPhotograph(png) });
}

/** PNG bytes from which on a picture may be kept as JPEG: digits and drawings stay below. */
const photographBytes = 250_000;

/** The picture as JPEG, when it is large and JPEG takes less than half as much, as grain and fur do; else undefined. */
async function asPhotograph(png: Uint8Array): Promise<Uint8Array | undefined> {
  if (png.length < photographBytes) return undefined;
  const jpeg = await sharp(png).jpeg({ quality: 85, chromaSubsampling: "4:4:4" }).toBuffer();
  return jpeg.length < png.length / 2 ? jpeg : undefined;
}

async function scale(
  { data, width, height, channels }: Pixels,
  toWidth: number,
  toHeight: number,
): Promise<Buffer> {
  const isEnlarged = toWidth > width;
  return sharp(data, { raw: { width, height, channels } })
    .resize(toWidth, toHeight, {
      fit: "contain",
      background: "#ffffff",
      kernel: isEnlarged && width <= 128 ? "nearest" : "lanczos3",
    })
    .toColourspace("srgb")
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** About how many pixels a caption takes. */
export function captionWidth(caption: string): number {
  return textWidth(caption, 12);
}

/** About how wide Inter sets a text. */
function textWidth(text: string, fontSize: number): number {
  return text.length * fontSize * 0.56;
}

function shorten(text: string, width: number): string {
  const fitting = Math.max(3, Math.floor(width / textWidth("x", 12)));
  return text.length <= fitting ? text : `${text.slice(0, fitting - 1)}…`;
}
