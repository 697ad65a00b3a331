/**
 * `npm run torture -- [SECTION…]` injects faults for as long as it takes and says what was seen.
 *
 * `--scale 0.1` tries a tenth, `--seed N` other random moments, `--save` puts the figures into docs/reliability.md.
 * The last line counts faults; the exit code is 1 when there is one.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { formatDuration } from "../../lib/text";
import { runCommand } from "../commands/main";
import type { Section, SectionResult } from "./section";
import { sections } from "./sections";

/** Faults that are shown of one section; of the others only the number. */
const SHOWN = 20;

const page = path.resolve(__dirname, "../../../docs/reliability.md");

interface Options {
  /** Names; all without any. */
  sections: string[];
  scale: number;
  seed: number;
  save: boolean;
}

async function main({ sections: wanted, scale, seed, save: saves }: Options): Promise<boolean> {
  let faults = 0;
  for (const section of sections) {
    if (wanted.length > 0 && !wanted.includes(section.name)) continue;
    const result = await runSection(section, { scale, seed });
    if (saves) save(section, result);
    faults += result.faults.length;
  }
  console.log(faults === 0 ? "No fault." : `${faults} faults.`);
  return faults === 0;
}

async function runSection(
  section: Section,
  options: { scale: number; seed: number },
): Promise<SectionResult> {
  console.log(`${section.name}: ${section.summary}`);
  const started = performance.now();
  const result = await section.run({ ...options, say: (line) => console.log(`  ${line}`) });
  for (const fault of result.faults.slice(0, SHOWN)) console.log(`  ✖ ${fault}`);
  const rest = result.faults.length - SHOWN;
  if (rest > 0) console.log(`  … and ${rest} more`);
  const duration = formatDuration((performance.now() - started) / 1000);
  console.log(`  ${result.tried} tried, ${result.faults.length} faults, ${duration}\n`);
  return result;
}

/** Puts a section's figures into its row of the page's table. */
function save({ name, summary }: Section, { tried, faults }: SectionResult): void {
  const date = new Date().toISOString().slice(0, 10);
  const row = `| \`${name}\` | ${summary} | ${tried.toLocaleString("en")} | ${faults.length} | ${date} |`;
  const lines = readFileSync(page, "utf8").split("\n");
  const own = lines.findIndex((line) => line.startsWith(`| \`${name}\` |`));
  const head = lines.findIndex((line) => line.startsWith("|---"));
  if (own >= 0) lines[own] = row;
  else lines.splice(head + 1, 0, row);
  writeFileSync(page, lines.join("\n"));
}

runCommand("torture", main);
