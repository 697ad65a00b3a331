/**
 * Real workers on this machine: processes that do the same cases together, one after another. This file is what each of
 * them runs: `node crew.js RANK PORTS NAMES FOLDER OPTIONS`.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type MultiWorkerOptions, multiWorkerMirrored, tf } from "../../lib/index";
import { freePorts } from "../../scripts/workers/freePorts";
import { behaviours } from "./behaviours";
import { cases } from "./cases";

/** What a worker says of a case. */
export interface Report {
  name: string;
  outcome: unknown;
  /** How many tensors it has left. */
  tensors: number;
}

/** Lets workers do cases, and gives what each reports, by rank. @param optionsOf Of a worker's strategy, by its rank. */
export async function runCrew(
  size: number,
  names: readonly string[],
  folder: string,
  optionsOf: (rank: number) => MultiWorkerOptions = () => ({}),
): Promise<Report[][]> {
  const ports = await freePorts(size);
  return Promise.all(
    ports.map((_, rank) => runWorker([rank, ports, names, folder, optionsOf(rank)])),
  );
}

/** A worker's rank, all ports, what is to be done, the folder that all have, and options of the strategy. */
type Task = readonly [
  rank: number,
  ports: number[],
  names: readonly string[],
  folder: string,
  options: MultiWorkerOptions,
];

async function runWorker(task: Task): Promise<Report[]> {
  const args = task.map((each) => JSON.stringify(each));
  const child = spawn(process.execPath, [__filename, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const reports: Report[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue; // what the library prints
    const said = JSON.parse(line) as Report | { error: string };
    if ("error" in said) throw new Error(`worker ${task[0]}: ${said.error}`);
    reports.push(said);
  }
  return reports;
}

async function work([rank, ports, names, folder, options]: Task): Promise<void> {
  const strategy = multiWorkerMirrored({
    cluster: { worker: ports.map((port) => `127.0.0.1:${port}`) },
    task: { type: "worker", index: rank },
    startSeconds: 60,
    timeoutSeconds: 60,
    ...options,
  });
  for (const name of names) {
    const before = tf.memory().numTensors;
    const equal = cases[name]?.(strategy, rank);
    const outcome = await (equal ?? behaviours[name]!(strategy, { rank, folder }));
    say({ name, outcome, tensors: tf.memory().numTensors - before });
  }
}

function say(what: Report | { error: string }): void {
  process.stdout.write(`\n${JSON.stringify(what)}\n`);
}

if (require.main === module) {
  work(process.argv.slice(2).map((each) => JSON.parse(each)) as unknown as Task).then(
    () => process.exit(0),
    (error: Error) => {
      say({ error: String(error.stack) });
      process.exit(1);
    },
  );
}
