/** `npm run bench -- --profile`: which op of TensorFlow takes how long in a case, ours beside Keras'. */
import fs from "node:fs";
import path from "node:path";
import { plot } from "../../lib/index";
import { cases } from "./cases";
import { root } from "./folders";
import { measurePeak } from "./peak";
import { type Profile, Side } from "./side";

/** What is compared: the modes of a case that compute the same. */
const compared = ["graph", "cached", "keras"];

/** Ops that take less than this share of the longest side are summed up. */
const smallestShare = 0.01;

interface ProfileOptions {
  repeats: number;
  scale: number;
}

/** The sides of a case with what each op takes. */
interface Profiled {
  label: string;
  /** The least time of a run without notes. */
  msPerUnit: number;
  ops: Profile;
}

/** Prints a case's profile as a table, and draws it. */
export async function profileCase(name: string, options: ProfileOptions): Promise<void> {
  const found = cases[name];
  if (found === undefined) return console.log(`${name}: a whole process has no profile\n`);
  await found.prepare?.();
  const sides: Profiled[] = [];
  const peaks = [await measurePeak()];
  for (const side of found.sides.filter(({ mode }) => compared.includes(mode))) {
    const running = await Side.start(side, { workload: found.workload, scale: options.scale });
    try {
      for (let round = 0; round <= options.repeats; round++) {
        await running.run({ counted: round > 0 });
      }
      const ops = byKind(await running.profile());
      sides.push({ label: side.label, msPerUnit: Math.min(...running.msPerUnit), ops });
    } finally {
      running.stop();
    }
    peaks.push(await measurePeak());
  }
  const title = `${found.title} (${found.unit})`;
  const rows = rowsOf(sides);
  console.log(profileTable(title, sides, rows));
  console.log(`${usedOf(Math.max(...peaks), sides)}\n`);
  console.log(`Drawn: ${path.relative(process.cwd(), draw(name, title, sides, rows))}\n`);
}

/** The same ops by one name, whichever library computes them: oneDNN's `_MklNativeConv2D` is a `Conv2D`. */
export function byKind(ops: Profile): Profile {
  const kinds: Profile = {};
  for (const [op, { calls, ms, flops }] of Object.entries(ops)) {
    const name = op.replace(/^_(Mkl(Native)?)?/, "");
    const before = kinds[name] ?? { calls: 0, ms: 0, flops: 0 };
    kinds[name] = {
      calls: before.calls + calls,
      ms: before.ms + ms,
      flops: before.flops + flops,
    };
  }
  return kinds;
}

/** The ops of all sides that take long enough for a row of their own, the longest first. */
export function rowsOf(sides: readonly Profiled[]): string[] {
  const longest = (op: string) => Math.max(...sides.map(({ ops }) => ops[op]?.ms ?? 0));
  const limit = smallestShare * Math.max(...sides.map(({ ops }) => sum(ops)));
  return [...new Set(sides.flatMap(({ ops }) => Object.keys(ops)))]
    .filter((op) => longest(op) >= limit)
    .sort((a, b) => longest(b) - longest(a));
}

/** A line for each op with milliseconds and calls of each side, the rest, and the sums. */
export function profileTable(
  title: string,
  sides: readonly Profiled[],
  rows: readonly string[],
): string {
  const width = Math.max(14, ...rows.map((op) => op.length)) + 2;
  const line = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}${cells.map((cell) => cell.padStart(22)).join("")}`;
  const cell = (ms: number, calls?: number) =>
    `${ms.toFixed(3)} ms${(calls === undefined ? "" : `${calls.toFixed(1)} ×`).padStart(10)}`;
  return [
    title,
    line(
      "",
      sides.map(({ label }) => label),
    ),
    ...rows.map((op) =>
      line(
        op,
        sides.map(({ ops }) => (ops[op] === undefined ? "" : cell(ops[op].ms, ops[op].calls))),
      ),
    ),
    line(
      "others",
      sides.map(({ ops }) => cell(restOf(ops, rows))),
    ),
    line(
      "all ops",
      sides.map(({ ops }) => cell(sum(ops))),
    ),
    line(
      "clock",
      sides.map(({ msPerUnit }) => cell(msPerUnit)),
    ),
    "  Nodes run beside each other, and wait for each other's threads: the ops may add up to more than the clock.",
  ].join("\n");
}

/**
 * How much of what the processor can do a step uses.
 *
 * @param peak 10⁹ operations a second.
 */
export function usedOf(peak: number, sides: readonly Profiled[]): string {
  const counted = Math.max(...sides.map(({ ops }) => sum(ops, "flops")));
  const used = sides.map(({ label, msPerUnit }) => {
    const rate = counted / msPerUnit / 1e6;
    return `${label} ${rate.toFixed(1)} a second, ${((100 * rate) / peak).toFixed(0)} % of it`;
  });
  return (
    `  ${(counted / 1e9).toPrecision(3)} 10⁹ operations in convolutions and matrix products; ` +
    `a product of large matrices does ${peak.toFixed(0)} · 10⁹ a second:\n  ${used.join("; ")}`
  );
}

function draw(
  name: string,
  title: string,
  sides: readonly Profiled[],
  rows: readonly string[],
): string {
  const names = [...rows, "others"].reverse();
  const figure = plot.figure({
    data: sides.map(({ label, ops }) => ({
      type: "bar",
      orientation: "h",
      name: label,
      y: names,
      x: [...rows.map((op) => ops[op]?.ms ?? 0), restOf(ops, rows)].reverse(),
    })),
    layout: {
      title: { text: title },
      height: 160 + 40 * names.length,
      xaxis: { title: { text: "ms" } },
    },
  });
  const file = path.join(root, "out", `profile-${name}.svg`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, figure.toSvg());
  return file;
}

function restOf(ops: Profile, rows: readonly string[]): number {
  return sum(Object.fromEntries(Object.entries(ops).filter(([op]) => !rows.includes(op))));
}

function sum(ops: Profile, what: "ms" | "flops" = "ms"): number {
  return Object.values(ops).reduce((total, op) => total + op[what], 0);
}
