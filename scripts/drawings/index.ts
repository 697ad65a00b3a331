/** Cats and dogs, drawn: what `datasets.dogsVsCats` of convnets loads by this package's name when it draws. */
import sharp from "sharp";
import type { Drawer } from "../../lib/data";
import { emojiLibrary } from "./emoji";
import { drawPicture } from "./photograph";

/** Changes whenever the same seed gives other pictures. */
const version = 1;

/**
 * Reads the emoji and gives what draws with them.
 *
 * @throws Error with Node's code `MODULE_NOT_FOUND` when a set of emoji is not installed.
 */
export function openDrawer(): Drawer {
  emojiLibrary();
  return { version, drawPicture, severalAtOnce };
}

/** One thread for each picture: several pictures at once use the cores better than several threads for one. */
async function severalAtOnce<Result>(work: () => Promise<Result>): Promise<Result> {
  const threads = sharp.concurrency();
  sharp.concurrency(1);
  try {
    return await work();
  } finally {
    sharp.concurrency(threads);
  }
}
