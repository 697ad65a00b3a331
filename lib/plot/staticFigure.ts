/** Draws a figure as SVG on the server: Plotly's specification in, ECharts' drawing out. */
import type { EChartsOption, SeriesOption } from "echarts";
import type { Panel } from "./panel";
import { plainText } from "./plotlyText";
import type { Axis, Layout, Trace } from "./specification";
import { traceSeries } from "./staticSeries";
import { colorOf, fontFamily, ink } from "./style";

const defaultWidth = 760;
const defaultHeight = 400;
const margin = { left: 70, right: 28, top: 24, bottom: 62 };
const titleHeight = 34;
const legendHeight = 26;

/**
 * Draws the traces that lie on axes: scatter, bar and heatmap.
 *
 * @returns An SVG document, or undefined when a trace is of another type.
 */
export function drawFigure(data: readonly Trace[], layout: Layout): string | undefined {
  const drawable = data.every(({ type }) => ["scatter", "bar", "heatmap"].includes(type));
  if (!drawable) return undefined;
  const width = layout.width ?? defaultWidth;
  const height = layout.height ?? defaultHeight;
  const legend = legendEntries(data, layout);
  const panels = findPanels(data, layout, { width, height, hasLegend: legend.length > 0 });

  const series: SeriesOption[] = data.flatMap((trace, index) => {
    const panel = panels.findIndex(
      ({ xName, yName }) => xName === (trace.xaxis ?? "x") && yName === (trace.yaxis ?? "y"),
    );
    const options = {
      panel: panels[panel]!,
      panelIndex: panel,
      color: colorOf(index),
      stacked: layout.barmode === "stack",
    };
    return traceSeries(trace, options);
  });
  const option: EChartsOption = {
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily, color: ink.text },
    title: {
      show: layout.title !== undefined,
      text: plainText(layout.title?.text ?? ""),
      left: 16,
      top: 14,
      textStyle: { fontSize: 16, fontWeight: 600, color: ink.text },
    },
    legend: {
      show: legend.length > 0,
      data: legend,
      left: 14,
      top: layout.title === undefined ? 12 : 14 + titleHeight - 6,
      itemWidth: 22,
      itemHeight: 9,
      itemGap: 18,
      textStyle: { fontSize: 12.5, color: ink.text },
    },
    grid: panels.map(({ frame }) => ({ ...frame, containLabel: false })),
    xAxis: panels.map((panel, index) => axisOption(panel.xAxis, data, panel, index, "x")),
    yAxis: panels.map((panel, index) => axisOption(panel.yAxis, data, panel, index, "y")),
    series,
  } as EChartsOption;

  // Loaded on first use: a session that draws nothing should not wait for it.
  const echarts = require("echarts") as typeof import("echarts");
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption(option);
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function findPanels(
  data: readonly Trace[],
  layout: Layout,
  size: { width: number; height: number; hasLegend: boolean },
): Panel[] {
  const top =
    margin.top +
    (layout.title === undefined ? 0 : titleHeight) +
    (size.hasLegend ? legendHeight : 0);
  const left = margin.left + Math.max(0, widestLabel(data) - 4) * 7;
  const inner = {
    width: size.width - left - margin.right,
    height: size.height - top - margin.bottom,
  };
  const pairs = new Map<string, Panel>();
  for (const { xaxis: xName = "x", yaxis: yName = "y" } of data) {
    const xAxis = layout[`xaxis${xName.slice(1)}`] ?? {};
    const yAxis = layout[`yaxis${yName.slice(1)}`] ?? {};
    const [x0, x1] = xAxis.domain ?? [0, 1];
    const [y0, y1] = yAxis.domain ?? [0, 1];
    const frame = {
      left: left + x0 * inner.width,
      top: top + (1 - y1) * inner.height,
      width: (x1 - x0) * inner.width,
      height: (y1 - y0) * inner.height,
    };
    pairs.set(`${xName} ${yName}`, { xName, yName, xAxis, yAxis, frame });
  }
  return [...pairs.values()];
}

