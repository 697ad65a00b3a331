/**
 * Marks in file names that say which process a file belongs to, and whether that process is gone.
 *
 * A process number alone says little: in a container the same one comes again at each start. So a mark has the
 * process' start as well, and the space of process numbers that it is of. Of another space (another container or
 * machine on the same disk) nobody can tell here whether a process lives: there a file counts as abandoned when
 * nobody has touched it for a while, and its owner touches it as long as it lives.
 */
import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";

/** After this, what nobody has touched is abandoned; owners touch their files far more often. */
const STALE_MS = 120_000;

/** Whether a text is a mark: process, start, space, and a random part. */
export function isMark(text: string): boolean {
  return /^\d+-\d+-[0-9a-f]{8}-[0-9a-f]{8}$/.test(text);
}

/** A new mark of this process, never used before. */
export function newMark(): string {
  return markOfProcess(processOf("self") ?? { pid: String(process.pid), start: "0" });
}

/** A new mark of no process: what has it is abandoned. */
export function nobodysMark(): string {
  return markOfProcess({ pid: "0", start: "0" });
}

function markOfProcess({ pid, start }: { pid: string; start: string }): string {
  return `${pid}-${start}-${ownSpace()}-${randomBytes(4).toString("hex")}`;
}

/**
 * Whether the process that a mark names is gone.
 *
 * @param mark From the name of `file`.
 * @param file Looked at where the mark is of another container or machine.
 * @param staleMs For how long nobody has touched it then.
 */
export function isGone(mark: string, file: string, staleMs = STALE_MS): boolean {
  const [pid = "", start, space] = mark.split("-");
  if (space === ownSpace()) return processOf(pid)?.start !== start;
  const touched = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return touched !== undefined && Date.now() - touched > staleMs;
}

/** A process' number and start; undefined when it has ended, also when nobody has noticed yet (a zombie). */
function processOf(name: string): { pid: string; start: string } | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${name}/stat`, "utf8");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return undefined;
    return { pid: stat.slice(0, stat.indexOf(" ")), start: fields[18] ?? "0" };
  } catch {
    return undefined;
  }
}

let space: string | undefined;

/** Tells spaces of process numbers apart: of each boot of each machine, and of each container. */
function ownSpace(): string {
  if (space === undefined) {
    let text: string;
    try {
      const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      text = `${boot} ${fs.readlinkSync("/proc/self/ns/pid")}`;
    } catch {
      text = randomBytes(8).toString("hex"); // nothing is known: files are told by their age
    }
    space = createHash("sha256").update(text).digest("hex").slice(0, 8);
  }
  return space;
}
