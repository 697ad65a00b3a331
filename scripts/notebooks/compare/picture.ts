/** Compares two pictures the way an eye does: by blocks, so that noise passes and a changed digit does not. */

import sharp from "sharp";
import type { Difference } from "./text";

/** Side of a block in pixels. */
const BLOCK = 8;

/** Mean difference of a block (of 255) from which an eye sees it. */
const VISIBLE = 16;

/** The difference between two pictures, each a file's bytes or an SVG's text, or undefined. */
export async function comparePictures(
  expected: Buffer | string,
  actual: Buffer | string,
  allowedShare: number,
): Promise<Difference | undefined> {
  if (Buffer.from(expected).equals(Buffer.from(actual))) return undefined;
  const [before, after] = await Promise.all([decode(expected), decode(actual)]);
  if (before.width !== after.width || before.height !== after.height) {
    return {
      what: "the picture has another size",
      expected: `${before.width} × ${before.height}`,
      actual: `${after.width} × ${after.height}`,
    };
  }
  const share = visibleShare(before, after);
  if (share <= allowedShare) return undefined;
  return {
    what: "the picture looks different",
    expected: `at most ${percent(allowedShare)} of its area different`,
    actual: `${percent(share)} of its area different`,
  };
}

interface Pixels {
  data: Buffer;
  width: number;
  height: number;
}

async function decode(picture: Buffer | string): Promise<Pixels> {
  const { data, info } = await sharp(Buffer.from(picture))
    .flatten({ background: "white" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** Share of blocks in which a difference can be seen. */
function visibleShare(before: Pixels, after: Pixels): number {
  const { width, height } = before;
  const channels = before.data.length / (width * height);
  const columns = Math.ceil(width / BLOCK);
  const sums = new Float64Array(columns * Math.ceil(height / BLOCK));
  const counts = new Float64Array(sums.length);
  for (let i = 0; i < before.data.length; i += 1) {
    const pixel = Math.floor(i / channels);
    const row = Math.floor(pixel / width);
    const block = Math.floor(row / BLOCK) * columns + Math.floor((pixel - row * width) / BLOCK);
    sums[block]! += Math.abs(before.data[i]! - after.data[i]!);
    counts[block]! += 1;
  }
  const visible = sums.filter((sum, block) => sum / counts[block]! >= VISIBLE);
  return visible.length / sums.length;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.001 ? 3 : 1)} %`;
}
