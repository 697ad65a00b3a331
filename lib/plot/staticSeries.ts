/** One trace of a figure as ECharts series. */
import type { CustomSeriesRenderItem, SeriesOption } from "echarts";
import { type ColorStop, mixScale, textColorOn } from "./color";
import { type Panel, positionOn } from "./panel";
import { plainText } from "./plotlyText";
import type { BarTrace, HeatmapTrace, ScatterTrace, Trace } from "./specification";

export interface SeriesContext {
  panel: Panel;
  panelIndex: number;
  /** Whether bars of one position stand on each other, or lie over each other. */
  stacked: boolean;
  overlaid: boolean;
}

/** Builds the series that draw a trace in its panel. */
export function traceSeries(trace: Trace, context: SeriesContext): SeriesOption[] {
  if (trace.type === "scatter") return scatterSeries(trace, context);
  return [trace.type === "bar" ? barSeries(trace, context) : heatmapSeries(trace, context)];
}

function placed({ name }: Trace, { panelIndex }: SeriesContext) {
  return { name, xAxisIndex: panelIndex, yAxisIndex: panelIndex };
}

const symbols: Readonly<Record<string, string>> = {
  square: "rect",
  diamond: "diamond",
  "triangle-up": "triangle",
  x: "path://M0 2L2 0L5 3L8 0L10 2L7 5L10 8L8 10L5 7L2 10L0 8L3 5Z",
};
const steps: Readonly<Record<string, "start" | "middle" | "end">> = {
  vh: "start",
  hvh: "middle",
  hv: "end",
};

function scatterSeries(trace: ScatterTrace, context: SeriesContext): SeriesOption[] {
  const { panel } = context;
  const { marker = {}, line = {}, text } = trace;
  const modes = trace.mode.split("+");
  const points = trace.x.map((x, index) => [
    positionOn(panel.xKind, x),
    positionOn(panel.yKind, trace.y[index] ?? null),
  ]) as [number, number][];
  const series: SeriesOption[] = [];
  if (modes.includes("lines")) {
    const shape = line.shape ?? "linear";
    series.push({
      ...placed(trace, context),
      type: "line",
      data: points,
      symbol: "none",
      itemStyle: { color: line.color! },
      lineStyle: { color: line.color!, width: line.width ?? 2, type: dashType(line.dash) },
      ...(shape === "spline" ? { smooth: 0.4 } : {}),
      ...(shape in steps ? { step: steps[shape]! } : {}),
      ...(trace.fill === "tozeroy" ? { areaStyle: { color: line.color!, opacity: 0.5 } } : {}),
    });
  }
  if (modes.includes("markers") || modes.includes("text")) {
    series.push({
      ...placed(trace, context),
      type: "scatter",
      data: points.map((value, index) => ({
        value,
        ...(modes.includes("markers") ? markerOf(marker, index) : { symbol: "none" }),
      })),
      // What the legend shows.
      ...(modes.includes("markers") ? { itemStyle: markerOf(marker, 0).itemStyle } : {}),
      clip: false,
      ...(modes.includes("text") && text !== undefined
        ? {
            label: {
              show: true,
              formatter: ({ dataIndex }: { dataIndex: number }) =>
                plainText(typeof text === "string" ? text : (text[dataIndex] ?? "")),
            },
          }
        : {}),
    });
  }
  return series;
}

function markerOf(marker: NonNullable<ScatterTrace["marker"]>, index: number) {
  const { color, size = 6, symbol = "circle", opacity, line } = marker;
  const own = (typeof color === "object" ? color[index] : color) as string;
  const isOpen = symbol.endsWith("-open");
  return {
    symbol: symbols[symbol.replace("-open", "")] ?? "circle",
    symbolSize: typeof size === "number" ? size : (size[index] ?? 6),
    itemStyle: isOpen
      ? { color: "transparent", borderColor: own, borderWidth: line?.width ?? 1 }
      : {
          color: own,
          opacity: opacity ?? (typeof size === "number" ? 1 : 0.7),
          ...(line?.width ? { borderColor: line.color ?? "#444444", borderWidth: line.width } : {}),
        },
  };
}

