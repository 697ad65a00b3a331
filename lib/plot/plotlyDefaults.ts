/** What Plotly fills in where a specification says nothing, of the kinds of traces that the static picture draws. */
import { type ColorStop, hexOf, mixScale } from "./color";
import { plotlyColors, plotlyScales } from "./plotlyColors";
import type { BarTrace, Datum, HeatmapTrace, Layout, ScatterTrace, Trace } from "./specification";

/** A specification with what a static picture needs said, and what such a picture lacks. */
export interface CompleteFigure {
  traces: readonly Trace[];
  /** What can't be drawn, in words: `a pie "cats"`. */
  missing: readonly string[];
}

/** What the legend calls a trace. */
export function traceName({ name }: { name?: string | undefined }, index: number): string {
  return name ?? `trace ${index}`;
}

/** A trace as somebody wrote it. */
interface GivenTrace {
  type?: string;
  name?: string;
  mode?: string;
  x?: ArrayLike<unknown>;
  y?: ArrayLike<unknown>;
  z?: ArrayLike<ArrayLike<unknown>>;
  x0?: number;
  dx?: number;
  y0?: number;
  dy?: number;
  visible?: boolean | "legendonly";
  fill?: string;
  stackgroup?: string;
  error_x?: object;
  error_y?: object;
  orientation?: "v" | "h";
  colorscale?: string | readonly ColorStop[];
  reversescale?: boolean;
  zmin?: number;
  zmax?: number;
  marker?: ScatterTrace["marker"];
  line?: ScatterTrace["line"];
}

/** Plotly draws points on a line of fewer than this. */
const fewPoints = 20;

/** Says of each trace what Plotly would take. */
export function completeFigure(data: readonly Trace[], layout: Layout): CompleteFigure {
  const { colorway = plotlyColors } = layout;
  const traces: Trace[] = [];
  const missing: string[] = [];
  let colorIndex = 0;
  for (const [index, trace] of data.entries()) {
    const given = trace as GivenTrace;
    if (given.visible === false) continue;
    const color = colorway[colorIndex % colorway.length]!;
    colorIndex++;
    if (given.visible === "legendonly") continue;
    const name = traceName(given, index);
    const complete = completeTrace({ ...given, name }, color);
    if (complete === undefined) {
      const kind = (given.type ?? "scatter").replaceAll("_", " ");
      missing.push(given.name === undefined ? kind : `${kind} “${given.name}”`);
    } else {
      traces.push(complete);
      missing.push(...missingParts(given).map((part) => `${part} of “${name}”`));
    }
  }
  return { traces, missing };
}

function completeTrace(given: GivenTrace & { name: string }, color: string): Trace | undefined {
  switch (given.type ?? "scatter") {
    case "scatter":
    case "scattergl":
      return completeScatter(given, color);
    case "bar":
      return completeBar(given, color);
    case "heatmap":
      return completeHeatmap(given);
    default:
      return undefined;
  }
}

function missingParts({ type, fill = "none", stackgroup, ...given }: GivenTrace): string[] {
  const parts: string[] = [];
  if (given.error_x !== undefined || given.error_y !== undefined) parts.push("the error bars");
  const isArea = fill !== "none" && fill !== "tozeroy";
  if ((isArea || stackgroup !== undefined) && type !== "bar") parts.push("the filled area");
  return parts;
}

/** Both coordinates of each point; what isn't given counts up. */
function positionsOf({ x, y, x0 = 0, dx = 1, y0 = 0, dy = 1 }: GivenTrace) {
  const length = Math.min(
    x?.length ?? Number.POSITIVE_INFINITY,
    y?.length ?? Number.POSITIVE_INFINITY,
  );
  const count = Number.isFinite(length) ? length : 0;
  const along = (values: ArrayLike<unknown> | undefined, start: number, step: number) =>
    Array.from({ length: count }, (_, i) =>
      values === undefined ? start + step * i : datumOf(values[i]),
    );
  return { x: along(x, x0, dx) as Datum[], y: along(y, y0, dy) };
}

