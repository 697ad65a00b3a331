// @ts-check
/** One set-up at a time: a lock file that names the process holding it. */
import fs from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { identity } from "./processes.mjs";

const pollMs = 100;

/**
 * Runs `work` while no other process runs under the same lock; waits for one that does. The lock of a
 * process that died is taken over.
 *
 * @template T
 * @param {string} file The lock file; its folder is made.
 * @param {() => Promise<T>} work
 * @param {{ onWait?: (holder: string) => void }} [options] `onWait` is told once when another holds the lock.
 * @returns {Promise<T>}
 */
export async function withLock(file, work, { onWait } = {}) {
  await acquire(file, onWait);
  const release = () => fs.rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/**
 * @param {string} file
 * @param {((holder: string) => void) | undefined} onWait
 */
async function acquire(file, onWait) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  removeDrafts(file);
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, identity(process.pid) ?? "");
  try {
    for (let told = false; ; await delay(pollMs)) {
      try {
        fs.linkSync(draft, file); // a link appears whole or not at all
        return;
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
      }
      const holder = read(file);
      if (holder === undefined) continue;
      if (!isAlive(holder)) {
        removeStale(file, holder);
      } else if (!told) {
        told = true;
        onWait?.(holder.split(" ")[0] ?? "");
      }
    }
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/**
 * Removes a dead process' lock, and gives back what another process put there in the meantime.
 * @param {string} file
 * @param {string} holder
 */
function removeStale(file, holder) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return; // somebody else removed it
  }
  if (read(aside) !== holder) fs.linkSync(aside, file);
  fs.rmSync(aside);
}

/**
 * Removes what processes left that were killed while they took the lock.
 * @param {string} file
 */
function removeDrafts(file) {
  for (const name of fs.readdirSync(path.dirname(file))) {
    const pid = name.startsWith(`${path.basename(file)}.`) ? /\.(\d+)$/.exec(name)?.[1] : undefined;
    if (pid !== undefined && identity(Number(pid)) === undefined) {
      fs.rmSync(path.join(path.dirname(file), name), { force: true });
    }
  }
}

/** @param {string} file */
function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** @param {string} holder */
function isAlive(holder) {
  return identity(Number.parseInt(holder, 10)) === holder;
}
