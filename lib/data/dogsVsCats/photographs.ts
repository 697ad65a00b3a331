/** Kaggle's photographs. */
import fs from "node:fs/promises";
import path from "node:path";
import { unzip } from "../archive";
import { gdown, kaggle, whyDriveUnreachable } from "../download";

/** Where the photographs lie on Google Drive. */
const driveId = "18uC7WTuEXKJDDxbj-Jq6EjzpFrgE7IAd";

/** Why Google Drive can't be reached, or undefined when it can. */
export function whyUnreachable(baseUrl: string | undefined): Promise<string | undefined> {
  return whyDriveUnreachable(driveId, { baseUrl });
}

/**
 * Downloads the photographs and unpacks them into `into/train`.
 *
 * Safe to run twice: the archive is downloaded once, and files that are there are left alone. The archive stays.
 *
 * @throws ConvnetsError (of download or archive) when they can't be had; the next run goes on from there.
 */
export async function fetchPhotographs(
  source: "drive" | "kaggle",
  options: { into: string; baseUrl: string | undefined; verbose: 0 | 1 },
): Promise<void> {
  const { into, baseUrl } = options;
  const quiet = options.verbose === 0;
  const output = path.join(into, "dogs-vs-cats.zip");
  await fs.mkdir(into, { recursive: true });
  if (source === "drive") await gdown.download({ id: driveId, output, baseUrl, quiet });
  else await kaggle.downloadCompetition("dogs-vs-cats", { output, baseUrl, quiet });
  // The archive holds train.zip, which holds train/cat.0.jpg and the others.
  await unzip(output, { into, nested: true, quiet });
}
