/** The benchmark's results as tables. */
import os from "node:os";
import { engine } from "../../lib/index";

/** What one side did. */
export interface Result {
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
  /** How the figures came about, where the title doesn't say. */
  note?: string;
}

/** Says what the figures are of. */
export function printMachine(): void {
  console.log(`${machine()}\n`);
}

/** The machine at hand. */
export function machine(): string {
  const { CONVNETS_ISA } = process.env;
  const limit = CONVNETS_ISA ? `, no more by CONVNETS_ISA=${CONVNETS_ISA}` : "";
  return `${engine()}; ${engine().features.join(", ")}${limit}; ${Math.round(os.totalmem() / 2 ** 30)} GiB`;
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
  const peak = memoryRatio(result, base);
  const memory = peak === "" ? "" : `, peak ${peak}`;
  return `${result.label} : ${base.label}  ${time}, median ${typical}${memory}`;
}

function memory({ peakMiB }: Result): string {
  return peakMiB === undefined ? "" : `${Math.round(peakMiB)} MiB`;
}

function memoryRatio({ peakMiB }: Result, base: Result): string {
  return peakMiB === undefined || base.peakMiB === undefined
    ? ""
    : (peakMiB / base.peakMiB).toFixed(2);
}

/** The least of a side's figures. */
export function minimum({ values }: Result): number {
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
