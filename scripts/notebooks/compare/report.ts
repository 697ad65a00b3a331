/** Says what a mismatch is: where, the source, and a short diff of expected against actual. */

import type { Mismatch } from "./compare";

const SOURCE_LINES = 8;
const DIFF_LINES = 12;
const LINE_WIDTH = 160;

/** A mismatch as text for a terminal. */
export function describeMismatch(notebook: string, mismatch: Mismatch): string {
  const { cell, executionCount, source, what } = mismatch;
  const count = executionCount === undefined ? "" : ` [${executionCount}]`;
  return [
    `${notebook}, cell ${cell}${count}: ${what}`,
    ...shorten(source.split("\n"), SOURCE_LINES).map((line) => `    | ${line}`),
    ...shorten(diffLines(mismatch.expected, mismatch.actual), DIFF_LINES).map(
      (line) => `    ${line}`,
    ),
  ].join("\n");
}

/** Lines that differ, with one line around them: `-` expected, `+` actual. */
function diffLines(expected: string, actual: string): string[] {
  if (expected === "" && actual === "") return [];
  const before = expected.split("\n");
  const after = actual.split("\n");
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before.at(-1 - end) === after.at(-1 - end)
  ) {
    end++;
  }
  const context = before.slice(Math.max(0, start - 1), start).map((line) => `  ${line}`);
  const half = DIFF_LINES / 2 - 1;
  return [
    ...context,
    ...shorten(before.slice(start, before.length - end), half).map((line) => `- ${line}`),
    ...shorten(after.slice(start, after.length - end), half).map((line) => `+ ${line}`),
  ];
}

function shorten(lines: string[], limit: number): string[] {
  const cut = lines.map((line) =>
    line.length > LINE_WIDTH ? `${line.slice(0, LINE_WIDTH - 1)}…` : line,
  );
  if (cut.length <= limit) return cut;
  return [...cut.slice(0, limit - 1), `… ${cut.length - limit + 1} more lines`];
}
