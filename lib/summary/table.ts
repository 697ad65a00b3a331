/** Text tables in box-drawing characters, laid out as the table printer that Keras uses does it. */

/** A column. */
export interface TableColumn {
  title: string;
  align: "left" | "right" | "center";
  /** Wished width of the text, without padding. */
  width: number;
}

/**
 * Draws a table.
 *
 * @param width Width of the whole table in characters; columns shrink evenly until it fits.
 * @returns Lines joined by newlines.
 */
export function drawTable(columns: TableColumn[], rows: string[][], width: number): string {
  const widths = fittedWidths(
    columns.map((column) => column.width + 2),
    width - columns.length - 1,
  );
  const rule = (left: string, fill: string, middle: string, right: string) =>
    left + widths.map((size) => fill.repeat(size)).join(middle) + right;
  const body = rows.map((row) => drawRow(row, columns, widths, "│").join("\n"));
  const titles = columns.map((column) => column.title);
  return [
    rule("┏", "━", "┳", "┓"),
    drawRow(titles, columns, widths, "┃").join("\n"),
    rule("┡", "━", "╇", "┩"),
    body.join(`\n${rule("├", "─", "┼", "┤")}\n`),
    rule("└", "─", "┴", "┘"),
  ].join("\n");
}

/** Takes the excess from all columns alike, rounding halves to even. */
function fittedWidths(widths: number[], available: number): number[] {
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  if (excess <= 0) return widths;
  return widths.map((width, i) => {
    const share = Math.min(width, roundHalfToEven(excess / (widths.length - i)));
    excess -= share;
    return width - share;
  });
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function drawRow(
  cells: string[],
  columns: TableColumn[],
  widths: number[],
  edge: string,
): string[] {
  const wrapped = cells.map((cell, i) => wrap(cell, widths[i]! - 2));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const texts = wrapped.map(
      (lines, i) => ` ${aligned(lines[line] ?? "", widths[i]! - 2, columns[i]!.align)} `,
    );
    return edge + texts.join(edge) + edge;
  });
}

/** Breaks at spaces; a word that is too long is cut short with an ellipsis. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.match(/\s*\S+\s*/g) ?? [""]) {
    if (line !== "" && line.length + word.trimEnd().length > width) {
      lines.push(line);
      line = "";
    }
    line += word;
  }
  lines.push(line);
  return lines.map((full) => {
    const trimmed = full.trimEnd();
    return trimmed.length > width ? `${trimmed.slice(0, width - 1)}…` : trimmed;
  });
}

function aligned(text: string, width: number, align: TableColumn["align"]): string {
  if (align === "left") return text.padEnd(width);
  if (align === "right") return text.padStart(width);
  return text.padStart(text.length + Math.floor((width - text.length) / 2)).padEnd(width);
}
