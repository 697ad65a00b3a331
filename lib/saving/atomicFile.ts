/** Files appear whole or not at all. */
import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";

/**
 * Writes a file under a temporary name beside the final one, flushes it to disk, and renames it.
 *
 * Whatever stops the process, the final name holds the old file or the new one, never half of one.
 * What killed processes left behind is removed by the next write to the same name.
 *
 * @param file The final name; its folder is made when missing.
 * @param write Writes the content to the name that it gets.
 */
export async function writeFileAtomically(
  file: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  const prefix = `.${path.basename(file)}.`;
  await fs.mkdir(folder, { recursive: true });
  await removeLeftovers(folder, prefix);
  const temporary = path.join(
    folder,
    `${prefix}${process.pid}-${randomBytes(4).toString("hex")}.part`,
  );
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
    await fs.rm(temporary, { force: true });
    throw error;
  }
}

async function removeLeftovers(folder: string, prefix: string): Promise<void> {
  for (const name of await fs.readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)-[0-9a-f]{8}\.part$/.exec(name.slice(prefix.length))?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) {
      await fs.rm(path.join(folder, name), { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