/** About how many characters the widest label of a vertical axis has: it needs room at the left. */
function widestLabel(data: readonly Trace[]): number {
  let widest = 0;
  for (const value of data.flatMap(({ y }) => y as readonly unknown[])) {
    const isLarge = typeof value === "number" && Math.abs(value) >= 1000;
    const label =
      typeof value === "string" ? value : isLarge ? Math.round(value).toLocaleString("en") : "";
    widest = Math.max(widest, label.length);
  }
  return widest;
}

/** A short line, as Plotly shows for curves without markers. */
const lineIcon = "path://M0 0H20V2H0Z";

function legendEntries(data: readonly Trace[], layout: Layout): { name: string; icon?: string }[] {
  if (layout.showlegend === false) return [];
  const named = data.filter(
    ({ type, name, showlegend = true }) => showlegend && name !== undefined && type !== "heatmap",
  );
  if (named.length < 2 && layout.showlegend !== true) return [];
  return named.map((trace) => {
    const isLine = trace.type === "scatter" && trace.mode === "lines";
    return { name: trace.name!, ...(isLine ? { icon: lineIcon } : {}) };
  });
}

function axisOption(
  axis: Axis,
  data: readonly Trace[],
  panel: Panel,
  gridIndex: number,
  which: "x" | "y",
): object {
  const mine = data.filter(
    ({ xaxis = "x", yaxis = "y" }) => xaxis === panel.xName && yaxis === panel.yName,
  );
  const positions: readonly unknown[] = mine.flatMap((trace) => trace[which] as readonly unknown[]);
  const isCategory =
    axis.type === "category" || positions.some((value) => typeof value === "string");
  const isHeatmap = mine.some(({ type }) => type === "heatmap");
  const showRules = which === "y" && !isCategory && axis.showgrid !== false;
  return {
    gridIndex,
    type: isCategory ? "category" : axis.type === "log" ? "log" : "value",
    ...(isCategory ? { data: [...new Set(positions.map(String))] } : {}),
    ...extentOption(axis, mine, which),
    ...(axis.dtick === undefined ? {} : { interval: axis.dtick }),
    scale: !isCategory && axis.rangemode !== "tozero" && !mine.some(({ type }) => type === "bar"),
    inverse: axis.autorange === "reversed",
    name: plainText(axis.title?.text ?? ""),
    nameLocation: "middle",
    nameGap: which === "x" ? 32 : 42 + Math.max(0, widestLabel(mine) - 4) * 7,
    nameTextStyle: { fontSize: 13, color: ink.quiet },
    axisLine: { show: !isHeatmap && which === "x", onZero: false, lineStyle: { color: ink.axis } },
    axisTick: { show: !isHeatmap && which === "x", lineStyle: { color: ink.axis } },
    axisLabel: {
      color: ink.text,
      fontSize: 12,
      hideOverlap: true,
      // The end of a given range is no round number, and next to the last tick it would look like one.
      showMaxLabel: axis.range === undefined,
      ...(isCategory && which === "x" ? categoryLabels(positions, panel.frame.width) : {}),
      ...(axis.tickformat?.endsWith("%")
        ? { formatter: (value: number) => `${Math.round(value * 100)}%` }
        : {}),
    },
    splitLine: { show: showRules, lineStyle: { color: ink.rule } },
  };
}

/** Every category has a name, in two lines where it must be; only very many are thinned out. */
function categoryLabels(positions: readonly unknown[], axisWidth: number): object {
  const width = axisWidth / new Set(positions).size - 8;
  return width < 30 ? {} : { interval: 0, hideOverlap: false, width, overflow: "break" };
}

/** Where a numeric axis begins and ends; by itself ECharts ends it at the outermost points' centres. */
function extentOption(axis: Axis, data: readonly Trace[], which: "x" | "y"): object {
  if (axis.range !== undefined) return { min: axis.range[0], max: axis.range[1] };
  const edges = data.flatMap((trace) =>
    which === "x" && trace.type === "bar" && trace.width !== undefined
      ? trace.width.flatMap((width, i) => [
          Number(trace.x[i]) - width / 2,
          Number(trace.x[i]) + width / 2,
        ])
      : [],
  );
  if (edges.length > 0) return { min: Math.min(...edges), max: Math.max(...edges) };
  const hasPoints = data.some((trace) => trace.type === "scatter" && trace.mode !== "lines");
  return hasPoints ? { boundaryGap: ["4%", "4%"] } : {};
}
