/** Processes that train one model together, one of which is killed or stops again and again. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { randomNumbers } from "./random";
import type { Section, SectionResult } from "./section";
import { Crew, type End } from "./workers/crew";

/** Runs in the long form, and how often each is cut off: by three kills and by a process that stops. */
const RUNS = 10;
const KILLS = 3;
const CUTS = KILLS + 1;

const EPOCHS = 6;
const STEPS = 12;

/** Within this time each survivor must have said that it can't go on. */
const LIMIT_MS = 10_000;

/** How long a process that says nothing is waited for; far longer where none is meant to stop. */
const STOPPED_SECONDS = 8;
const OTHERWISE_SECONDS = 120;

/** How far weights may be from those of an unbroken run. */
const TOLERANCE = 1e-5;

/** Options of `workerFaults`. */
interface FaultOptions {
  seed: number;
  workers: number;
  /** Within this time each survivor must have said that it can't go on. */
  limitMs: number;
  say(line: string): void;
}

/** One run that is cut off again and again, and goes on each time in a new cluster, until it is where an unbroken one is. */
export async function workerFaults(options: FaultOptions): Promise<SectionResult> {
  const { seed, workers, limitMs, say } = options;
  const random = randomNumbers(seed);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "convnets-workers-"));
  const backupDir = path.join(folder, "backup");
  const crew = new Crew(workers);
  const faults: string[] = [];
  let tried = 0;
  let slowest = 0;
  try {
    const orders = { epochs: EPOCHS, timeoutSeconds: OTHERWISE_SECONDS };
    const unbroken = await crew.train(orders);
    const stopped = Math.floor(random() * CUTS);
    for (let cut = 0; cut < CUTS; cut++) {
      const stops = cut === stopped;
      const victim = (seed + cut) % workers; // each of them, the chief too
      // The first one has finished an epoch, so that there is something to go on with.
      const steps = 1 + (cut === 0 ? STEPS : 0) + Math.floor(random() * STEPS * 1.2);
      const timeoutSeconds = stops ? STOPPED_SECONDS : OTHERWISE_SECONDS;
      const late = (victim + 1 + Math.floor(random() * (workers - 1))) % workers;
      const blow = { victim, steps, delayMs: random() * 40, stops, late };
      const after = await crew.suffer({ ...orders, backupDir, timeoutSeconds }, blow);
      const what = `worker ${victim} of ${workers} ${stops ? "stopped" : "was killed"} after ${steps} steps`;
      if (after === undefined) continue;
      tried++;
      for (const end of after.ends) if (!isTold(end)) faults.push(`${what}: ${textOf(end)}`);
      const ms = after.ms - (stops ? 1000 * STOPPED_SECONDS : 0);
      slowest = Math.max(slowest, ms);
      if (ms > limitMs) faults.push(`${what}: it took ${Math.round(ms)} ms to say so`);
    }
    const resumed = await crew.train({ ...orders, backupDir });
    faults.push(...differences(unbroken, resumed));
    for (const end of resumed) {
      if (end?.kind === "trained" && end.steps > (EPOCHS - 1) * STEPS)
        faults.push("a run began anew");
    }
    const alone = await crew.trainAlone(1);
    faults.push(...alone.filter(({ kind } = { kind: "gone" }) => kind !== "trained").map(textOf));
    say(
      `${workers} workers, ${tried} cuts, told within ${Math.round(slowest)} ms, ${faults.length} faults`,
    );
    return { tried, faults };
  } finally {
    await crew.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a survivor says in the library's own words that another one is lost. */
function isTold(end: End | undefined): boolean {
  return end?.kind === "failed" && end.name === "WorkerLostError";
}

function textOf(end: End | undefined): string {
  if (end === undefined) return "a process hangs";
  return end.kind === "failed" ? `${end.name}: ${end.message}` : `a process is ${end.kind}`;
}

/** What is wrong with runs that should have come to the same weights, in each process. */
function differences(
  unbroken: readonly (End | undefined)[],
  resumed: readonly (End | undefined)[],
): string[] {
  const [first] = unbroken;
  if (first?.kind !== "trained") return [`an unbroken run has failed: ${textOf(first)}`];
  return [...unbroken, ...resumed].flatMap((end) => {
    if (end?.kind !== "trained") return [`a run that nothing cut off has failed: ${textOf(end)}`];
    const apart = end.weights.map((weight, i) => Math.abs(weight - first.weights[i]!));
    const most = Math.max(...apart);
    return most <= TOLERANCE ? [] : [`weights are ${most} from an unbroken run's`];
  });
}

export const section: Section = {
  name: "workers",
  summary:
    "a run of two and three workers, one of which is killed or stops at random moments: the others say so, and it goes on",
  async run({ seed, scale, say }) {
    const total: SectionResult = { tried: 0, faults: [] };
    const runs = Math.max(1, Math.round(RUNS * scale));
    for (let run = 0; run < runs; run++) {
      const workers = 2 + (run % 2);
      const options = { seed: seed + run, workers, limitMs: LIMIT_MS, say };
      const { tried, faults } = await workerFaults(options);
      total.tried += tried;
      total.faults.push(...faults);
    }
    return total;
  },
};
