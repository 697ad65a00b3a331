/** The committed results of the benchmark, and the page that shows them. */
import fs from "node:fs/promises";
import path from "node:path";
import { plot } from "../../lib/index";
import { root } from "./folders";
import { machine, minimum, type Row, table } from "./report";
import { workerPictures } from "./workers/pictures";

/** A case's results as they are kept. */
export interface SavedRow extends Row {
  /** Year, month and day. */
  date: string;
  machine: string;
}

const folder = path.join(root, "lib/graph");
const savedFile = path.join(folder, "benchmarks.json");

/** Keeps a case's results instead of its earlier ones, and writes the page and its pictures anew. */
export async function saveResult(row: Row): Promise<void> {
  const earlier = await readSaved();
  const saved: SavedRow = {
    ...row,
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
  };
  const rows = withRow(earlier, saved);
  await fs.writeFile(savedFile, `${JSON.stringify(rows, undefined, 2)}\n`);
  await fs.writeFile(path.join(folder, "BENCHMARKS.md"), page(rows));
  for (const [name, svg] of Object.entries(pictures(rows))) {
    await fs.writeFile(path.join(folder, name), svg);
  }
}

/** The rows with another in the place of the one of the same case and instruction set, or behind the case's others. */
export function withRow(rows: readonly SavedRow[], row: SavedRow): SavedRow[] {
  const isSame = (other: SavedRow) =>
    other.name === row.name && isaOf(other.machine) === isaOf(row.machine);
  const at = rows.findIndex(isSame);
  if (at >= 0) return rows.with(at, row);
  const last = rows.findLastIndex(({ name }) => name === row.name);
  return last < 0 ? [...rows, row] : rows.toSpliced(last + 1, 0, row);
}

/** The instruction set of a machine that `machine()` has described: the last that it names. */
function isaOf(machine: string): string {
  const [, features = ""] = machine.split("; ");
  return features
    .replace(/, no more by .*/, "")
    .split(", ")
    .at(-1)!;
}

/** What is kept so far. */
export async function readSaved(): Promise<SavedRow[]> {
  try {
    return JSON.parse(await fs.readFile(savedFile, "utf8")) as SavedRow[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The page as Markdown. */
export function page(rows: readonly SavedRow[]): string {
  const sections = rows.map((row) => {
    const note = row.note === undefined ? "" : `${row.note}\n\n`;
    const shown = { ...row, title: `${row.title} [${isaOf(row.machine)}]` };
    return `\`\`\`text\n${table(shown)}\`\`\`\n\n${note}${row.date}; ${row.machine}`;
  });
  const shown = Object.keys(workerPictures(rows)).map((name) => `\n![Workers](${name})\n`);
  return `# Benchmarks

Written by \`npm run bench -- --save\`, case by case.

Every side of a case is a process that stays, and they run in turns. Ratios are to the first side in the same run,
Keras in float32 or this library at an earlier commit: of the minima, then of the medians. Smaller is better. Peak is
the most memory that a process held, the data included.

![Ratios](benchmarks.svg)
${shown.join("")}
${sections.join("\n\n")}
`;
}

/** The page's pictures as SVG, by name. */
export function pictures(rows: readonly SavedRow[]): Record<string, string> {
  return { "benchmarks.svg": ratios(rows), ...workerPictures(rows) };
}

function ratios(rows: readonly SavedRow[]): string {
  const labelOf = (name: string, machine: string) =>
    rows.filter((row) => row.name === name).length > 1 ? `${name} [${isaOf(machine)}]` : name;
  const ours = rows.flatMap(({ name, results, machine }) => {
    const result = results.find(({ label }) => label === "convnets");
    return result === undefined || results[0]!.label !== "Keras"
      ? []
      : [{ name: labelOf(name, machine), ratio: minimum(result) / minimum(results[0]!) }];
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
