/**
 * BMP files of every kind that stores pixels: with a palette, of 1 to 32 bits, run-length encoded, and OS/2's.
 *
 * TensorFlow takes whole bytes for colours: it reads a palette's indices as grey, and refuses or garbles the rest.
 *
 * @see https://learn.microsoft.com/en-us/windows/win32/gdi/bitmap-header-types
 */
import { ConvnetsError } from "../../errors";
import type { DecodedPixels } from "./pixels";

/** What a BMP file says of itself. */
export interface BmpHeader {
  width: number;
  height: number;
  /** Whether the first row is the upper one. */
  isTopDown: boolean;
  /** Bits of a pixel. */
  bits: number;
  /** 0: none; 1 and 2: runs of 8 and 4 bits; 3 and 6: none, with masks; below 0 one that only OS/2 has. */
  compression: number;
  /** Whether the header is the short one of OS/2, whose palette has three bytes for a colour. */
  isCore: boolean;
  /** Bits of red, green, blue and alpha. */
  masks: readonly [red: number, green: number, blue: number, alpha: number];
  /** Where the palette begins, and how many colours it has. */
  palette: { start: number; colours: number };
  /** Where the pixels begin. */
  start: number;
}

const PLAIN_MASKS = [0xff0000, 0xff00, 0xff] as const;
const MASKS_AT = 54;

/**
 * Reads a BMP file's header.
 *
 * @param bytes The file's first bytes, 70 at least of a file that has so many.
 * @returns Undefined when it makes no sense.
 */
export function readBmpHeader(bytes: Buffer): BmpHeader | undefined {
  if (bytes.length < 26) return undefined;
  const start = bytes.readUInt32LE(10);
  const size = bytes.readUInt32LE(14);
  const isCore = size === 12;
  if (!isCore && (size < 16 || bytes.length < Math.min(14 + size, MASKS_AT + 16))) return undefined;
  const width = isCore ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const rows = isCore ? bytes.readUInt16LE(20) : bytes.readInt32LE(22);
  const bits = bytes.readUInt16LE(isCore ? 24 : 28);
  // OS/2's 3 and 4 are others than Windows'.
  const code = size >= 20 ? bytes.readUInt32LE(30) : 0;
  const compression = size === 64 && code > 2 ? -code : code;
  if (width <= 0 || rows === 0) return undefined;
  const hasMasks = compression === 3 || compression === 6;
  const masksBehind = size === 40 && hasMasks ? (compression === 6 ? 16 : 12) : 0;
  const used = size >= 36 ? bytes.readUInt32LE(46) : 0;
  const paletteStart = 14 + size + masksBehind;
  const room = Math.max(0, Math.floor((start - paletteStart) / (isCore ? 3 : 4)));
  const most = bits <= 8 ? 2 ** bits : 0;
  return {
    width,
    height: Math.abs(rows),
    isTopDown: rows < 0,
    bits,
    compression,
    isCore,
    masks: hasMasks ? masksAt(bytes, size >= 56 || compression === 6) : defaultMasks(bits),
    palette: {
      start: paletteStart,
      colours: Math.min(most, used === 0 ? most : used, start === 0 ? most : room),
    },
    start,
  };
}

function masksAt(bytes: Buffer, hasAlpha: boolean): BmpHeader["masks"] {
  const mask = (index: number) => {
    const place = MASKS_AT + 4 * index;
    return place + 4 <= bytes.length ? bytes.readUInt32LE(place) : 0;
  };
  return [mask(0), mask(1), mask(2), hasAlpha ? mask(3) : 0];
}

function defaultMasks(bits: number): BmpHeader["masks"] {
  return bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [...PLAIN_MASKS, bits === 32 ? 0xff000000 : 0];
}

/** Why TensorFlow reads something else than the picture; undefined where it reads that. */
export function whyNotTensorFlow(header: BmpHeader): string | undefined {
  const { bits, compression, isCore, masks } = header;
  if (isCore) return "BMP as OS/2 has it";
  if (compression === 1 || compression === 2) return "BMP with runs";
  if (bits <= 8) return "BMP with a palette";
  if (bits !== 24 && bits !== 32) return `BMP of ${bits} bits`;
  const isPlain = PLAIN_MASKS.every((mask, i) => mask === masks[i]);
  return isPlain && [0, 3, 6].includes(compression) ? undefined : "BMP with masks";
}

/**
 * Decodes a BMP file.
 *
 * @returns `[height, width, 4]`: RGBA, opaque where the file has no alpha.
 * @throws ConvnetsError for a compression that holds no pixels, and a file that ends too early.
 */
