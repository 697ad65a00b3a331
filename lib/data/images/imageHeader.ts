/**
 * What a file says of itself in its first bytes: kind and size.
 *
 * Decoders take memory for as many pixels as a header claims, and each kind goes to the decoder that can read
 * it, whatever the file's name: so we look before they leap.
 */
import fs from "node:fs";
import { type BmpHeader, readBmpHeader } from "./bmp";

/** What of a picture decides on its decoder. */
export interface ImageHeader {
  kind: "jpeg" | "png" | "gif" | "bmp" | "webp" | "avif" | "tiff";
  /** Undefined where only the decoder reads the size; its own limit holds then. */
  size?: { width: number; height: number };
  /** Of a JPEG file: 1 for grey, 3 for colour, 4 for CMYK. */
  components?: number;
  /** Of a WebP file: whether it has an alpha channel, and whether it moves. */
  alpha?: boolean;
  isAnimated?: boolean;
  /** Of a BMP file: how its pixels are kept. */
  bmp?: BmpHeader;
}

const HEAD_BYTES = 512;
const MAX_JPEG_SEGMENTS = 1000;

/**
 * Reads a picture's header.
 *
 * @returns Undefined when the file is no picture, or ends before it says how large it is.
 */
export function readImageHeader(path: string): ImageHeader | undefined {
  // Synchronous: two reads of a cached file take microseconds, a promise each takes ten times as long.
  const file = fs.openSync(path, "r");
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const bytes = head.subarray(0, fs.readSync(file, head, 0, HEAD_BYTES, 0));
    const ascii = (start: number, end: number) => bytes.toString("latin1", start, end);
    if (bytes.length < 16) return undefined;
    if (ascii(0, 3) === "\xff\xd8\xff") return jpegHeader(file, bytes);
    if (ascii(0, 8) === "\x89PNG\r\n\x1a\n") {
      if (bytes.length < 24) return undefined;
      return sized("png", bytes.readUInt32BE(16), bytes.readUInt32BE(20));
    }
    if (/^GIF8[79]a/.test(ascii(0, 6))) {
      return sized("gif", bytes.readUInt16LE(6), bytes.readUInt16LE(8));
    }
    if (ascii(0, 2) === "BM") {
      const bmp = readBmpHeader(bytes);
      return bmp && { kind: "bmp", size: { width: bmp.width, height: bmp.height }, bmp };
    }
    if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WEBP") return webpHeader(bytes);
    if (ascii(4, 8) === "ftyp" && /^(avif|avis|mif1|heic)/.test(ascii(8, 12)))
      return { kind: "avif" };
    if (ascii(0, 4) === "II*\0" || ascii(0, 4) === "MM\0*") return { kind: "tiff" };
    return undefined;
  } finally {
    fs.closeSync(file);
  }
}

function sized(kind: ImageHeader["kind"], width: number, height: number): ImageHeader | undefined {
  return width > 0 && height > 0 ? { kind, size: { width, height } } : undefined;
}

/** The first chunk says it: lossy, lossless or extended. */
function webpHeader(bytes: Buffer): ImageHeader | undefined {
  if (bytes.length < 30) return undefined;
  switch (bytes.toString("latin1", 12, 16)) {
    case "VP8 ":
      return sized("webp", bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff);
    case "VP8L": {
      const bits = bytes.readUInt32LE(21);
      const header = sized("webp", (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
      return header && { ...header, alpha: ((bits >>> 28) & 1) === 1 };
    }
    case "VP8X": {
      const header = sized("webp", bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1);
      const flags = bytes[20]!;
      return header && { ...header, alpha: (flags & 0x10) !== 0, isAnimated: (flags & 2) !== 0 };
    }
    default:
      return undefined;
  }
}

/** Walks from marker to marker up to the frame header, which has the size. */
function jpegHeader(file: number, head: Buffer): ImageHeader | undefined {
  let position = 2;
  for (let count = 0; count < MAX_JPEG_SEGMENTS; count++) {
    const segment = segmentAt(file, head, position);
    if (segment === undefined || segment[0] !== 0xff) return undefined;
    const marker = segment[1]!;
    if (marker === 0xff) {
      position += 1; // a fill byte
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const header = sized("jpeg", segment.readUInt16BE(7), segment.readUInt16BE(5));
      return header && { ...header, components: segment[9]! };
    }
    const standsAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    position += standsAlone ? 2 : 2 + segment.readUInt16BE(2);
  }
  return undefined;
}

/** Ten bytes: a marker, its length, and what a frame header holds. */
function segmentAt(file: number, head: Buffer, position: number): Buffer | undefined {
  if (position + 10 <= head.length) return head.subarray(position, position + 10);
  const bytes = Buffer.alloc(10);
  return fs.readSync(file, bytes, 0, 10, position) === 10 ? bytes : undefined;
}
