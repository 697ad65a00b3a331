/** Where the panels of a figure are: up to three in a row, the next rows below. */

/** The part of the plotting area that a panel takes. */
export interface Place {
  x: readonly [number, number];
  y: readonly [number, number];
}

const perRow = 3;
/** Room between panels, as a share of the whole: for the labels of an axis, and for an axis' title and a heading. */
const gapBeside = 0.1;
const gapBelow = 0.24;

/** Places so many panels. */
export function placePanels(count: number): Place[] {
  const rows = Math.ceil(count / perRow);
  const columns = Math.ceil(count / rows);
  return Array.from({ length: count }, (_, panel) => {
    const row = Math.floor(panel / columns);
    return {
      x: part(panel % columns, columns, gapBeside),
      y: part(rows - 1 - row, rows, gapBelow),
    };
  });
}

/** How high a figure of so many panels is, in pixels. */
export function panelHeight(count: number): number {
  return 380 + 240 * (Math.ceil(count / perRow) - 1);
}

function part(index: number, count: number, gap: number): readonly [number, number] {
  const size = (1 - gap * (count - 1)) / count;
  const start = index * (size + gap);
  return [round(start), round(start + size)];
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
