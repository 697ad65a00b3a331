// @ts-check
/** Which processes there are: of a lock, and those that a killed set-up has left running. */
import fs from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const pollMs = 50;

/** How long a program may take to end when it is asked to. */
const patienceMs = 3000;

/** The variable that programs of set-up have in their environment; its value is the log of the program. */
export const programMark = "CONVNETS_SETUP_LOG";

/**
 * A process' number and start time, which together are never used twice.
 * @param {number} pid
 * @returns {string | undefined} `undefined` when there is no such process, also when it has ended and only its
 *   parent hasn't noticed (a zombie).
 */
export function identity(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : `${pid} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

/**
 * Ends programs that a set-up has started and, killed itself, left behind: pip would go on to write into .venv.
 * Call it while no other set-up runs.
 *
 * @param {string} logs The folder of set-up's logs, which tells checkouts apart.
 */
export async function endOrphans(logs) {
  const ask = (/** @type {NodeJS.Signals} */ signal) => {
    const orphans = orphansOf(logs);
    for (const pid of orphans) {
      try {
        process.kill(pid, signal);
      } catch {} // it has just ended
    }
    return orphans.length;
  };
  const until = Date.now() + patienceMs;
  for (
    let left = ask("SIGTERM");
    left > 0;
    left = ask(Date.now() < until ? "SIGTERM" : "SIGKILL")
  ) {
    await delay(pollMs);
  }
}

/** @param {string} logs */
function orphansOf(logs) {
  const mark = `${programMark}=${logs}${path.sep}`;
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && identity(pid) !== undefined && has(pid, mark));
}

/** @param {number} pid @param {string} mark */
function has(pid, mark) {
  try {
    const environment = fs.readFileSync(`/proc/${pid}/environ`, "utf8");
    return environment.startsWith(mark) || environment.includes(`\0${mark}`);
  } catch {
    return false; // it has ended, or is another user's
  }
}
