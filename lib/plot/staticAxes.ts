/** The axes of a static figure, as ECharts has them. */
import { type AxisKind, isOn, type Panel, positionOn } from "./panel";
import { plainText } from "./plotlyText";
import type { Axis, Datum, Trace } from "./specification";
import type { Ink } from "./style";

type Side = "x" | "y";

/** One axis of a panel. */
export function axisOption(
  panel: Panel,
  side: Side,
  { data, gridIndex, ink }: { data: readonly Trace[]; gridIndex: number; ink: Ink },
): object {
  const name = side === "x" ? panel.xName : panel.yName;
  const axis = side === "x" ? panel.xAxis : panel.yAxis;
  const kind = side === "x" ? panel.xKind : panel.yKind;
  const mine = data.filter((trace) => isOn(trace, { name, side }));
  const positions = mine.flatMap((trace) =>
    (trace[side] as readonly (Datum | null)[]).map((value) => positionOn(kind, value)),
  );
  const isHeatmap = mine.some(({ type }) => type === "heatmap");
  const isShown = !panel.hidden[side];
  const hasBars = mine.some((trace) => trace.type === "bar" && valueSide(trace) === side);
  const labels = positions.filter((value) => typeof value === "number");
  return {
    gridIndex,
    show: isShown,
    ...kindOption(kind, positions),
    ...extentOption(axis, { mine, side, kind, positions: labels, hasBars }),
    ...(axis.dtick === undefined || kind === "category" ? {} : { interval: axis.dtick }),
    scale: kind === "linear" && axis.rangemode !== "tozero" && !hasBars,
    position: axis.side ?? (side === "x" ? "bottom" : "left"),
    name: plainText(axis.title?.text ?? ""),
    nameLocation: "middle",
    nameGap: side === "x" ? 32 : 20 + labelWidth(kind, positions),
    nameTextStyle: { fontSize: 13, color: ink.quiet },
    axisLine: {
      show: !isHeatmap && side === "x",
      onZero: false,
      lineStyle: { color: ink.axis },
    },
    axisTick: { show: !isHeatmap && side === "x", lineStyle: { color: ink.axis } },
    axisLabel: {
      show: axis.showticklabels !== false,
      color: ink.text,
      fontSize: 12,
      hideOverlap: true,
      // The end of a given range is no round number, and next to the last tick it would look like one.
      showMinLabel: axis.range === undefined,
      showMaxLabel: axis.range === undefined,
      ...(kind === "category" && side === "x" ? categoryLabels(positions, panel.frame.width) : {}),
      ...labelFormat(axis, kind),
    },
    splitLine: {
      show:
        side === "y" &&
        kind !== "category" &&
        axis.showgrid !== false &&
        isShown &&
        axis.overlaying === undefined,
      lineStyle: { color: ink.rule },
    },
  };
}

/** The side along which a bar grows. */
function valueSide(trace: Trace): Side {
  return trace.type === "bar" && trace.orientation === "h" ? "x" : "y";
}

function kindOption(kind: AxisKind, positions: readonly unknown[]): object {
  if (kind !== "category") return { type: { linear: "value", log: "log", date: "time" }[kind] };
  return { type: "category", data: [...new Set(positions.filter((each) => each !== null))] };
}

function labelFormat(
  { tickformat, tickprefix = "", ticksuffix = "" }: Axis,
  kind: AxisKind,
): object {
  const percent = tickformat?.endsWith("%") ?? false;
  if (!percent && tickprefix === "" && ticksuffix === "") return {};
  if (kind === "date" || kind === "category") return {};
  return {
    formatter: (value: number) => {
      const text = percent ? `${Math.round(value * 100)}%` : value.toLocaleString("en");
      return plainText(tickprefix) + text + plainText(ticksuffix);
    },
  };
}

/** Every category has a name, in two lines where it must be; only very many are thinned out. */
function categoryLabels(positions: readonly unknown[], axisWidth: number): object {
  const width = axisWidth / new Set(positions).size - 8;
  return width < 30 ? {} : { interval: 0, hideOverlap: false, width, overflow: "break" };
}

/** About how many pixels the widest label of a vertical axis takes. */
export function labelWidth(kind: AxisKind, positions: readonly (Datum | null)[]): number {
  let widest = 4;
  for (const value of positions) {
    const isLarge = typeof value === "number" && Math.abs(value) >= 1000 && kind !== "date";
    const label =
      typeof value === "string" ? value : isLarge ? Math.round(value).toLocaleString("en") : "";
    widest = Math.max(widest, label.length);
  }
  return widest * 7;
}

interface Extent {
  mine: readonly Trace[];
  side: Side;
  kind: AxisKind;
  positions: readonly number[];
  hasBars: boolean;
}

/** Where an axis begins and ends; by itself ECharts ends it at the outermost points' centres. */
function extentOption(axis: Axis, { mine, side, kind, positions, hasBars }: Extent): object {
  const inverse = axis.autorange === "reversed";
  if (axis.range !== undefined && kind !== "category") {
    // Plotly gives the range of a logarithmic axis in powers of ten.
    const ends = axis.range.map((value) =>
      kind === "log" ? 10 ** Number(value) : Number(positionOn(kind, value)),
    ) as [number, number];
    return { min: Math.min(...ends), max: Math.max(...ends), inverse: ends[0] > ends[1] };
  }
  if (kind === "category" || positions.length === 0) return { inverse };
  const edges = mine.flatMap((trace) => barEdges(trace, side));
  if (edges.length > 0) return { min: Math.min(...edges), max: Math.max(...edges), inverse };
  const hasPoints = mine.some((trace) => trace.type === "scatter" && trace.mode !== "lines");
  if (kind !== "linear" || hasBars) return { inverse };
  const low = positions.reduce((a, b) => Math.min(a, b));
  const high = positions.reduce((a, b) => Math.max(a, b));
  const room = 0.05 * (high - low);
  const isBounded = axis.rangemode === "nonnegative" && low >= 0;
  return {
    ...(isBounded && low - room < 0 ? { min: 0 } : {}),
    // Shares end at one, though points have room.
    ...(isBounded && high <= 1 && high + room > 1 ? { max: 1 } : {}),
    ...(hasPoints ? { boundaryGap: ["4%", "4%"] } : {}),
    inverse,
  };
}

/** Both edges of bars of given widths. */
function barEdges(trace: Trace, side: Side): number[] {
  if (side !== "x" || trace.type !== "bar" || trace.width === undefined) return [];
  return trace.width.flatMap((width, i) => [
    Number(trace.x[i]) - width / 2,
    Number(trace.x[i]) + width / 2,
  ]);
}
