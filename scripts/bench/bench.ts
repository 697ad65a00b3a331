/**
 * `npm run bench`: this library beside Python Keras, in one run.
 *
 * Every side of a case is a process that stays; they run in turns, so that the machine's moods meet all of them.
 * Ratios are to Keras in float32: of the minima (Keras has a slow mode on some machines), with medians beside.
 * `--save` puts each case's results, with date and machine, in the place of its earlier ones; `--torch` adds PyTorch;
 * `--scale N` makes each run N times as long, for machines that are done with it in a moment; `--beside FOLDER` puts
 * the library beside that another checkout has compiled, such as the commit before a change, in rows of their own;
 * `--profile` says which op takes how long, ours beside Keras'; `--isa NAME` lets the processor stand for a lesser one.
 */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { runCommand } from "../commands/main";
import { cases } from "./cases";
import { httpTimes } from "./http";
import { importTimes } from "./imports";
import { limitProcessor } from "./isa";
import { saveResult } from "./page";
import { profileCase } from "./profile";
import { printMachine, type Row, table } from "./report";
import { Side, type SideName } from "./side";
import { prepareTorch, torchCases, torchSides } from "./torch";
import { workerRows } from "./workers/measure";

/** The modes of ours that another build is put beside. */
const besides = ["graph", "cached", "cached-fixed"];

/** Cases that have sides of their own kind. */
const wholes: Record<string, (repeats: number) => Promise<Row>> = {
  import: importTimes,
  "serving-http": httpTimes,
};

interface Options {
  /** Names of cases, of wholes, and `workers`. */
  cases: string[];
  repeats: number;
  scale: number;
  save: boolean;
  profile: boolean;
  torch: boolean;
  beside: string | undefined;
  isa: string | undefined;
}

async function main(options: Options): Promise<boolean> {
  if (options.isa !== undefined) limitProcessor(options.isa);
  if (options.torch) prepareTorch();
  printMachine();
  if (options.profile) {
    for (const name of options.cases) await profileCase(name, options);
    return true;
  }
  for (const name of options.cases) {
    for (const row of await rowsOf(name, options)) {
      console.log(table(row));
      if (row.note !== undefined) console.log(`${row.note}\n`);
      // After each case, so that a run that is cut short has kept what it measured.
      if (options.save) await saveResult(row);
    }
  }
  return true;
}

async function rowsOf(name: string, options: Options): Promise<Row[]> {
  if (name === "workers") return workerRows(options);
  return [await (wholes[name]?.(options.repeats) ?? measure(name, options))];
}

async function measure(name: string, options: Options): Promise<Row> {
  const { repeats, scale, torch, beside } = options;
  const { workload, prepare } = cases[name]!;
  const { sides, ...head } = beside === undefined ? usual(name, torch) : compared(name, beside);
  await prepare?.();
  const started = await Promise.allSettled(
    sides.map((side) => Side.start(side, { workload, scale })),
  );
  const running = started.flatMap((side) => (side.status === "fulfilled" ? [side.value] : []));
  try {
    for (const side of started) if (side.status === "rejected") throw side.reason;
    for (let round = 0; round <= repeats; round++) {
      for (const side of running) await side.run({ counted: round > 0 });
    }
  } finally {
    for (const side of running) side.stop();
  }
  const results = running.map(({ name: { label }, msPerUnit, peakMiB }) => ({
    label,
    values: msPerUnit,
    peakMiB,
  }));
  return { ...head, results };
}

/** A row before its results, and the sides that give them. */
type Plan = Omit<Row, "results"> & { sides: SideName[] };

function usual(name: string, torch: boolean): Plan {
  const { title, unit, pairs, sides } = cases[name]!;
  const others = torch && torchCases.includes(name) ? torchSides : [];
  return { name, title, unit, pairs, sides: [...sides, ...others] };
}

/** The library as another checkout has compiled it, then this one; ratios are to the former. */
function compared(name: string, checkout: string): Plan {
  const library = path.resolve(checkout, ".build/lib");
  const git = ["-C", checkout, "rev-parse", "--short", "HEAD"];
  const commit = execFileSync("git", git, { encoding: "utf8" }).trim();
  const { title, unit, sides } = cases[name]!;
  const now = sides.filter(({ mode }) => besides.includes(mode));
  const labelThen = (label: string) => label.replace("convnets", commit);
  const then = now.map(({ label, mode }) => ({ label: labelThen(label), mode, library }));
  return {
    name: `${name} beside ${commit}`,
    title: `${title}; beside ${commit}`,
    unit,
    pairs: now.slice(1).map(({ label }) => [label, labelThen(label)]),
    sides: [...then, ...now, ...sides.filter(({ mode }) => mode === "keras")],
  };
}

runCommand("bench", main);
