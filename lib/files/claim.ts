/** One process at a time: a file beside a place that names the process working on it. */
import { constants } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ConvnetsError } from "../errors";
import { isGone, isMark, newMark } from "./owner";
import { hiddenName } from "./place";
import { removeAbandoned, settle, watch } from "./unfinished";

const POLL_MS = 100;

/** Others wait for a claim, so one of another container is held to be abandoned sooner than a file. */
const STALE_MS = 20_000;

/** Where nobody can write anything, nobody has to wait. */
const unwritable = ["EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT"];

/** What disks say that have no hard links. */
const linkless = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** How a place is claimed. */
interface ClaimOptions {
  /** Told once, when another process has the place. @default nothing is told */
  onWait?: (pid: string) => void;
  /** Stops waiting; the promise rejects with the signal's reason. @default none */
  signal?: AbortSignal;
}

/**
 * Makes this process the only one that works on a place; waits for one that does. A claim of a process that is gone
 * counts for nothing. Where nothing may be written there is nothing to claim.
 *
 * @param place A file or folder, which need not be there; its folder is made.
 * @returns Gives the place back.
 * @throws ConvnetsError when something that no process of ours has left has the claim's name.
 */
export async function claim(
  place: string,
  { onWait, signal }: ClaimOptions = {},
): Promise<() => Promise<void>> {
  const folder = path.dirname(path.resolve(place));
  const name = `${hiddenName(place)}claim`;
  const file = path.join(folder, name);
  const mark = newMark();
  const draft = `${file}-${mark}`;
  let made: string | undefined;
  try {
    made = await fs.mkdir(folder, { recursive: true });
    await removeAbandoned(folder, { prefix: `${name}-` });
    await fs.writeFile(draft, mark, { flag: "wx" });
  } catch (error) {
    await fs.rm(draft, { force: true }).catch(() => undefined);
    if (unwritable.includes((error as NodeJS.ErrnoException).code ?? "")) {
      return () => removeFolders(folder, made);
    }
    throw error;
  }
  try {
    for (let told = false; !(await appears(draft, file)); await delay(POLL_MS)) {
      signal?.throwIfAborted();
      const holder = await holderOf(file);
      if (holder === undefined) continue; // given back just now
      if (isGone(holder, file, STALE_MS))
        await takeAway(file, { holder, aside: `${file}-${newMark()}` });
      else if (!told) {
        told = true;
        onWait?.(holder.split("-")[0] ?? "");
      }
    }
  } catch (error) {
    await fs.rm(draft, { force: true });
    await removeFolders(folder, made);
    throw error;
  } finally {
    await fs.rm(draft, { force: true });
  }
  watch(file);
  return async () => {
    settle(file);
    if ((await fs.readFile(file, "utf8").catch(() => undefined)) === mark) {
      await fs.rm(file, { force: true });
    }
    await removeFolders(folder, made);
  };
}

/** The mark of the process that has a claim, empty while it is being written; undefined when there is none. */
async function holderOf(file: string): Promise<string | undefined> {
  const there = await fs.lstat(file).catch(() => undefined);
  if (there === undefined) return undefined;
  const holder = there.isFile() ? await fs.readFile(file, "utf8").catch(() => undefined) : "?";
  if (holder === undefined || holder === "" || isMark(holder)) return holder;
  throw new ConvnetsError(`${file} is there already, and isn't ours.`, {
    hint: "Processes that write the same file wait for each other by that name: move it away.",
  });
}

/** Gives a written file a name that must be free: it is there whole or not at all. */
async function appears(draft: string, file: string): Promise<boolean> {
  try {
    await fs.link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (!linkless.includes(error.code ?? "")) throw error;
      return fs.copyFile(draft, file, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes the claim of a process that is gone, and gives back what another put there in the meantime. */
async function takeAway(file: string, options: { holder: string; aside: string }): Promise<void> {
  const { holder, aside } = options;
  try {
    await fs.rename(file, aside);
  } catch {
    return; // somebody else was faster
  }
  if ((await fs.readFile(aside, "utf8")) !== holder) await appears(aside, file);
  await fs.rm(aside);
}

/** Removes folders that were made for a claim, unless something is in them by now. */
async function removeFolders(folder: string, made: string | undefined): Promise<void> {
  if (made === undefined) return;
  for (let each = path.resolve(folder); each.length >= path.resolve(made).length; ) {
    const removed = await fs.rmdir(each).then(
      () => true,
      () => false,
    );
    if (!removed) return;
    each = path.dirname(each);
  }
}
