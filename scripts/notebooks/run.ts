/** Checks a notebook with its progress on the terminal, and says how it went. */

import path from "node:path";
import { formatDuration } from "../../lib/text";
import { type Check, type CheckOptions, checkNotebook } from "./check";
import { describeMismatch, joinText, readNotebook } from "./compare";
import { repository } from "./paths";
import { openProgress } from "./progress";

/** Mismatches that are shown in full; of the others only the number. */
const SHOWN = 10;

/** Runs a notebook, shows its progress, then its failure, its mismatches or that it is good. */
export async function runNotebook(file: string, options: CheckOptions): Promise<Check> {
  const progress = openProgress(path.basename(file, ".ipynb"), readNotebook(file));
  try {
    const check = await checkNotebook(file, { ...options, onEvent: progress.show });
    progress.stop();
    console.log(describeCheck(file, check));
    return check;
  } finally {
    progress.stop();
  }
}

function describeCheck(file: string, check: Check): string {
  const { name, execution, mismatches, changed } = check;
  const { failure, cells, skipped, seconds } = execution;
  const lines: string[] = [];
  if (failure !== undefined) lines.push(describeFailure(file, check));
  for (const mismatch of (mismatches ?? []).slice(0, SHOWN)) {
    lines.push(describeMismatch(name, mismatch));
  }
  const rest = (mismatches?.length ?? 0) - SHOWN;
  if (rest > 0) lines.push(`… and ${rest} more mismatches`);
  if (changed !== undefined) {
    lines.push(
      `The outputs of this run: ${path.relative(repository, changed)}`,
      ...(failure === undefined ? [`To accept them: npm run fixtures -- --update ${name}`] : []),
    );
  }
  if (lines.length === 0) {
    const notRun = skipped > 0 ? `, ${skipped} not run (tagged skip-execution)` : "";
    const match = mismatches === undefined ? "" : ", as committed";
    lines.push(`  ${cells} cells in ${formatDuration(seconds, { tenths: true })}${match}${notRun}`);
  }
  return lines.join("\n");
}

function describeFailure(file: string, { name, execution }: Check): string {
  const { cell, message } = execution.failure!;
  if (cell === undefined) return `${name}: ${message}`;
  // A run with parameters has a cell more than the file.
  const executed = (execution.notebook ?? readNotebook(file)).cells[cell - 1];
  const source = joinText(executed?.source ?? "").split("\n");
  const error = executed?.outputs?.find((output) => output.output_type === "error");
  const traceback = error?.output_type === "error" ? error.traceback : [];
  return [
    `${name}, cell ${cell} failed: ${message}`,
    ...source.slice(0, 20).map((line) => `    | ${line}`),
    ...traceback.slice(0, 12).map((line) => `    ${line}`),
  ].join("\n");
}
