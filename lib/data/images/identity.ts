/** What an image dataset holds, for whoever compares two of them. */
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import type { HostElement } from "../dataset";
import type { ImageFiles } from "./listing";
import type { ImageDatasetSettings } from "./settings";

/** A hash of all that the batches follow from: the files' bytes in their order, the labels, the options that shape them. */
export async function hashContent(
  files: ImageFiles,
  settings: ImageDatasetSettings,
): Promise<string> {
  const { verbose: _, maxPixels, prefetch, cache, seed, ...shaping } = settings;
  const options = {
    ...shaping,
    seed: shaping.shuffle ? seed : null,
    cacheDtype: cache === false ? null : shaping.cacheDtype,
  };
  const hash = createHash("sha256").update(JSON.stringify([options, files.labels ?? null]));
  for (const file of files.paths) {
    const bytes = await fs.readFile(file);
    hash.update(`${bytes.length} `).update(bytes);
  }
  return hash.digest("hex");
}

/** How many images a batch has of which a part was loaded, and their names without their folders. */
export function wholeOf(
  { paths }: ImageFiles,
  images: readonly number[] | undefined,
): Pick<HostElement, "whole"> {
  if (images === undefined) return {};
  const names = images.map((index) => path.basename(paths[index]!)).join("/");
  return { whole: { size: images.length, names } };
}
