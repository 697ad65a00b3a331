/** Files appear whole or not at all. */
import fs from "node:fs/promises";
import path from "node:path";
import { diskFault } from "./diskFault";
import { makeFolder } from "./folder";
import { removeAbandoned, unfinishedPath } from "./unfinished";

/**
 * Writes a file under a temporary name beside the final one, flushes it to disk, and renames it.
 *
 * Whatever stops the process, the final name holds the old file or the new one, never half of one.
 * What killed processes left behind is removed by the next write to the same name.
 *
 * @param file The final name; its folder is made when missing.
 * @param write Writes the content to the name that it gets.
 * @throws EnvironmentError naming the file when the disk is full, read-only or gone.
 */
export async function writeFileAtomically(
  file: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  try {
    await writeBeside(file, write);
  } catch (error) {
    throw diskFault(error, file);
  }
}

async function writeBeside(
  file: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  const marks = { prefix: `.${path.basename(file)}.`, suffix: ".part" };
  makeFolder(folder);
  await removeAbandoned(folder, marks);
  const temporary = unfinishedPath(folder, marks);
  try {
    await write(temporary);
    const handle = await fs.open(temporary, "r+");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, file);
  } catch (error) {
    // A disk that fails may refuse this too; the first error is the one that matters.
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
