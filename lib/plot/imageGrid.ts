/** Lays images out in a grid with headings, captions and colour scales, and composes one picture. */
import sharp from "sharp";
import type { ColorStop } from "./color";
import { Picture } from "./picture";
import type { Pixels } from "./pixels";
import { escapeMarkup, pixelRatio, rasterize } from "./raster";
import { plate } from "./style";
import { fitText, textWidth } from "./textWidth";

export interface Tile {
  image: Pixels;
  caption?: string;
  /** Whether the caption says something right or wrong. @default neither */
  verdict?: "right" | "wrong";
}

/** What colours mean: labels with a piece of the scale between each two. */
export interface ScaleKey {
  stops: readonly ColorStop[];
  labels: readonly string[];
}

/** Tiles of one size under a common heading. */
export interface Section {
  heading?: string | undefined;
  scale?: ScaleKey;
  tiles: readonly Tile[];
  columns: number;
  /** Whether the images are values of which each keeps its own pixels, however large they are. @default false */
  isExact?: boolean;
  /** Width of a tile in pixels of the page; its height follows from the first image. */
  tileWidth: number;
}

/** The width that pictures fill, in pixels. */
export const pageWidth = 760;
const gap = 6;
const captionSize = 12;
const captionHeight = 22;
const headingSize = 13;
const headingHeight = 28;
const sectionGap = 14;

/** How wide each of so many tiles in a row may be. */
export function tileWidthOf(columns: number): number {
  return Math.floor((pageWidth + gap) / columns) - gap;
}

/** How many tiles of a width a row has room for. */
export function columnsOf(tileWidth: number): number {
  return Math.max(1, Math.floor((pageWidth + gap) / (tileWidth + gap)));
}

/** About how many pixels a caption takes. */
export function captionWidth(caption: string): number {
  return textWidth(caption, { size: captionSize }) + 10;
}

interface PlacedTile {
  left: number;
  top: number;
  width: number;
  height: number;
  tile: Tile;
  isExact: boolean;
}

/**
 * Composes sections from top to bottom. Small images keep their pixels sharp, large ones are scaled down smoothly.
 * Between the tiles the page is seen; texts stand on plates of their own, so that they can be read on any page.
 */
export async function composeGrid(
  sections: readonly Section[],
  options: { text: string },
): Promise<Picture> {
  let y = 0;
  const width = Math.ceil(Math.max(...sections.map(sectionWidth)));
  const markup: string[] = [];
  const placed: PlacedTile[] = [];
  for (const [number, section] of sections.entries()) {
    if (number > 0) y += sectionGap;
    const { tiles, columns, tileWidth, isExact = false } = section;
    const head = drawHead(section, { y, width });
    markup.push(head.markup);
    y += head.height;
    const { image } = tiles[0]!;
    // Whole pixels of the file.
    const tileHeight =
      Math.max(1, Math.round((pixelRatio * tileWidth * image.height) / image.width)) / pixelRatio;
    const hasCaptions = tiles.some(({ caption }) => caption !== undefined);
    const rowHeight = tileHeight + (hasCaptions ? captionHeight : 0);
    for (const [index, tile] of tiles.entries()) {
      const left = (index % columns) * (tileWidth + gap);
      const top = y + Math.floor(index / columns) * (rowHeight + gap);
      placed.push({ left, top, width: tileWidth, height: tileHeight, tile, isExact });
      markup.push(drawCaption(tile, { left, top: top + tileHeight, width: tileWidth }));
    }
    y += Math.ceil(tiles.length / columns) * (rowHeight + gap) - gap;
  }
  const area = `width="${width}" height="${y}"`;
  const ground = rasterize(
    `<svg xmlns="http://www.w3.org/2000/svg" ${area} font-family="Inter">${markup.join("")}</svg>`,
  );
  const layers = await Promise.all(
    placed.map(async (each) => ({
      input: await scale(each),
      left: Math.round(each.left * pixelRatio),
      top: Math.round(each.top * pixelRatio),
    })),
  );
  const png = await sharp(ground).composite(layers).png({ compressionLevel: 9 }).toBuffer();
  return new Picture(png, { ...options, jpeg: await asPhotograph(png) });
}

function sectionWidth(section: Section): number {
  const { tiles, columns, tileWidth } = section;
  const row = Math.min(columns, tiles.length) * (tileWidth + gap) - gap;
  return Math.max(row, Math.min(pageWidth, headWidth(section)));
}

function headWidth({ heading, scale: key }: Section): number {
  const text =
    heading === undefined ? 0 : textWidth(heading, { size: headingSize, bold: true }) + 24;
  return Math.max(text, key === undefined ? 0 : scaleWidth(key) + 24);
}

