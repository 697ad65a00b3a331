/** Every writer on a disk that is full, read-only or taken away: a small one of memory, which root may mount. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ConvnetsError } from "../../lib/index";
import { Dice } from "./dice";
import { type Writer, writers } from "./diskWriters";
import { faultOfError, type Outcome, outcomeOf } from "./outcome";
import type { Section } from "./section";

/** The file that fills the disk. */
const BALLAST = ".ballast";
const DISK_BYTES = 1 << 20;
/** How often the long form fills the disk for each writer, and takes it away. */
const TIMES = 40;

/** A small disk. */
class Disk {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "torture-disk-"));

  mount(): void {
    const options = ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "none", this.folder];
    execFileSync("mount", options, { stdio: "ignore" });
  }

  makeReadOnly(): void {
    execFileSync("mount", ["-o", "remount,ro", this.folder], { stdio: "ignore" });
  }

  /** Fills it up to some bytes. */
  fill(left: number): void {
    const ballast = path.join(this.folder, BALLAST);
    const { bavail, bsize } = fs.statfsSync(this.folder);
    fs.writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)));
  }

  empty(): void {
    fs.rmSync(path.join(this.folder, BALLAST), { force: true });
  }

  /** Takes it away, in use or not. */
  unmount(): void {
    execFileSync("umount", ["-l", this.folder], { stdio: "ignore" });
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Why disks can't be mounted here; undefined where they can. */
export function whyNoDisks(): string | undefined {
  const disk = new Disk();
  try {
    disk.mount();
    disk.unmount();
    return undefined;
  } catch {
    return "no disk may be mounted here";
  } finally {
    disk.remove();
  }
}

/** What is wrong with an error of a disk, if anything. */
function faultOf({ error }: { error: unknown }, folder: string): string | undefined {
  const isSilent = error instanceof ConvnetsError && error.hint === undefined;
  return (
    faultOfError(error, [folder]) ?? (isSilent ? `no word of what to do: ${error}` : undefined)
  );
}

function attempt(writer: Writer, disk: Disk): Promise<Outcome<void>> {
  return outcomeOf(writer.write(disk.folder));
}

/** A full disk: an error or a whole file, and once there is room, a whole file. */
async function fullDisk(disk: Disk, writer: Writer, left: number): Promise<string | undefined> {
  disk.mount();
  try {
    disk.fill(left);
    const first = await attempt(writer, disk);
    if (!("error" in first)) return await writer.faultIn(disk.folder);
    const fault = faultOf(first, disk.folder);
    if (fault !== undefined) return fault;
    const unwanted = fs
      .readdirSync(disk.folder)
      .filter((name) => name !== BALLAST && !writer.mayStay?.test(name));
    if (unwanted.length > 0) return `${unwanted} is left`;
    disk.empty();
    const again = await attempt(writer, disk);
    if ("error" in again) return `with room again: ${again.error}`;
    return await writer.faultIn(disk.folder);
  } finally {
    disk.unmount();
  }
}

async function readOnlyDisk(disk: Disk, writer: Writer): Promise<string | undefined> {
  disk.mount();
  try {
    disk.makeReadOnly();
    const outcome = await attempt(writer, disk);
    return "error" in outcome ? faultOf(outcome, disk.folder) : "no error";
  } finally {
    disk.unmount();
  }
}

/** A disk that is taken away while it is written to: an error that names the file, or none. */
async function vanishingDisk(disk: Disk, writer: Writer, ms: number): Promise<string | undefined> {
  disk.mount();
  const gone = wait(ms).then(() => disk.unmount());
  const outcome = await attempt(writer, disk);
  await gone;
  // What was begun anew where the disk was.
  for (const name of fs.readdirSync(disk.folder)) {
    fs.rmSync(path.join(disk.folder, name), { recursive: true, force: true });
  }
  if (!("error" in outcome)) return undefined;
  // A file that is gone has no way out but its name, which the system's own error says.
  const said = String(outcome.error);
  return said.includes(disk.folder) ? undefined : `an error without the file: ${said}`;
}

export const section: Section = {
  name: "disks",
  summary: "every writer on a disk that is full, read-only or taken away",
  async run({ seed, scale, say }) {
    const faults: string[] = [];
    let tried = 0;
    const obstacle = whyNoDisks();
    if (obstacle !== undefined) {
      say(`disks: skipped, ${obstacle}`);
      return { tried, faults };
    }
    const times = Math.max(2, Math.round(TIMES * scale));
    const disk = new Disk();
    const note = (what: string, fault: string | undefined) => {
      tried++;
      if (fault !== undefined) faults.push(`${what}: ${fault}`);
    };
    try {
      for (const writer of writers) {
        const dice = new Dice(seed);
        for (let time = 0; time < times; time++) {
          // Little room most often: every writer has its first bytes, and some have few.
          const left = dice.below(2) === 0 ? dice.below(8) * 4096 : dice.below(writer.bytes);
          note(`${writer.name}, ${left} bytes left`, await fullDisk(disk, writer, left));
          const ms = dice.below(40);
          note(`${writer.name}, gone after ${ms} ms`, await vanishingDisk(disk, writer, ms));
        }
        note(`${writer.name}, read-only`, await readOnlyDisk(disk, writer));
        say(`${writer.name}: ${2 * times + 1} disks`);
      }
    } finally {
      disk.remove();
    }
    return { tried, faults };
  },
};