/** A value as JSON would carry it; what is no value is a gap. */
function datumOf(value: unknown): Datum | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.toISOString();
  return typeof value === "boolean" ? String(value) : null;
}

function completeScatter(
  given: GivenTrace & { name: string },
  color: string,
): ScatterTrace | undefined {
  const { marker, line } = given;
  const { x, y } = positionsOf(given);
  if (x.length === 0) return undefined;
  const usual = x.length < fewPoints && given.stackgroup === undefined ? "lines+markers" : "lines";
  const own = typeof marker?.color === "string" ? marker.color : undefined;
  return {
    ...(given as object),
    type: "scatter",
    name: given.name,
    mode: (given.mode ?? usual) as ScatterTrace["mode"],
    x,
    y,
    line: { ...line, color: line?.color ?? own ?? color },
    marker: { ...marker, color: markerColors(marker, line?.color ?? color) },
  };
}

/** One colour, or one for each point: numbers are places on a scale. */
function markerColors(marker: ScatterTrace["marker"], color: string): string | readonly string[] {
  const given = marker?.color ?? color;
  if (typeof given === "string") return given;
  const numbers = given.filter((value) => typeof value === "number");
  if (numbers.length === 0) return given as readonly string[];
  const scale = scaleOf(marker?.colorscale ?? automaticScale(numbers)) ?? plotlyScales.RdBu!;
  const [low, high] = extent(numbers);
  return given.map((value) => mixScale(scale, (Number(value) - low) / (high - low || 1)));
}

function completeBar(given: GivenTrace & { name: string }, color: string): BarTrace | undefined {
  const { x, y } = positionsOf(given);
  if (x.length === 0) return undefined;
  const usual = given.y === undefined ? "h" : "v";
  return {
    ...(given as object),
    type: "bar",
    name: given.name,
    orientation: given.orientation ?? usual,
    x,
    y: y as Datum[],
    marker: { ...given.marker, color: markerColors(given.marker, color) },
  };
}

function completeHeatmap(given: GivenTrace & { name: string }): HeatmapTrace | undefined {
  const rows = Array.from(given.z ?? [], (row) => Array.from(row ?? [], (value) => datumOf(value)));
  const width = rows[0]?.length ?? 0;
  const numbers = rows.flat().filter((value) => typeof value === "number");
  if (width === 0 || numbers.length === 0) return undefined;
  const { zmin, zmax } = given;
  const [low, high] = zmin !== undefined && zmax !== undefined ? [zmin, zmax] : extent(numbers);
  const scale = scaleOf(given.colorscale ?? "RdBu");
  // A scale by a name that isn't known here would be another picture.
  if (scale === undefined) return undefined;
  const reversed = scale.map(([at, color]): ColorStop => [1 - at, color]).reverse();
  const names = (
    values: ArrayLike<unknown> | undefined,
    start: number,
    step: number,
    count: number,
  ) =>
    Array.from({ length: count }, (_, i) =>
      values === undefined ? start + step * i : (datumOf(values[i]) ?? ""),
    );
  return {
    showscale: true,
    ...(given as object),
    type: "heatmap",
    name: given.name,
    x: names(given.x, given.x0 ?? 0, given.dx ?? 1, width),
    y: names(given.y, given.y0 ?? 0, given.dy ?? 1, rows.length),
    z: rows as (number | null)[][],
    zmin: low,
    zmax: high,
    colorscale: given.reversescale ? reversed : scale,
  };
}

function scaleOf(given: string | readonly ColorStop[]): readonly ColorStop[] | undefined {
  if (typeof given === "object") {
    const stops = given.map(([at, color]) => [at, hexOf(color)] as const);
    return stops.every((stop): stop is ColorStop => stop[1] !== undefined) ? stops : undefined;
  }
  return plotlyScales[given];
}

/** Plotly's own scale of markers for numbers of both signs, of one, and of the other. */
function automaticScale(numbers: readonly number[]): string {
  const [low, high] = extent(numbers);
  return low < 0 && high > 0 ? "RdBu" : low >= 0 ? "Reds" : "Blues";
}

function extent(numbers: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of numbers) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}
