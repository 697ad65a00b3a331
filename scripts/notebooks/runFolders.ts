/**
 * What notebooks keep between runs: `data/runs/NN/` has the backups, checkpoints and features of notebook NN.
 *
 * A notebook that finds them there doesn't train again. Commands that check outputs must not find any.
 */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { claim, findAbandoned, settle, unfinishedPath } from "../../lib/files";

const ASIDE = { prefix: "runs.aside-" };

/** The folder of all runs; notebooks name it from their own folder. */
function runsFolder(notebooks: string): string {
  return path.resolve(notebooks, "../data/runs");
}

/** Runs `work` while no other process runs one of the named notebooks here; waits for one that does. */
export async function withRunsOf<T>(
  notebooks: string,
  names: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const release: (() => Promise<void>)[] = [];
  try {
    // In one order, so that two processes don't wait for each other.
    for (const name of [...names].sort()) {
      const place = path.join(runsFolder(notebooks), numberOf(name));
      const onWait = (pid: string) =>
        console.log(`Process ${pid} is running ${name}: waiting for it`);
      release.push(await claim(place, { onWait }));
    }
    return await work();
  } finally {
    for (const give of release.reverse()) await give();
  }
}

/** Removes what the named notebooks have kept. */
export function removeRuns(notebooks: string, names: readonly string[]): void {
  for (const name of names) {
    rmSync(path.join(runsFolder(notebooks), numberOf(name)), { recursive: true, force: true });
  }
}

/** `02` of `02-convnet-from-scratch`. */
function numberOf(name: string): string {
  return name.replace(/-.*/, "");
}

/**
 * Runs `work` as if the named notebooks had kept nothing; the user's own runs of them are there again afterwards.
 * What other notebooks have kept stays in sight: notebook 03 compares itself with 02.
 */
export async function withoutRuns<T>(
  notebooks: string,
  names: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  await bringRunsBack(notebooks);
  const runs = runsFolder(notebooks);
  const aside = unfinishedPath(path.dirname(runs), { ...ASIDE, stays: true });
  for (const number of names.map(numberOf)) {
    if (!existsSync(path.join(runs, number))) continue;
    mkdirSync(aside, { recursive: true });
    renameSync(path.join(runs, number), path.join(aside, number));
  }
  const putBack = () => {
    removeRuns(notebooks, names);
    if (existsSync(aside)) moveBack(aside, runs);
    settle(aside);
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

/** Undoes what a check that was killed has left: the user's runs come back in the place of its own. */
export async function bringRunsBack(notebooks: string): Promise<void> {
  const runs = runsFolder(notebooks);
  for (const aside of await findAbandoned(path.dirname(runs), ASIDE)) moveBack(aside, runs);
}

function moveBack(aside: string, runs: string): void {
  mkdirSync(runs, { recursive: true });
  for (const number of readdirSync(aside)) {
    rmSync(path.join(runs, number), { recursive: true, force: true });
    renameSync(path.join(aside, number), path.join(runs, number));
  }
  rmSync(aside, { recursive: true });
}
