/**
 * What notebooks keep between runs: `data/runs/NN/` has the backups, checkpoints and features of notebook NN.
 *
 * A notebook that finds them there doesn't train again. Commands that check outputs must not find any.
 */

import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

/** The folder of all runs; notebooks name it from their own folder. */
function runsFolder(notebooks: string): string {
  return path.resolve(notebooks, "../data/runs");
}

/** Removes what the named notebooks have kept. */
export function removeRuns(notebooks: string, names: readonly string[]): void {
  for (const name of names) {
    rmSync(path.join(runsFolder(notebooks), numberOf(name)), { recursive: true, force: true });
  }
}

/** `02` of `02-convnet-from-scratch`. */
function numberOf(name: string): string {
  return name.split("-")[0];
}

/** Runs `work` as if no notebook had kept anything; the user's own runs are there again afterwards. */
export async function withoutRuns<T>(notebooks: string, work: () => Promise<T>): Promise<T> {
  bringRunsBack(notebooks);
  const runs = runsFolder(notebooks);
  const aside = `${runs}.aside-${process.pid}`;
  if (existsSync(runs)) renameSync(runs, aside);
  const putBack = () => {
    rmSync(runs, { recursive: true, force: true });
    if (existsSync(aside)) renameSync(aside, runs);
  };
  const stop = (signal: NodeJS.Signals) => {
    putBack();
    process.off(signal, stop);
    process.kill(process.pid, signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, stop);
    putBack();
  }
}

/** Undoes what a check that was killed has left: its own runs go, the user's come back. */
export function bringRunsBack(notebooks: string): void {
  const runs = runsFolder(notebooks);
  const folder = path.dirname(runs);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = /^runs\.aside-(\d+)$/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    rmSync(runs, { recursive: true, force: true });
    renameSync(path.join(folder, name), runs);
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
