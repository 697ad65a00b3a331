/** A table for the terminal: a heading, a rule and rows, each column as wide as its widest entry. */
export function formatTable(heading: readonly string[], rows: readonly string[][]): string {
  const widths = heading.map((name, i) =>
    Math.max(name.length, ...rows.map((row) => row[i]!.length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((text, i) => text.padEnd(widths[i]!))
      .join("  ")
      .trimEnd();
  return [
    line(heading),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...rows.map(line),
  ].join("\n");
}
