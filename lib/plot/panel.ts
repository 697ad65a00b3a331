/** Where a static figure draws. */
import type { Axis, AxisName, Datum, Layout, Trace } from "./specification";

/** How positions on an axis are read. */
export type AxisKind = "category" | "date" | "linear" | "log";

/** A pair of axes with the frame that they span, in pixels. */
export interface Panel {
  xName: string;
  yName: string;
  xAxis: Axis;
  yAxis: Axis;
  xKind: AxisKind;
  yKind: AxisKind;
  frame: { left: number; top: number; width: number; height: number };
  /** Axes that an earlier panel draws already. */
  hidden: { x: boolean; y: boolean };
}

type Side = "x" | "y";

/** The pairs of axes that the traces lie on, in the area that is left for them. */
export function findPanels(
  data: readonly Trace[],
  layout: Layout,
  area: { left: number; top: number; width: number; height: number },
): Panel[] {
  const panels = new Map<string, Panel>();
  for (const { xaxis: xName = "x", yaxis: yName = "y" } of data) {
    const key = `${xName} ${yName}`;
    if (panels.has(key)) continue;
    const [xAxis, yAxis] = [axisOf(layout, xName), axisOf(layout, yName)];
    const [x0, x1] = domainOf(layout, xName);
    const [y0, y1] = domainOf(layout, yName);
    const earlier = [...panels.values()];
    panels.set(key, {
      xName,
      yName,
      xAxis,
      yAxis,
      xKind: kindOf(xAxis, data, { name: xName, side: "x" }),
      yKind: kindOf(yAxis, data, { name: yName, side: "y" }),
      frame: {
        left: area.left + x0 * area.width,
        top: area.top + (1 - y1) * area.height,
        width: (x1 - x0) * area.width,
        height: (y1 - y0) * area.height,
      },
      hidden: {
        x: xAxis.visible === false || earlier.some((panel) => panel.xName === xName),
        y: yAxis.visible === false || earlier.some((panel) => panel.yName === yName),
      },
    });
  }
  return [...panels.values()];
}

/** Where a layout has the axis that traces call `x2`: `xaxis2`. */
export function axisName(id: string): AxisName {
  return `${id.startsWith("y") ? "y" : "x"}axis${id.slice(1)}`;
}

function axisOf(layout: Layout, id: string): Axis {
  return layout[axisName(id)] ?? {};
}

function domainOf(layout: Layout, name: string): readonly [number, number] {
  const { domain, overlaying } = axisOf(layout, name);
  if (domain !== undefined) return domain;
  if (overlaying !== undefined && overlaying !== name) return domainOf(layout, overlaying);
  return cellOf(layout, name);
}

/** Where `layout.grid` puts an axis: subplots in rows and columns. */
function cellOf(layout: Layout, name: string): readonly [number, number] {
  const { rows = 1, columns = 1, pattern = "coupled", roworder, ...gaps } = layout.grid ?? {};
  if (rows * columns < 2) return [0, 1];
  const number = Number(name.slice(1) || 1) - 1;
  const isSeparate = pattern === "independent";
  const isX = name.startsWith("x");
  const count = isX ? columns : rows;
  const column = isSeparate ? number % columns : number;
  const row = isSeparate ? Math.floor(number / columns) : number;
  if ((isX ? column : row) >= count) return [0, 1];
  const fromBottom = roworder === "bottom to top" ? row : rows - 1 - row;
  const gap = isX
    ? (gaps.xgap ?? (isSeparate ? 0.2 : 0.1))
    : (gaps.ygap ?? (isSeparate ? 0.3 : 0.1));
  const step = 1 / (count - gap);
  const start = step * (isX ? column : fromBottom);
  return [start, start + step * (1 - gap)];
}

/** Whether a trace lies on the axis. */
export function isOn(trace: Trace, { name, side }: { name: string; side: Side }): boolean {
  return (side === "x" ? (trace.xaxis ?? "x") : (trace.yaxis ?? "y")) === name;
}

function kindOf(axis: Axis, data: readonly Trace[], place: { name: string; side: Side }): AxisKind {
  const { type } = axis;
  if (type === "log" || type === "date" || type === "category" || type === "linear") return type;
  const mine = data.filter((trace) => isOn(trace, place));
  if (mine.some((trace) => trace.type === "heatmap")) return "category";
  const values = mine.flatMap((trace) => trace[place.side] as readonly (Datum | null)[]);
  return kindOfValues([...new Set(values)].filter((value) => value !== null));
}

/** As Plotly guesses: dates or names where most of the different values are, else numbers. */
function kindOfValues(values: readonly Datum[]): AxisKind {
  const numbers = values.filter(isNumeric).length;
  const dates = values.filter((value) => typeof value === "string" && isDate(value)).length;
  if (dates > 2 * numbers) return "date";
  return values.length - numbers > 2 * numbers ? "category" : "linear";
}

function isNumeric(value: Datum): boolean {
  return typeof value === "number" || (value.trim() !== "" && Number.isFinite(Number(value)));
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{1,2}(-\d{1,2}([ T]\d{1,2}(:\d{1,2}(:\d{1,2}(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?)?)?$/.test(
    text,
  );
}

/** A position as the axis counts: a number, the name of a category, or nothing. */
export function positionOn(kind: AxisKind, value: Datum | null): Datum | null {
  if (value === null) return null;
  if (kind === "category") return String(value);
  if (kind === "date") return typeof value === "number" ? value : dateNumber(value);
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** Milliseconds, without a shift of time zones, as Plotly reads dates. */
function dateNumber(text: string): number | null {
  const whole = text.replace(" ", "T").replace(/(Z|[+-]\d\d:?\d\d)$/, "");
  const time = Date.parse(whole.includes("T") ? `${whole}Z` : whole);
  return Number.isFinite(time) ? time : null;
}
