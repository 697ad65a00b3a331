/** Names for unfinished work that tell a later run whether it was abandoned. */
import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";

/** What names of unfinished work begin and end with. */
interface Marks {
  prefix: string;
  /** What the name ends with. @default nothing */
  suffix?: string;
}

/** A new path in `folder`, marked as this process's: `<prefix><process>-<random><suffix>`. */
export function unfinishedPath(folder: string, { prefix, suffix = "" }: Marks): string {
  return path.join(folder, `${prefix}${process.pid}-${randomBytes(4).toString("hex")}${suffix}`);
}

/** Removes what killed runs left in `folder`, told by the number of a process that is no more. */
export async function removeAbandoned(
  folder: string,
  { prefix, suffix = "" }: Marks,
): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || !name.endsWith(suffix)) continue;
    const middle = name.slice(prefix.length, name.length - suffix.length);
    const pid = Number(/^(\d+)-[0-9a-f]{8}$/.exec(middle)?.[1] ?? 0);
    if (pid > 0 && !isRunning(pid)) {
      await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Whether there is a process of this number. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