export function decodeBmp(bytes: Buffer): DecodedPixels {
  const header = readBmpHeader(bytes);
  if (header === undefined) throw new ConvnetsError("its BMP header makes no sense");
  const { width, height, isTopDown, bits, compression } = header;
  const isRuns = (compression === 1 && bits === 8) || (compression === 2 && bits === 4);
  const isKnown = isRuns || [0, 3, 6].includes(compression);
  if (!isKnown || ![1, 2, 4, 8, 16, 24, 32].includes(bits)) {
    throw new ConvnetsError(
      `it is a BMP file of ${bits} bits with compression ${compression}, which isn't read here`,
    );
  }
  const colourOf = bits <= 8 ? paletteOf(bytes, header) : masked(header);
  const rowOf = isRuns ? runRows(bytes, header) : storedRows(bytes, header);
  const data = new Uint8Array(width * height * 4);
  const pixels = new DataView(data.buffer);
  for (let row = 0; row < height; row++) {
    const valueAt = rowOf(row);
    const place = (isTopDown ? row : height - 1 - row) * width;
    for (let x = 0; x < width; x++) pixels.setUint32(4 * (place + x), colourOf(valueAt(x)));
  }
  return { shape: [height, width, 4], data };
}

/** A colour as 0xRRGGBBAA. */
type Colours = (value: number) => number;

/** What stands at each place of a row, the file's first row first. */
type Rows = (row: number) => (x: number) => number;

const ended = () => new ConvnetsError("it ends before its picture does");

function paletteOf(bytes: Buffer, { palette, isCore }: BmpHeader): Colours {
  const step = isCore ? 3 : 4;
  if (palette.start + palette.colours * step > bytes.length) throw ended();
  const colours = Array.from({ length: palette.colours }, (_, i) => {
    const place = palette.start + i * step;
    return ((bytes.readUIntLE(place, 3) << 8) | 0xff) >>> 0;
  });
  return (value) => colours[value] ?? 0xff;
}

function masked({ masks }: BmpHeader): Colours {
  const channel = (mask: number) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    const most = mask >>> shift;
    return (value: number) => Math.round((255 * ((value & mask) >>> shift)) / most);
  };
  const [red, green, blue] = masks
    .slice(0, 3)
    .map((mask) => (mask === 0 ? () => 0 : channel(mask)));
  const alpha = masks[3] === 0 ? () => 255 : channel(masks[3]);
  return (value) =>
    ((red!(value) << 24) | (green!(value) << 16) | (blue!(value) << 8) | alpha(value)) >>> 0;
}

function storedRows(bytes: Buffer, { width, height, bits, start }: BmpHeader): Rows {
  const stride = 4 * Math.ceil((width * bits) / 32);
  if (start + stride * (height - 1) + Math.ceil((width * bits) / 8) > bytes.length) throw ended();
  if (bits >= 8) {
    const size = bits / 8;
    return (row) => (x) => bytes.readUIntLE(start + row * stride + x * size, size);
  }
  const perByte = 8 / bits;
  return (row) => (x) => {
    const byte = bytes[start + row * stride + Math.floor(x / perByte)]!;
    return (byte >> (8 - bits * (1 + (x % perByte)))) & (2 ** bits - 1);
  };
}

/** Runs: a count and a value, or after a zero so many values as they are, a new row, a jump, the end. */
function runRows(bytes: Buffer, { width, height, bits, start }: BmpHeader): Rows {
  const values = new Uint8Array(width * height);
  let [x, y, at] = [0, 0, start];
  const next = () => {
    if (at >= bytes.length) throw ended();
    return bytes[at++]!;
  };
  const put = (value: number) => {
    if (x < width && y < height) values[y * width + x] = value;
    x++;
  };
  const isHalf = bits === 4;
  const part = (byte: number, i: number) => (!isHalf ? byte : i % 2 === 0 ? byte >> 4 : byte & 15);
  for (;;) {
    const [count, second] = [next(), next()];
    if (count > 0) for (let i = 0; i < count; i++) put(part(second, i));
    else if (second === 0) [x, y] = [0, y + 1];
    else if (second === 1) break;
    else if (second === 2) [x, y] = [x + next(), y + next()];
    else {
      const size = Math.ceil(isHalf ? second / 2 : second);
      if (at + size > bytes.length) throw ended();
      for (let i = 0; i < second; i++) put(part(bytes[at + (isHalf ? i >> 1 : i)]!, i));
      at += size + (size % 2);
    }
  }
  return (row) => (x) => values[row * width + x]!;
}
