/** Pictures of what was measured of workers. */
import { plot } from "../../../lib/index";
import { minimum, type Row } from "../report";

/** The rows that have a picture each, by its file's name. */
const drawn: Record<string, (row: Row) => string> = {
  "workers-growth.svg": growthPicture,
  "workers-simulated-pictures.svg": simulatedPicture,
  "workers-simulated-wide.svg": simulatedPicture,
};

/** Pictures of those rows that are there, as SVG by file's name. */
export function workerPictures(rows: readonly Row[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(drawn).flatMap(([file, draw]) => {
      const row = rows.find(({ name }) => `${name}.svg` === file);
      return row === undefined ? [] : [[file, draw(row)]];
    }),
  );
}

/** A line for each side, over the number of workers, which its labels end with. */
function growthPicture({ title, unit, results }: Row): string {
  const { x, lines } = series(results, /^(.+), (\d+) × \d+$/);
  return plot.line(lines, { x, title, xTitle: "workers", yTitle: unit }).toSvg();
}

/** A line for each network, over the number of machines: how much longer a step is than one machine's. */
function simulatedPicture({ title, results: [one, ...results] }: Row): string {
  const { x, lines } = series(results, /^(.+), (\d+) machines$/);
  const base = minimum(one!);
  const longer = Object.entries(lines).map(([name, ms]) => [name, ms.map((each) => each / base)]);
  const texts = { title, xTitle: "machines", yTitle: "a step : one machine's step" };
  return plot.line(Object.fromEntries(longer), { x, ...texts, logY: true }).toSvg();
}

/** Minima as lines by name; a label has a line's name and its place on the x axis. */
function series(
  results: Row["results"],
  label: RegExp,
): { x: number[]; lines: Record<string, number[]> } {
  const x = new Set<number>();
  const lines: Record<string, number[]> = {};
  for (const result of results) {
    const [, name, place] = label.exec(result.label)!;
    x.add(Number(place));
    lines[name!] = [...(lines[name!] ?? []), minimum(result)];
  }
  return { x: [...x], lines };
}
