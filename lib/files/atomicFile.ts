/** Files appear whole or not at all. */
import fs from "node:fs/promises";
import path from "node:path";
import { ConvnetsError } from "../errors";
import { fileFault } from "./fault";
import { makeFolder } from "./folder";
import { hiddenName, kindOf, realPlace } from "./place";
import { removeAbandoned, settle, unfinishedPath } from "./unfinished";

/**
 * Writes a file under a temporary name beside the final one, flushes it to disk, and renames it.
 *
 * Whatever stops the process, the final name holds the old file or the new one, never half of one. A link at the
 * final name is followed. What killed processes left behind is removed by the next write to the same name.
 *
 * @param file The final name; its folder is made when missing.
 * @param write Writes the content to the name that it gets.
 * @throws ConvnetsError naming the file when it can't be written, or when something else than a file is there.
 * @throws EnvironmentError naming the file when the disk is full, read-only or gone.
 */
export async function writeFileAtomically(
  file: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  let temporary: string | undefined;
  try {
    const target = realPlace(file);
    const there = kindOf(target);
    if (there !== undefined && there !== "a file") {
      throw new ConvnetsError(`${file} could not be written: ${there} is there.`);
    }
    const folder = path.dirname(target);
    const marks = { prefix: hiddenName(target), suffix: ".part" };
    makeFolder(folder);
    const mode = await modeOf(target);
    await removeAbandoned(folder, marks);
    temporary = unfinishedPath(folder, marks);
    await write(temporary);
    await flush(temporary, "r+");
    if (mode !== undefined) await fs.chmod(temporary, mode);
    await fs.rename(temporary, target);
    await flush(folder, "r");
  } catch (cause) {
    if (temporary !== undefined) await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw fileFault(file, { cause, doing: "written" });
  } finally {
    if (temporary !== undefined) settle(temporary);
  }
}

/** The permissions of a file that is to be replaced; what may not be written to may not be replaced either. */
async function modeOf(target: string): Promise<number | undefined> {
  try {
    await fs.access(target, fs.constants.W_OK);
    return (await fs.stat(target)).mode & 0o7777;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Brings a file's content to the disk; of a folder, its names. */
async function flush(place: string, flags: "r" | "r+"): Promise<void> {
  const handle = await fs.open(place, flags);
  try {
    await handle.sync();
  } catch (error) {
    if (flags === "r+") throw error; // some disks can't flush a folder
  } finally {
    await handle.close();
  }
}