function dashType(dash = "solid"): "solid" | "dotted" | "dashed" {
  return dash === "solid" ? "solid" : dash === "dot" ? "dotted" : "dashed";
}

function barSeries(trace: BarTrace, context: SeriesContext): SeriesOption {
  const { panel, stacked, overlaid } = context;
  const { color, opacity = 1 } = trace.marker!;
  const colorAt = (index: number) => (typeof color === "object" ? color[index] : color) as string;
  const positions = trace.orientation === "h" ? trace.y : trace.x;
  if (trace.width === undefined || typeof positions[0] === "string") {
    return {
      ...placed(trace, context),
      type: "bar",
      data: trace.x.map((x, index) => ({
        value: [positionOn(panel.xKind, x), positionOn(panel.yKind, trace.y[index]!)] as number[],
        itemStyle: { color: colorAt(index), opacity: opacity * (trace.opacity ?? 1) },
      })),
      itemStyle: { color: colorAt(0) },
      barMaxWidth: 64,
      ...(stacked ? { stack: "all" } : {}),
      ...(overlaid ? { barGap: "-100%" } : {}),
    };
  }
  // Bars of given widths, as in a histogram, stand edge to edge on an axis of numbers.
  const widths = trace.width;
  const renderItem: CustomSeriesRenderItem = (_params, api) => {
    const x = Number(api.value(0));
    const half = Number(api.value(2)) / 2;
    const [left, top] = api.coord([x - half, api.value(1)]) as [number, number];
    const [right, bottom] = api.coord([x + half, 0]) as [number, number];
    const gap = Math.min(1, (right - left) / 8);
    return {
      type: "rect",
      shape: { x: left + gap / 2, y: top, width: right - left - gap, height: bottom - top },
      style: { fill: colorAt(0), opacity },
    };
  };
  return {
    ...placed(trace, context),
    type: "custom",
    data: trace.x.map((x, index) => [x, trace.y[index]!, widths[index]!] as number[]),
    renderItem,
    itemStyle: { color: colorAt(0) },
  };
}

function heatmapSeries(trace: HeatmapTrace, context: SeriesContext): SeriesOption {
  const [least, most] = [trace.zmin!, trace.zmax!];
  const scale = trace.colorscale as readonly ColorStop[];
  const renderItem: CustomSeriesRenderItem = (_params, api) => {
    const [row, column] = [Number(api.value(1)), Number(api.value(0))];
    const value = trace.z[row]?.[column] ?? null;
    if (value === null) return undefined;
    const [x, y] = api.coord([column, row]) as [number, number];
    const [width, height] = api.size!([1, 1]) as [number, number];
    const fill = mixScale(scale, (value - least) / (most - least || 1));
    const [xGap, yGap] = [trace.xgap ?? 0, trace.ygap ?? 0];
    return {
      type: "rect",
      shape: {
        x: x - (width - xGap) / 2,
        y: y - (height - yGap) / 2,
        width: width - xGap,
        height: height - yGap,
      },
      style: { fill },
      textContent: {
        type: "text",
        style: {
          text: cellText(trace, { row, column, value }),
          fill: textColorOn(fill),
          fontSize: 12,
          fontFamily: "Inter",
        },
      },
      textConfig: { position: "inside" },
    };
  };
  return {
    ...placed(trace, context),
    type: "custom",
    data: trace.z.flatMap((cells, row) => cells.map((_cell, column) => [column, row])),
    renderItem,
  };
}

function cellText(
  { text, texttemplate }: HeatmapTrace,
  { row, column, value }: { row: number; column: number; value: number },
): string {
  if (texttemplate === undefined) return "";
  return plainText(
    texttemplate
      .replaceAll(/%\{text\}/g, text?.[row]?.[column] ?? "")
      .replaceAll(/%\{z(:[^}]*)?\}/g, String(Number(value.toPrecision(4)))),
  );
}