/** The heading at the left and the colour scale at the right, or below it where one line is too narrow. */
function drawHead(
  { heading, scale: key }: Section,
  { y, width }: { y: number; width: number },
): { markup: string; height: number } {
  if (heading === undefined && key === undefined) return { markup: "", height: 0 };
  const text = heading ?? "";
  const room = width - 24 - (key === undefined ? 0 : scaleWidth(key) + 20);
  const isOneLine = textWidth(text, { size: headingSize, bold: true }) <= room || key === undefined;
  const lines = isOneLine || text === "" ? 1 : 2;
  const height = lines === 1 ? headingHeight : headingHeight + 20;
  const shown = fitText(text, width - 24, { size: headingSize });
  const font = `font-size="${headingSize}" font-weight="600" fill="${plate.text}"`;
  const markup = [
    `<rect y="${y}" width="${width}" height="${height}" rx="4" fill="${plate.plain}"/>`,
    `<text x="12" y="${y + 19}" ${font}>${escapeMarkup(shown)}</text>`,
    key === undefined
      ? ""
      : drawScale(key, {
          x: lines === 1 && text !== "" ? width - 12 - scaleWidth(key) : 12,
          y: y + (lines - 1) * 20,
        }),
  ];
  return { markup: markup.join(""), height: height + gap };
}

const scaleBar = { width: 72, height: 10, gap: 6 };

function scaleWidth({ labels }: ScaleKey): number {
  const texts = labels.reduce((sum, label) => sum + textWidth(label, { size: captionSize }), 0);
  return texts + (labels.length - 1) * (scaleBar.width + 2 * scaleBar.gap);
}

function drawScale({ stops, labels }: ScaleKey, { x, y }: { x: number; y: number }): string {
  const id = `scale-${Math.round(y)}`;
  const pieces: string[] = [];
  let left = x;
  for (const [index, label] of labels.entries()) {
    const font = `font-size="${captionSize}" fill="${plate.text}"`;
    pieces.push(`<text x="${left}" y="${y + 18.5}" ${font}>${escapeMarkup(label)}</text>`);
    left += textWidth(label, { size: captionSize }) + scaleBar.gap;
    if (index === labels.length - 1) break;
    // Each piece shows its part of the scale: the gradient reaches beyond it, to both sides.
    const whole = scaleBar.width * (labels.length - 1);
    const start = left - index * scaleBar.width;
    const colors = stops
      .map(([at, color]) => `<stop offset="${at}" stop-color="${color}"/>`)
      .join("");
    const span = `gradientUnits="userSpaceOnUse" x1="${start}" x2="${start + whole}"`;
    const box = `x="${left}" y="${y + 9}" width="${scaleBar.width}" height="${scaleBar.height}" rx="2"`;
    pieces.push(
      `<linearGradient id="${id}-${index}" ${span}>${colors}</linearGradient>`,
      `<rect ${box} fill="url(#${id}-${index})"/>`,
    );
    left += scaleBar.width + scaleBar.gap;
  }
  return pieces.join("");
}

function drawCaption(
  { caption, verdict }: Tile,
  { left, top, width }: { left: number; top: number; width: number },
): string {
  if (caption === undefined) return "";
  const text = escapeMarkup(fitText(caption, width - 6, { size: captionSize }));
  const place = `x="${left + width / 2}" y="${top + 15.5}" text-anchor="middle"`;
  return [
    `<rect x="${left}" y="${top}" width="${width}" height="${captionHeight}" fill="${plate[verdict ?? "plain"]}"/>`,
    `<text ${place} font-size="${captionSize}" fill="${plate.text}">${text}</text>`,
  ].join("");
}

/** PNG bytes from which on a picture may be kept as JPEG: digits and drawings stay below. */
const photographBytes = 250_000;

/** The picture as JPEG, when it is large and JPEG takes less than half as much, as grain and fur do; else undefined. */
async function asPhotograph(png: Uint8Array): Promise<Uint8Array | undefined> {
  if (png.length < photographBytes) return undefined;
  const jpeg = await sharp(png)
    .flatten({ background: plate.plain })
    .jpeg({ quality: 85, chromaSubsampling: "4:4:4" })
    .toBuffer();
  return jpeg.length < png.length / 2 ? jpeg : undefined;
}

async function scale({ tile, isExact, ...size }: PlacedTile): Promise<Buffer> {
  const { data, width, height, channels } = tile.image;
  const toWidth = Math.round(size.width * pixelRatio);
  const isEnlarged = toWidth >= width;
  return sharp(data, { raw: { width, height, channels } })
    .resize(toWidth, Math.round(size.height * pixelRatio), {
      fit: "contain",
      background: plate.plain,
      kernel: isEnlarged && (isExact || width <= 128) ? "nearest" : "lanczos3",
    })
    .toColourspace("srgb")
    .png({ compressionLevel: 1 })
    .toBuffer();
}
