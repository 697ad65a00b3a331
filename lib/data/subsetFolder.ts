/** The folder of a subset: made beside its place and swapped in, so that it is there whole or not at all. */
import { constants, existsSync } from "node:fs";
import { copyFile, link, rename, rm } from "node:fs/promises";
import path from "node:path";
import { ConvnetsError } from "../errors";
import {
  fileFault,
  findAbandoned,
  hiddenName,
  isOfDisk,
  makeFolder,
  removeAbandoned,
  settle,
  unfinishedPath,
} from "../files";
import { inLanes } from "./lanes";

/** A file to make, and the size that it will have. */
export interface Wanted {
  source: string;
  /** Path below the new folder. */
  relative: string;
  size: number;
}

/** Files that are copied side by side. */
const LANES = 8;

/** What `rename` says of a place where another folder is. */
const taken = ["ENOTEMPTY", "EEXIST"];

const unfinishedMarks = (into: string) => ({ prefix: `${hiddenName(into)}unfinished-` });
const replacedMarks = (into: string) => ({ prefix: `${hiddenName(into)}replaced-` });

/** Undoes a swap in the middle of which a process was killed: the folder that was to be replaced is there again. */
export async function bringBack(into: string): Promise<void> {
  const parent = path.dirname(into);
  for (const replaced of await findAbandoned(parent, replacedMarks(into))) {
    if (existsSync(into)) await rm(replaced, { recursive: true, force: true });
    else await rename(replaced, into).catch(() => undefined); // another process was faster
  }
}

/**
 * Makes everything in a folder beside, then swaps it in.
 *
 * @returns False when another process has made the folder meanwhile.
 */
export async function build(
  into: string,
  wanted: readonly Wanted[],
  { how, replaces }: { how: "hard" | "copy"; replaces: boolean },
): Promise<boolean> {
  const parent = path.dirname(into);
  makeFolder(parent);
  await removeAbandoned(parent, unfinishedMarks(into));
  const unfinished = unfinishedPath(parent, unfinishedMarks(into));
  const replaced = unfinishedPath(parent, { ...replacedMarks(into), stays: true });
  let isSuperseded = false;
  try {
    const folders = new Set(wanted.map(({ relative }) => path.dirname(relative)));
    for (const folder of folders) makeFolder(path.join(unfinished, folder));
    await inLanes(wanted, LANES, ({ source, relative }) => {
      const target = path.join(unfinished, relative);
      return how === "hard"
        ? link(source, target)
        : copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    });
    if (replaces) await rename(into, replaced).catch(unless("ENOENT"));
    try {
      await rename(unfinished, into); // takes the place of an empty folder, and of nothing else
    } catch (error) {
      await rename(replaced, into).catch(unless("ENOENT", ...taken));
      isSuperseded = true; // it is back, or another process has put its folder there
      if (taken.includes((error as NodeJS.ErrnoException).code ?? "")) return false;
      throw error;
    }
    isSuperseded = true;
    return true;
  } catch (error) {
    if (error instanceof ConvnetsError) throw error;
    if (isOfDisk(error)) throw fileFault(into, { cause: error, doing: "written" });
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConvnetsError(`${into} could not be made: ${message}`, {
      hint:
        code === "EXDEV"
          ? 'Hard links cannot lead to another disk: use `link: "copy"`.'
          : undefined,
      cause: error,
    });
  } finally {
    // Where the disk fails, the first error is the one that matters.
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    settle(unfinished);
    // Not decided by what is at `into` now: a third process may just be swapping there, with what it replaces in hand.
    if (isSuperseded) await rm(replaced, { recursive: true, force: true }).catch(() => undefined);
    settle(replaced);
  }
}

/** Passes on all errors but those that are expected. */
function unless(...codes: string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (!codes.includes(error.code ?? "")) throw error;
  };
}
