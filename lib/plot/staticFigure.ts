/** Draws a figure as SVG on the server: Plotly's specification in, ECharts' drawing out. */
import type { EChartsOption } from "echarts";
import { findPanels, type Panel, positionOn } from "./panel";
import { completeFigure } from "./plotlyDefaults";
import { plainText } from "./plotlyText";
import { escapeMarkup } from "./raster";
import type { Datum, Layout, Trace } from "./specification";
import { axisOption, labelWidth } from "./staticAxes";
import { annotationTexts, colorBar } from "./staticMarks";
import { traceSeries } from "./staticSeries";
import { fontFamily, type Ink, onPaper } from "./style";
import { textWidth } from "./textWidth";

const defaultWidth = 760;
const defaultHeight = 400;
const margin = { left: 42, right: 28, top: 24, bottom: 62 };
const titleHeight = 30;
const subtitleHeight = 20;
const legendHeight = 26;
const noteHeight = 24;

/**
 * Draws the traces that lie on axes: scatter, bar and heatmap. What can't be drawn is said below them, or in their place.
 *
 * @returns An SVG document.
 */
export function drawFigure(data: readonly Trace[], layout: Layout, ink: Ink = onPaper): string {
  const { traces, missing } = completeFigure(data, layout);
  if (traces.length === 0) return drawNote(layout, { missing, ink });
  const width = layout.width ?? defaultWidth;
  const height = (layout.height ?? defaultHeight) + (missing.length > 0 ? noteHeight : 0);
  const { title } = layout;
  const rows = legendRows(traces, layout, width - 28);
  let top = margin.top + (title?.text ? titleHeight : 0) + (title?.subtitle ? subtitleHeight : 0);
  const legendTop = top - 10;
  top += rows.length * legendHeight + (layout.annotations === undefined ? 0 : 20);
  const panels = findPanels(
    traces,
    layout,
    areaOf(traces, layout, { top, width, height, missing }),
  );
  const context = { data: traces, ink };
  const option = {
    animation: false,
    backgroundColor: ink.background,
    textStyle: { fontFamily, color: ink.text },
    title: {
      show: Boolean(title?.text),
      text: plainText(title?.text ?? ""),
      subtext: plainText(title?.subtitle?.text ?? ""),
      left: 16,
      top: 14,
      itemGap: 7,
      textStyle: { fontSize: 16, fontWeight: 600, color: ink.text },
      subtextStyle: { fontSize: 13, color: ink.quiet },
    },
    legend: rows.map((entries, row) => ({
      data: entries,
      selectedMode: false,
      left: 14,
      top: legendTop + row * legendHeight,
      itemWidth: 22,
      itemHeight: 9,
      itemGap: 18,
      textStyle: { fontSize: 12.5, color: ink.text },
    })),
    grid: panels.map(({ frame }) => ({ ...frame, containLabel: false })),
    xAxis: panels.map((panel, gridIndex) => axisOption(panel, "x", { ...context, gridIndex })),
    yAxis: panels.map((panel, gridIndex) => axisOption(panel, "y", { ...context, gridIndex })),
    series: traces.flatMap((trace) => traceSeries(trace, seriesContext(trace, panels, layout))),
    graphic: [
      ...annotationTexts(layout, { panels, ink }),
      ...traces.flatMap((trace) => colorBar(trace, { panel: panelOf(trace, panels), ink })),
      ...(missing.length === 0
        ? []
        : [
            {
              type: "text",
              x: 16,
              y: height - 12,
              style: {
                text: noteText(missing),
                fill: ink.quiet,
                fontSize: 12,
                fontFamily,
                verticalAlign: "bottom",
              },
            },
          ]),
    ],
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

function panelOf(trace: Trace, panels: readonly Panel[]): Panel {
  const { xaxis = "x", yaxis = "y" } = trace;
  return panels.find(({ xName, yName }) => xName === xaxis && yName === yaxis)!;
}

function seriesContext(trace: Trace, panels: readonly Panel[], layout: Layout) {
  const panel = panelOf(trace, panels);
  const { barmode } = layout;
  return {
    panel,
    panelIndex: panels.indexOf(panel),
    stacked: barmode === "stack" || barmode === "relative",
    overlaid: barmode === "overlay",
  };
}

/** What is left for the plotting areas: labels and titles of vertical axes need room at the sides. */
function areaOf(
  traces: readonly Trace[],
  layout: Layout,
  size: { top: number; width: number; height: number; missing: readonly string[] },
): { left: number; top: number; width: number; height: number } {
  const whole = findPanels(traces, layout, { left: 0, top: 0, width: 1, height: 1 });
  let [left, right] = [margin.left, margin.right];
  for (const { yAxis, yName, yKind, frame } of whole) {
    const mine = traces.filter(({ yaxis = "y" }) => yaxis === yName);
    const positions = mine.flatMap(({ y }) =>
      (y as readonly (Datum | null)[]).map((value) => positionOn(yKind, value)),
    );
    const room = labelWidth(yKind, positions) + (yAxis.title?.text ? 26 : 8);
    if (yAxis.side === "right") right = Math.max(right, room + 12);
    else if (frame.left < 0.01) left = Math.max(left, room + 12);
  }
  if (traces.some((trace) => trace.type === "heatmap" && trace.showscale)) right += 62;
  const bottom = margin.bottom + (size.missing.length > 0 ? noteHeight : 0);
  return {
    left,
    top: size.top,
    width: size.width - left - right,
    height: Math.max(40, size.height - size.top - bottom),
  };
}

/** A short line, as Plotly shows for curves without markers. */
const lineIcon = "path://M0 0H20V2H0Z";

interface LegendEntry {
  name: string;
  icon?: string;
}

/** The entries of the legend, in as many rows as they need. */
function legendRows(traces: readonly Trace[], layout: Layout, width: number): LegendEntry[][] {
  if (layout.showlegend === false) return [];
  const named = traces.filter(({ type, showlegend = true }) => showlegend && type !== "heatmap");
  const isAsked = layout.showlegend === true || traces.some(({ showlegend }) => showlegend);
  if (named.length < (isAsked ? 1 : 2)) return [];
  const rows: LegendEntry[][] = [];
  let room = 0;
  for (const trace of named) {
    const isLine = trace.type === "scatter" && trace.mode === "lines";
    const entry = { name: trace.name!, ...(isLine ? { icon: lineIcon } : {}) };
    const needed = textWidth(entry.name, { size: 12.5 }) + 46;
    if (rows.length === 0 || needed > room) {
      rows.push([]);
      room = width;
    }
    rows.at(-1)!.push(entry);
    room -= needed;
  }
  return rows;
}

function noteText(missing: readonly string[]): string {
  return `Shown only where the figure is interactive: ${missing.join(", ")}`;
}

/** Says in the picture's place what it would show. */
function drawNote(
  layout: Layout,
  { missing, ink }: { missing: readonly string[]; ink: Ink },
): string {
  const title = plainText(layout.title?.text ?? "Figure");
  const note = missing.length === 0 ? "There is nothing to draw." : noteText(missing);
  const width = Math.min(
    defaultWidth,
    Math.ceil(
      Math.max(textWidth(title, { size: 16, bold: true }), textWidth(note, { size: 13 })) + 40,
    ),
  );
  const frame = `x="0.5" y="0.5" width="${width - 1}" height="83" rx="6" stroke="${ink.axis}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="84" font-family="${fontFamily}">`,
    `<rect ${frame} fill="${ink.background}"/>`,
    `<text x="16" y="34" font-size="16" font-weight="600" fill="${ink.text}">${escapeMarkup(title)}</text>`,
    `<text x="16" y="60" font-size="13" fill="${ink.quiet}">${escapeMarkup(note)}</text></svg>`,
  ].join("");
}
