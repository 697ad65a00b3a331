/** All cases, one after another, on three sides: Keras writes, this library tries, Keras reads again. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Helper } from "./helper";
import type { Case, Checked, Made, Tried } from "./messages";
import { failedInKeras, judge, type Verdict } from "./verdict";

/** The repository's root folder, seen from the compiled script. */
export const root = path.resolve(__dirname, "../../..");

/** Cases on their way at once: one waits for its other side while the others compute. */
const LANES = Math.min(os.availableParallelism() + 1, 8);

/** What is tried, and who hears of each case that is done. */
export interface RunOptions {
  wanted: (each: Case) => boolean;
  progress: (verdict: Verdict, count: { done: number; all: number }) => void;
}

/** A run's verdicts in Keras' order, and the cases that it had no model of. */
export interface RunResult {
  verdicts: Verdict[];
  notes: Case[];
}

/** A process of each side, which work at the same case in turns. */
interface Lane {
  keras: Helper;
  ours: Helper;
}

/** Runs the wanted cases. */
export async function runCases({ wanted, progress }: RunOptions): Promise<RunResult> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "parity-"));
  const log = path.join(root, ".cache/parity.log");
  fs.mkdirSync(path.dirname(log), { recursive: true });
  fs.writeFileSync(log, "");
  const python = [
    path.join(root, ".venv/bin/python"),
    path.join(root, "scripts/parity/worker.py"),
    folder,
  ];
  const node = [process.execPath, path.join(__dirname, "worker.js")];
  const lanes = Array.from({ length: LANES }, () => ({
    keras: new Helper({ command: python, log, seconds: 600 }),
    ours: new Helper({ command: node, log, seconds: 300 }),
  }));
  try {
    const all = (await lanes[0]!.keras.ask<Case[]>({ ask: "list" })).filter(wanted);
    const [notes, cases] = [all.filter((each) => each.note), all.filter((each) => !each.note)];
    const verdicts: Verdict[] = [];
    let [next, done] = [0, 0];
    const follow = async (lane: Lane) => {
      while (next < cases.length) {
        const at = next++;
        const verdict = await runCase(cases[at]!, lane);
        verdicts[at] = verdict;
        clear(folder, cases[at]!.id);
        progress(verdict, { done: ++done, all: cases.length });
      }
    };
    await Promise.all(lanes.map(follow));
    return { verdicts, notes };
  } finally {
    for (const lane of lanes) for (const side of Object.values(lane)) side.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function runCase(each: Case, lane: Lane): Promise<Verdict> {
  const { id } = each;
  const made = await asked<Made>(lane.keras, { ask: "make", id });
  if (made.error !== undefined) return failedInKeras(each, made.error);
  const tried = await asked<Tried & { error?: string }>(lane.ours, made);
  if (tried.error !== undefined) {
    const loads = `it ends the process: ${tried.error}`;
    const nothing = {
      predicts: undefined,
      measures: undefined,
      graph: undefined,
      eager: undefined,
    };
    const died = { loads, warnings: [], ...nothing };
    return judge(each, { made, tried: died, checked: undefined });
  }
  const isSaved = tried.loads === undefined && tried.saves === undefined;
  // That a trained model is read again is seen at defaults: the others differ in what is learnt alone.
  const isKept = !made.random && typeof tried.graph === "number" && tried.warnings.length === 0;
  const trained = isKept && each.option === "";
  const checked = isSaved
    ? await asked<Checked>(lane.keras, { ask: "check", id, trained })
    : undefined;
  return judge(each, { made, tried, checked });
}

/** An answer; when the process ends or hangs, what is said of it. */
async function asked<T extends object>(
  side: Helper,
  request: unknown,
): Promise<T & { error?: string }> {
  try {
    return await side.ask<T & { error?: string }>(request);
  } catch (error) {
    return { error: (error as Error).message } as T & { error?: string };
  }
}

/** Removes a case's files: all together they fill a small disk. */
function clear(folder: string, id: number): void {
  for (const name of fs.readdirSync(folder)) {
    if (name.startsWith(`${id}.`)) fs.rmSync(path.join(folder, name));
  }
}
