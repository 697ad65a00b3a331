/** Names for unfinished work that tell a later run whether it was abandoned. */
import fs from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { isGone, isMark, newMark, nobodysMark } from "./owner";

/** What names of unfinished work begin and end with. */
export interface Marks {
  prefix: string;
  /** What the name ends with. @default nothing */
  suffix?: string;
}

/** How often what is under way is touched, for processes that can't see this one. */
const TOUCH_MS = 3000;

/** This process' unfinished work, and whether it stays when the process ends. */
const underWay = new Map<string, { stays: boolean }>();
let touching: NodeJS.Timeout | undefined;

/**
 * A new path in `folder`, marked as this process's: `<prefix><mark><suffix>`.
 *
 * What is there when the process ends goes with it, unless `settle` was called for it.
 *
 * @param options.stays For work that a later process goes on with: it stays when this one ends.
 */
export function unfinishedPath(
  folder: string,
  { prefix, suffix = "", stays = false }: Marks & { stays?: boolean },
): string {
  const place = path.join(folder, `${prefix}${newMark()}${suffix}`);
  watch(place, { stays });
  return place;
}

/** Touches what is at a path as long as this process works on it, and removes it when the process ends. */
export function watch(place: string, { stays = false } = {}): void {
  if (underWay.size === 0) process.on("exit", removeUnfinished);
  underWay.set(place, { stays });
  touching ??= setInterval(touch, TOUCH_MS).unref();
}

/** Says that the work at this path is done, renamed or given up. */
export function settle(place: string): void {
  if (!underWay.delete(place) || underWay.size > 0) return;
  process.off("exit", removeUnfinished);
  clearInterval(touching);
  touching = undefined;
}

/** Leaves unfinished work to whoever goes on with it, as a process that was killed does. */
export async function leave(place: string, marks: Marks): Promise<void> {
  const { prefix, suffix = "" } = marks;
  await rename(place, path.join(path.dirname(place), `${prefix}${nobodysMark()}${suffix}`));
  settle(place);
}

/** Paths in `folder` that killed runs left there. */
export async function findAbandoned(folder: string, marks: Marks): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names
    .filter((name) => {
      const mark = markOf(name, marks);
      return mark !== undefined && isGone(mark, path.join(folder, name));
    })
    .map((name) => path.join(folder, name));
}

/** Removes what killed runs left in `folder`. */
export async function removeAbandoned(folder: string, marks: Marks): Promise<void> {
  for (const place of await findAbandoned(folder, marks)) {
    await rm(place, { recursive: true, force: true });
  }
}

/** The mark in a name, when it begins and ends as these names do. */
export function markOf(name: string, { prefix, suffix = "" }: Marks): string | undefined {
  if (!name.startsWith(prefix) || !name.endsWith(suffix)) return undefined;
  const middle = name.slice(prefix.length, name.length - suffix.length);
  return isMark(middle) ? middle : undefined;
}

function touch(): void {
  const now = new Date();
  for (const place of underWay.keys()) fs.utimes(place, now, now, () => {});
}

function removeUnfinished(): void {
  for (const [place, { stays }] of underWay) {
    if (!stays) fs.rmSync(place, { recursive: true, force: true });
  }
}
