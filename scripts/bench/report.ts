/** Tables and the committed results of the benchmark. */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { engine, plot } from "../../lib/index";
import { root } from "./side";

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
  title: string;
  unit: string;
  results: Result[];
}

/** Says what the figures are of. */
export function printMachine(): void {
  const { features } = engine();
  console.log(`${engine()}\n${features.join(", ")}, ${Math.round(os.totalmem() / 2 ** 30)} GiB\n`);
}

/** The case as lines of text. */
export function table({ title, unit, results }: Row): string {
  const [base] = results as [Result];
  const lines = results.map((result) => {
    const ratio = minimum(result) / minimum(base);
    const cells = [
      result.label.padEnd(22),
      number(minimum(result)).padStart(9),
      number(median(result)).padStart(9),
      ratio.toFixed(2).padStart(7),
      (median(result) / median(base)).toFixed(2).padStart(9),
      memory(result).padStart(10),
      memoryRatio(result, base).padStart(8),
    ];
    return `  ${cells.join("")}`;
  });
  const head = `  ${"".padEnd(22)}${"min".padStart(9)}${"median".padStart(9)}${"ratio".padStart(7)}${"(median)".padStart(9)}${"peak".padStart(10)}${"ratio".padStart(8)}`;
  return `${title} (${unit})\n${head}\n${lines.join("\n")}\n`;
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

/** Writes the results to lib/graph/BENCHMARKS.md, with a picture drawn by the library itself. */
export async function writeResults(rows: Row[]): Promise<void> {
  const folder = path.join(root, "lib/graph");
  const sections = rows.map((row) => `\`\`\`text\n${table(row)}\`\`\``);
  const machine = `${engine()}; ${engine().features.join(", ")}; ${Math.round(os.totalmem() / 2 ** 30)} GiB.`;
  await fs.writeFile(
    path.join(folder, "BENCHMARKS.md"),
    `# Benchmarks

Written by \`npm run bench -- --save\` on ${new Date().toISOString().slice(0, 10)}. ${machine}

Every side of a case is a process that stays, and they run in turns. Ratios are to Keras in float32 in the same run:
of the minima, then of the medians. Smaller is better. Peak is the most memory that a process held, the data included.

![Ratios](benchmarks.png)

${sections.join("\n\n")}
`,
  );
  const names = rows.flatMap(({ title, results }) =>
    results.slice(1).map(({ label }) => `${title}: ${label}`),
  );
  const ratios = rows.flatMap(({ results }) =>
    results.slice(1).map((result) => minimum(result) / minimum(results[0]!)),
  );
  const figure = plot.bar(ratios, {
    x: names,
    yTitle: "time : Keras float32 (minimum)",
    title: "Smaller is faster",
    height: 560,
  });
  const { bundle } = figure.toBundle();
  await fs.writeFile(
    path.join(folder, "benchmarks.png"),
    Buffer.from(bundle["image/png"] as string, "base64"),
  );
}
