/** Tables and the committed results of the benchmark. */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { engine, plot } from "../../lib/index";
import { root } from "./folders";

/** What one side did. */
interface Result {
  label: string;
  /** Smaller is better; in the row's unit. */
  values: number[];
  /** Most memory that the process ever held; undefined where it isn't the point. */
  peakMiB?: number;
}

/** One case with all its sides; the first is what the others are compared with. */
export interface Row {
  /** The case's short name. */
  name: string;
  title: string;
  unit: string;
  results: Result[];
  /** Labels of results that are compared with another than the first. */
  pairs?: [label: string, base: string][];
}

/** Says what the figures are of. */
export function printMachine(): void {
  console.log(`${machine()}\n`);
}

function machine(): string {
  return `${engine()}; ${engine().features.join(", ")}; ${Math.round(os.totalmem() / 2 ** 30)} GiB`;
}

/** The case as lines of text. */
export function table({ title, unit, results, pairs = [] }: Row): string {
  const [base] = results as [Result];
  const width = Math.max(22, ...results.map(({ label }) => label.length + 1));
  const lines = results.map((result) => {
    const ratio = minimum(result) / minimum(base);
    const cells = [
      result.label.padEnd(width),
      number(minimum(result)).padStart(9),
      number(median(result)).padStart(9),
      ratio.toFixed(2).padStart(7),
      (median(result) / median(base)).toFixed(2).padStart(9),
      memory(result).padStart(10),
      memoryRatio(result, base).padStart(8),
    ];
    return `  ${cells.join("")}`;
  });
  const titles: [title: string, width: number][] = [
    ["min", 9],
    ["median", 9],
    ["ratio", 7],
    ["(median)", 9],
    ["peak", 10],
    ["ratio", 8],
  ];
  const columns = titles.map(([title, size]) => title.padStart(size)).join("");
  const head = `  ${"".padEnd(width)}${columns}`;
  const named = (wanted: string) => results.find(({ label }) => label === wanted)!;
  for (const [label, other] of pairs) {
    lines.push(`  ${comparison(named(label), named(other))}`);
  }
  return `${title} (${unit})\n${head}\n${lines.join("\n")}\n`;
}

function comparison(result: Result, base: Result): string {
  const time = (minimum(result) / minimum(base)).toFixed(2);
  const typical = (median(result) / median(base)).toFixed(2);
  return `${result.label} : ${base.label}  ${time}, median ${typical}, peak ${memoryRatio(result, base)}`;
}

function memory({ peakMiB }: Result): string {
  return peakMiB === undefined ? "" : `${Math.round(peakMiB)} MiB`;
}

function memoryRatio({ peakMiB }: Result, base: Result): string {
  return peakMiB === undefined || base.peakMiB === undefined
    ? ""
    : (peakMiB / base.peakMiB).toFixed(2);
}

function minimum({ values }: Result): number {
  return Math.min(...values);
}

function median({ values }: Result): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** A case's results as they are kept. */
interface SavedRow extends Row {
  /** Year, month and day. */
  date: string;
  machine: string;
}

const folder = path.join(root, "lib/graph");
const savedFile = path.join(folder, "benchmarks.json");

/** Keeps a case's results instead of its earlier ones, and writes the page and its picture anew. */
export async function saveResult(row: Row): Promise<void> {
  const earlier: SavedRow[] = await readSaved();
  const saved: SavedRow = {
    ...row,
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
  };
  const at = earlier.findIndex(({ name }) => name === row.name);
  const rows = at < 0 ? [...earlier, saved] : earlier.with(at, saved);
  await fs.writeFile(savedFile, `${JSON.stringify(rows, undefined, 2)}\n`);
  await fs.writeFile(path.join(folder, "BENCHMARKS.md"), page(rows));
  await fs.writeFile(path.join(folder, "benchmarks.svg"), picture(rows));
}

async function readSaved(): Promise<SavedRow[]> {
  try {
    return JSON.parse(await fs.readFile(savedFile, "utf8")) as SavedRow[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function page(rows: SavedRow[]): string {
  const sections = rows.map(
    (row) => `\`\`\`text\n${table(row)}\`\`\`\n\n${row.date}; ${row.machine}`,
  );
  return `# Benchmarks

Written by \`npm run bench -- --save\`, case by case.

Every side of a case is a process that stays, and they run in turns. Ratios are to the first side in the same run,
Keras in float32 or this library at an earlier commit: of the minima, then of the medians. Smaller is better. Peak is
the most memory that a process held, the data included.

![Ratios](benchmarks.svg)

${sections.join("\n\n")}
`;
}

function picture(rows: Row[]): string {
  const ours = rows.flatMap(({ name, results }) => {
    const result = results.find(({ label }) => label === "convnets");
    return result === undefined || results[0]!.label !== "Keras"
      ? []
      : [{ name, ratio: minimum(result) / minimum(results[0]!) }];
  });
  const figure = plot.bar(
    ours.map(({ ratio }) => ratio),
    {
      x: ours.map(({ name }) => name),
      yTitle: "time : Keras, float32 (minimum)",
      title: "convnets beside Keras: smaller is faster",
    },
  );
  return figure.toSvg();
}
