/** One trace of a figure as ECharts series. */
import type { CustomSeriesRenderItem, SeriesOption } from "echarts";
import { mixScale, textColorOn } from "./color";
import type { Panel } from "./panel";
import type { BarTrace, HeatmapTrace, ScatterTrace, Trace } from "./specification";

export interface SeriesContext {
  panel: Panel;
  panelIndex: number;
  /** The colour of a trace that names none. */
  color: string;
  stacked: boolean;
}

/** Builds the series that draw a trace in its panel. */
export function traceSeries(trace: Trace, context: SeriesContext): SeriesOption[] {
  if (trace.type === "scatter") return scatterSeries(trace, context);
  return [trace.type === "bar" ? barSeries(trace, context) : heatmapSeries(trace, context)];
}

function placed({ name }: Trace, { panelIndex }: SeriesContext) {
  return { name, xAxisIndex: panelIndex, yAxisIndex: panelIndex };
}

function scatterSeries(trace: ScatterTrace, context: SeriesContext): SeriesOption[] {
  const points = trace.x.map((x, index) => [x, trace.y[index] ?? null] as [number, number]);
  const series: SeriesOption[] = [];
  const markerColor = trace.marker?.color;
  const color =
    trace.line?.color ?? (typeof markerColor === "string" ? markerColor : context.color);
  if (trace.mode.includes("lines")) {
    series.push({
      ...placed(trace, context),
      type: "line",
      data: points,
      symbol: trace.mode === "lines+markers" ? "circle" : "none",
      symbolSize: trace.marker?.size ?? 6,
      itemStyle: { color },
      lineStyle: { color, width: trace.line?.width ?? 2, type: dashType(trace.line?.dash) },
    });
  } else {
    const hollow = trace.marker?.symbol === "circle-open";
    series.push({
      ...placed(trace, context),
      type: "scatter",
      data: points.map((value, index) =>
        typeof markerColor === "object"
          ? { value, itemStyle: { color: markerColor[index] } }
          : value,
      ),
      symbol: "circle",
      symbolSize: trace.marker?.size ?? 6,
      itemStyle: hollow
        ? { color: "transparent", borderColor: color, borderWidth: trace.marker?.line?.width ?? 2 }
        : { color, opacity: trace.marker?.opacity ?? 1 },
    });
  }
  return series;
}

function dashType(dash: "solid" | "dot" | "dash" = "solid"): "solid" | "dotted" | "dashed" {
  return dash === "solid" ? "solid" : dash === "dot" ? "dotted" : "dashed";
}

function barSeries(trace: BarTrace, context: SeriesContext): SeriesOption {
  const colors = trace.marker?.color;
  const fallback = typeof colors === "string" ? colors : context.color;
  const colorAt = (index: number) => (typeof colors === "object" ? colors[index]! : fallback);
  const positions = trace.orientation === "h" ? trace.y : trace.x;
  if (trace.width === undefined || typeof positions[0] === "string") {
    return {
      ...placed(trace, context),
      type: "bar",
      data: trace.x.map((x, index) => ({
        value: [x, trace.y[index]!],
        itemStyle: { color: colorAt(index) },
      })),
      itemStyle: { color: fallback },
      barMaxWidth: 64,
      ...(context.stacked ? { stack: "all" } : {}),
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
      style: { fill: fallback, opacity: trace.marker?.opacity ?? 1 },
    };
  };
  return {
    ...placed(trace, context),
    type: "custom",
    data: trace.x.map((x, index) => [x, trace.y[index]!, widths[index]!] as number[]),
    renderItem,
    itemStyle: { color: fallback },
  };
}

function heatmapSeries(trace: HeatmapTrace, context: SeriesContext): SeriesOption {
  const values = trace.z.flat();
  const least = trace.zmin ?? values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = trace.zmax ?? values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const scale = trace.colorscale ?? [];
  const renderItem: CustomSeriesRenderItem = (_params, api) => {
    const [row, column] = [Number(api.value(1)), Number(api.value(0))];
    const [x, y] = api.coord([column, row]) as [number, number];
    const [width, height] = api.size!([1, 1]) as [number, number];
    const fill = mixScale(scale, (trace.z[row]![column]! - least) / (most - least || 1));
    const text = trace.texttemplate === undefined ? "" : (trace.text?.[row]?.[column] ?? "");
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
        style: { text, fill: textColorOn(fill), fontSize: 12, fontFamily: "Inter" },
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
