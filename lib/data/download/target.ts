/** What lies where a download is to go. */
import { stat } from "node:fs/promises";
import { checksumOf } from "../../files";
import type { DownloadSettings } from "./options";

/** Whether `output` is a folder, or by its last character is to be one. */
export async function isFolder(output: string): Promise<boolean> {
  if (/[/\\]$/.test(output)) return true;
  return (await stat(output).catch(() => undefined))?.isDirectory() ?? false;
}

/** Whether there is a file. */
export async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}

/** The first hash of the file that differs from what is expected. */
export async function wrongHash(
  file: string,
  hashes: DownloadSettings["hashes"],
): Promise<{ algorithm: string; expected: string; actual: string } | undefined> {
  for (const { algorithm, expected } of hashes) {
    const actual = await checksumOf(file, algorithm);
    if (actual !== expected) return { algorithm, expected, actual };
  }
  return undefined;
}
